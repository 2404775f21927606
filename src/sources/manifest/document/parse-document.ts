import { LineCounter, parseDocument as parseYaml, type ScalarTag } from "yaml";

import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { ManifestError } from "./manifest-error.ts";

/** Largest manifest. The largest published ones are half as big, nearly all of it JSON schemas. */
export const MAX_MANIFEST_BYTES = 2_000_000;

/** Anchors that a manifest may repeat; each use is a copy, so unlimited ones could fill the memory from a few lines. */
const MAX_ALIASES = 1_000;

/**
 * Parses a manifest, YAML or JSON. YAML is read as version 1.1, which the tools that manifests are written for use:
 * `yes` and `on` are booleans, `<<` merges. Dates stay text.
 *
 * @throws ManifestError that names line and column
 */
export function parseDocument(text: string): JsonObject {
  const bytes = new TextEncoder().encode(text).byteLength;
  if (bytes > MAX_MANIFEST_BYTES) {
    throw new ManifestError([
      { path: [], message: `The manifest has ${bytes} bytes, ${MAX_MANIFEST_BYTES} are allowed.` },
    ]);
  }
  const value = parseText(text);
  if (!isJsonObject(value)) {
    throw new ManifestError([
      { path: [], message: "A manifest is an object with version, check and streams; this is something else." },
    ]);
  }
  return value;
}

function parseText(text: string): Json {
  if (text.trimStart().startsWith("{")) {
    try {
      return toJson(JSON.parse(text), []);
    } catch (error) {
      // Flow-style YAML begins like JSON.
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  const lines = new LineCounter();
  const document = parseYaml(text, {
    version: "1.1",
    merge: true,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "silent",
    customTags: (tags) => [...tags.filter((tag) => typeof tag === "string" || !READ_OTHERWISE.has(tag.tag)), ...SCALARS],
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    const reason = error.message.replace(/\.$/, "");
    throw new ManifestError([{ path: [], message: `Line ${line}, column ${col}: ${reason}.` }]);
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    throw new ManifestError([
      { path: [], message: `The manifest repeats its anchors more than ${MAX_ALIASES} times.` },
    ]);
  }
  return toJson(value, []);
}

/** Dates stay text; booleans and fractions are read as below. */
const READ_OTHERWISE: ReadonlySet<string> = new Set([
  "tag:yaml.org,2002:timestamp",
  "tag:yaml.org,2002:bool",
  "tag:yaml.org,2002:float",
]);

/**
 * What PyYAML takes for a boolean or a fraction, which is less than YAML 1.1 has: `y` and `1e5` are text. A manifest
 * that names a field `y` means the letter.
 */
const SCALARS: ScalarTag[] = [
  {
    default: true,
    tag: "tag:yaml.org,2002:bool",
    test: /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/,
    resolve: () => true,
  },
  {
    default: true,
    tag: "tag:yaml.org,2002:bool",
    test: /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/,
    resolve: () => false,
  },
  {
    default: true,
    tag: "tag:yaml.org,2002:float",
    test: /^(?:[-+]?\d[\d_]*\.[\d_]*|\.\d[\d_]*)(?:[eE][-+]\d+)?$/,
    resolve: (text) => Number(text.replaceAll("_", "")),
  },
];

/** Deepest nesting: far beyond what a manifest has, and far from what a call stack holds. */
const MAX_DEPTH = 200;

function toJson(value: unknown, path: readonly string[]): Json {
  if (path.length > MAX_DEPTH) {
    throw new ManifestError([{ path: path.slice(0, 5), message: `Nested deeper than ${MAX_DEPTH} levels.` }]);
  }
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map((item, index) => toJson(item, [...path, String(index)]));
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item, [...path, key])]));
  }
  throw new ManifestError([{ path, message: "This value is of a kind that JSON does not have." }]);
}
