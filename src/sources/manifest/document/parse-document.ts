import { LineCounter, parseDocument as parseYaml, type ScalarTag } from "yaml";

import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { ManifestError } from "./manifest-error.ts";
import { yamlFault } from "./yaml-faults.ts";

/** Largest manifest. The largest published ones are half as big, nearly all of it JSON schemas. */
const MAX_MANIFEST_BYTES = 2_000_000;

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

/** A text as the YAML value that it is; the text itself where it is none. */
export function yamlValue(text: string): Json {
  try {
    return toJson(yamlIn(text), []);
  } catch (error) {
    if (error instanceof ManifestError || error instanceof RangeError) return text;
    throw error;
  }
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
  try {
    return toJson(yamlIn(text), []);
  } catch (error) {
    // The stack ran full.
    if (error instanceof RangeError) throw tooDeep([]);
    throw error;
  }
}

function yamlIn(text: string): unknown {
  const lines = new LineCounter();
  const document = parseYaml(text, {
    version: "1.1",
    merge: true,
    // Checked below: the library compares each key with each other one.
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "silent",
    customTags: (tags) => [
      ...tags.filter((tag) => typeof tag === "string" || !READ_OTHERWISE.has(tag.tag)),
      ...SCALARS,
    ],
  });
  const [error] = document.errors;
  if (error?.code === "RESOURCE_EXHAUSTION") throw tooDeep([]);
  const fault = error === undefined ? yamlFault(document) : { at: error.pos[0], message: error.message };
  if (fault === null) return document.toJS({ maxAliasCount: -1 });
  const { line, col } = lines.linePos(fault.at ?? 0);
  const place = fault.at === null ? "" : `Line ${line}, column ${col}: `;
  throw new ManifestError([{ path: [], message: `${place}${fault.message.replace(/\.$/, "")}.` }]);
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
    throw tooDeep(path.slice(0, 5));
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

function tooDeep(path: readonly string[]): ManifestError {
  return new ManifestError([{ path, message: `Nested deeper than ${MAX_DEPTH} levels.` }]);
}
