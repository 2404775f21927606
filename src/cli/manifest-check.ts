import { styleText } from "node:util";

import { compileResolved, resolveManifest, type CompiledManifest } from "#sources/manifest/compile";
import { ManifestError, type ManifestIssue } from "#sources/manifest/document/manifest-error";
import { parseDocument } from "#sources/manifest/document/parse-document";
import type { Finding } from "#sources/manifest/finding";
import { isTooLong, MAX_DOCUMENT_LENGTH } from "#sources/manifest/stored-manifest";
import { manifestWarnings } from "#sources/manifest/warnings";
import { CannotStart } from "./cannot-start.ts";
import { readTextFile } from "./text-file.ts";

/** Findings of one stream that are shown to a person; `--json` has all. */
const SHOWN_FINDINGS = 5;

/** The same for the warnings of a manifest. */
const SHOWN_WARNINGS = 20;

interface CheckedStream {
  readonly name: string;
  readonly primary_key: readonly (readonly string[])[] | null;
  readonly incremental: boolean;
  readonly supported: boolean;
  readonly findings: readonly Finding[];
}

interface CheckedManifest {
  readonly file: string;
  /** What keeps the whole manifest from running; empty where at least some of it can. */
  readonly issues: readonly ManifestIssue[];
  readonly streams: readonly CheckedStream[];
  /** Streams that only the config or the API tells. */
  readonly dynamic_streams: readonly Pick<CheckedStream, "name" | "supported" | "findings">[];
  /** What is probably a mistake, though it keeps nothing from running. */
  readonly warnings: readonly ManifestIssue[];
}

/**
 * Prints what of each manifest can run here, and why the rest can't.
 *
 * @returns 0 where everything can, 1 where something can't
 */
export function checkManifests(files: readonly string[], { asJson }: { readonly asJson: boolean }): number {
  const checked = files.map(checkManifest);
  if (asJson) console.log(JSON.stringify(checked, null, 2));
  else for (const one of checked) console.log(reportOf(one));
  return checked.every(isFine) ? 0 : 1;
}

function checkManifest(file: string): CheckedManifest {
  let warnings: readonly ManifestIssue[] = [];
  try {
    const document = parseDocument(readTextFile(file));
    const resolved = resolveManifest(document);
    if (isTooLong(resolved)) throw tooLong();
    warnings = manifestWarnings(document, resolved);
    return described(file, compileResolved(resolved), warnings);
  } catch (error) {
    if (error instanceof ManifestError) return unusable(file, error.issues, warnings);
    // The other files are checked all the same.
    if (error instanceof CannotStart) return unusable(file, [{ path: [], message: error.message }], warnings);
    throw error;
  }
}

function tooLong(): ManifestError {
  const message = `With its references resolved the manifest has more than ${MAX_DOCUMENT_LENGTH} characters, the most that it may have.`;
  return new ManifestError([{ path: [], message }]);
}

function unusable(file: string, issues: readonly ManifestIssue[], warnings: readonly ManifestIssue[]): CheckedManifest {
  return { file, issues, streams: [], dynamic_streams: [], warnings };
}

function described(file: string, manifest: CompiledManifest, warnings: readonly ManifestIssue[]): CheckedManifest {
  return {
    file,
    issues: [],
    warnings,
    streams: manifest.streams.map(({ name, primaryKey, incremental, findings, build }) => ({
      name,
      primary_key: primaryKey,
      incremental,
      supported: build !== null,
      findings,
    })),
    dynamic_streams: manifest.dynamicStreams.map(({ name, findings, build }) => ({
      name,
      supported: build !== null,
      findings,
    })),
  };
}

function isFine({ issues, streams, dynamic_streams: dynamic }: CheckedManifest): boolean {
  return issues.length === 0 && [...streams, ...dynamic].every(({ supported }) => supported);
}

function reportOf(checked: CheckedManifest): string {
  const { file, issues, streams, dynamic_streams: dynamic, warnings } = checked;
  const all = [...streams, ...dynamic];
  const running = all.filter(({ supported }) => supported).length;
  const summary =
    issues.length > 0
      ? styleText("red", "can't be used")
      : running === all.length
        ? styleText("green", `all ${all.length} streams run`)
        : styleText("yellow", `${running} of ${all.length} streams run`);
  const lines = [`${styleText("bold", file)}: ${summary}`, ...issues.map((issue) => `  ${problemOf(issue)}`)];
  const shown = new Shown();
  for (const stream of streams) {
    const key = stream.primary_key?.map((path) => path.join(".")).join(", ") ?? "none";
    const kind = stream.incremental ? "incremental" : "full";
    lines.push(`  ${markOf(stream.supported)} ${stream.name}  ${styleText("dim", `${kind}, key: ${key}`)}`);
    lines.push(...shown.problemsOf(stream.findings));
  }
  for (const { name, supported, findings } of dynamic) {
    const title = name === "" ? "streams found at run time" : `${name}: streams found at run time`;
    lines.push(`  ${markOf(supported)} ${title}`, ...shown.problemsOf(findings));
  }
  const told = warnings
    .slice(0, SHOWN_WARNINGS)
    .map((warning) => `  ${styleText("yellow", "!")} ${problemOf(warning)}`);
  lines.push(...told);
  if (warnings.length > told.length) lines.push(`  … and ${warnings.length - told.length} more warnings`);
  return `${lines.join("\n")}\n`;
}

function markOf(supported: boolean): string {
  return supported ? styleText("green", "✓") : styleText("red", "✗");
}

/** What was told of one stream is not told again of others that refer to the same component. */
class Shown {
  readonly #told = new Set<string>();

  problemsOf(findings: readonly Finding[]): string[] {
    const fresh = findings.filter((finding) => {
      const mistake = JSON.stringify([finding.path.at(-1), finding.message]);
      return !this.#told.has(mistake) && this.#told.add(mistake);
    });
    const lines = fresh.slice(0, SHOWN_FINDINGS).map((finding) => `      ${problemOf(finding)}`);
    const more = fresh.length - lines.length;
    if (more > 0) lines.push(`      … and ${more} more`);
    const repeated = findings.length - fresh.length;
    if (repeated > 0)
      lines.push(
        `      ${lines.length > 0 ? "and the same" : "the same"} as above, in ${repeated} ${repeated === 1 ? "place" : "places"}`,
      );
    return lines;
  }
}

function problemOf({ path, message }: ManifestIssue): string {
  return path.length === 0 ? message : `${styleText("dim", path.join("."))}: ${message}`;
}
