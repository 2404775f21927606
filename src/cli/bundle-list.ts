import type { BundledPackage } from "./bundled-packages.ts";

/** A package may grow this much before somebody has to look: our own imports decide how much of it is left out. */
const GROWTH = 1.1;
const GROWTH_BYTES = 2_000;

const ROW = /^\| `(?<name>[^`]+)`\s*\| (?<version>\S+)\s*\| (?<licence>.+?)\s*\|\s*(?<bytes>[\d,]+) \|$/;

/** The list as people read it, and as `readBundleList` reads it again. */
export function renderBundleList(packages: readonly BundledPackage[]): string {
  const rows = packages.map(({ name, version, licence, bytes }) => [
    `\`${name}\``,
    version,
    licence,
    bytes.toLocaleString("en-US"),
  ]);
  const head = ["package", "version", "licence", "bytes"];
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => (at === 3 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0))).join(" | ")} |`;
  const rule = `| ${widths.map((width, at) => (at === 3 ? `${"-".repeat(width - 1)}:` : "-".repeat(width))).join(" | ")} |`;
  return `# What reaches the deployed bundle

Everything in the Worker that is not its own \`src\`, with what is left of it there, not minified. \`npm run bundle\` builds the Worker and fails when something is in it that is not here, or under another licence, in another version, or a good deal larger; \`npm run bundle -- --update\` writes this page.

${[line(head), rule, ...rows.map(line)].join("\n")}
`;
}

export function readBundleList(text: string): BundledPackage[] {
  return text.split("\n").flatMap((row) => {
    const { name, version, licence, bytes } = ROW.exec(row)?.groups ?? {};
    if (name === undefined || version === undefined || licence === undefined || bytes === undefined) return [];
    return [{ name, version, licence, bytes: Number(bytes.replaceAll(",", "")) }];
  });
}

/** What is in the bundle otherwise than in the list, in sentences; nothing where they agree. */
export function bundleFindings(listed: readonly BundledPackage[], bundled: readonly BundledPackage[]): string[] {
  const known = new Map(listed.map((entry) => [entry.name, entry]));
  const names = new Set(bundled.map(({ name }) => name));
  return [
    ...bundled.flatMap((entry) => findingsOf(entry, known.get(entry.name))),
    ...listed.filter(({ name }) => !names.has(name)).map(({ name }) => `${name} is not in the bundle any more.`),
  ];
}

function findingsOf({ name, version, licence, bytes }: BundledPackage, listed: BundledPackage | undefined): string[] {
  if (listed === undefined) return [`${name} ${version} (${licence}, ${bytes} bytes) is new in the bundle.`];
  const findings: string[] = [];
  if (licence !== listed.licence) findings.push(`${name} has the licence ${licence}, not ${listed.licence}.`);
  if (version !== listed.version) findings.push(`${name} is in version ${version}, not ${listed.version}.`);
  if (bytes > listed.bytes * GROWTH + GROWTH_BYTES)
    findings.push(`${name} grew from ${listed.bytes} to ${bytes} bytes.`);
  return findings;
}
