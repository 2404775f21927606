import type { BundledPackage } from "./bundled-packages.ts";

/** A package may grow this much before somebody has to look: our own imports decide how much of it is left out. */
const GROWTH = 1.1;
const GROWTH_BYTES = 2_000;

const BYTES_COLUMN = 4;
const ROW =
  /^\| `(?<name>[^`]+)`\s*\| (?<version>\S+)\s*\| (?<licence>.+?)\s*\| (?<digest>\S+)\s*\|\s*(?<bytes>[\d,]+) \|$/;

/** The list as people read it, and as `readBundleList` reads it again. */
export function renderBundleList(packages: readonly BundledPackage[]): string {
  const rows = packages.map(({ name, version, licence, digest, bytes }) => [
    `\`${name}\``,
    version,
    licence,
    digest,
    bytes.toLocaleString("en-US"),
  ]);
  const head = ["package", "version", "licence", "content", "bytes"];
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => (at === BYTES_COLUMN ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0))).join(" | ")} |`;
  const rule = `| ${widths.map((width, at) => (at === BYTES_COLUMN ? `${"-".repeat(width - 1)}:` : "-".repeat(width))).join(" | ")} |`;
  return `# What reaches the deployed bundle

Everything in the Worker that is not its own \`src\`, with what is left of it there, not minified. \`npm run bundle\` builds the Worker and fails when something is in it that is not here, or under another licence, in another version, with other content than package-lock.json had for it, or a good deal larger; \`npm run bundle -- --update\` writes this page.

${[line(head), rule, ...rows.map(line)].join("\n")}
`;
}

export function readBundleList(text: string): BundledPackage[] {
  return text.split("\n").flatMap((row) => {
    const { name, version, licence, digest, bytes } = ROW.exec(row)?.groups ?? {};
    if (name === undefined || version === undefined || licence === undefined) return [];
    if (digest === undefined || bytes === undefined) return [];
    return [{ name, version, licence, digest, bytes: Number(bytes.replaceAll(",", "")) }];
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

function findingsOf(
  { name, version, licence, digest, bytes }: BundledPackage,
  listed: BundledPackage | undefined,
): string[] {
  if (listed === undefined) return [`${name} ${version} (${licence}, ${bytes} bytes) is new in the bundle.`];
  const findings: string[] = [];
  if (licence !== listed.licence) findings.push(`${name} has the licence ${licence}, not ${listed.licence}.`);
  if (version !== listed.version) findings.push(`${name} is in version ${version}, not ${listed.version}.`);
  else if (digest !== listed.digest)
    findings.push(`${name} ${version} has other content: ${digest}, not ${listed.digest}.`);
  if (bytes > listed.bytes * GROWTH + GROWTH_BYTES)
    findings.push(`${name} grew from ${listed.bytes} to ${bytes} bytes.`);
  return findings;
}
