import { styleText } from "node:util";

import { compileManifest, type CompiledManifest } from "#sources/manifest/compile";
import { ManifestError, type ManifestIssue } from "#sources/manifest/document/manifest-error";
import { parseDocument } from "#sources/manifest/document/parse-document";
import type { Finding } from "#sources/manifest/finding";
import { readTextFile } from "./text-file.ts";

/** Findings of one stream that are shown to a person; `--json` has all. */
const SHOWN_FINDINGS = 5;

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
  try {
    return described(file, compileManifest(parseDocument(readTextFile(file))));
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { file, issues: error.issues, streams: [], dynamic_streams: [] };
  }
}

function described(file: string, manifest: CompiledManifest): CheckedManifest {
  return {
    file,
    issues: [],
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
  const { file, issues, streams, dynamic_streams: dynamic } = checked;
  const all = [...streams, ...dynamic];
  const running = all.filter(({ supported }) => supported).length;
  const summary =
    issues.length > 0
      ? styleText("red", "can't be used")
      : running === all.length
        ? styleText("green", `all ${all.length} streams run`)
        : styleText("yellow", `${running} of ${all.length} streams run`);
  const lines = [`${styleText("bold", file)}: ${summary}`, ...issues.map((issue) => `  ${problemOf(issue)}`)];
  for (const stream of streams) {
    const key = stream.primary_key?.map((path) => path.join(".")).join(", ") ?? "none";
    const kind = stream.incremental ? "incremental" : "full";
    lines.push(`  ${markOf(stream.supported)} ${stream.name}  ${styleText("dim", `${kind}, key: ${key}`)}`);
    lines.push(...problemsOf(stream.findings));
  }
  for (const { name, supported, findings } of dynamic) {
    const title = name === "" ? "streams found at run time" : `${name}: streams found at run time`;
    lines.push(`  ${markOf(supported)} ${title}`, ...problemsOf(findings));
  }
  return `${lines.join("\n")}\n`;
}

function markOf(supported: boolean): string {
  return supported ? styleText("green", "✓") : styleText("red", "✗");
}

function problemsOf(findings: readonly Finding[]): string[] {
  const shown = findings.slice(0, SHOWN_FINDINGS).map((finding) => `      ${problemOf(finding)}`);
  const more = findings.length - shown.length;
  return more > 0 ? [...shown, `      … and ${more} more`] : shown;
}

function problemOf({ path, message }: ManifestIssue): string {
  return path.length === 0 ? message : `${styleText("dim", path.join("."))}: ${message}`;
}
