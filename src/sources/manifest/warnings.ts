import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { fieldsOf } from "./component.ts";
import type { ManifestIssue } from "./document/manifest-error.ts";
import { nearestName } from "./nearest-name.ts";
import { parseDatetime } from "./python/datetime.ts";
import { DatetimeMismatch } from "./python/datetime-mismatch.ts";
import { unknownTypes } from "./spec/unknown-types.ts";

/** Fields of the format that mean nothing here, by component. */
const UNREAD_FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["CheckStream", ["config_overrides"]],
  ["CheckDynamicStream", ["config_overrides"]],
  ["DatetimeBasedCursor", ["allow_catalog_defined_cursor_field"]],
  ["DeclarativeStream", ["file_uploader", "state_migrations"]],
  [
    "HttpRequester",
    ["name", "use_cache", "connect_timeout_in_seconds", "read_timeout_in_seconds", "use_tcp_keepalive"],
  ],
  ["IncrementingCountCursor", ["allow_catalog_defined_cursor_field"]],
  ["RateLimitedMultipleTokenAuthenticator", ["budget_min_reserve", "budget_reserve_fraction", "max_wait_time"]],
  ["RecordExpander", ["truncation_indicator_path"]],
  ["SimpleRetriever", ["name", "primary_key", "page_size_reduction", "request_window_splitting"]],
]);

/** Any component can have these: its own parameters, and notes of the tools that write manifests. */
const EVERYWHERE: ReadonlySet<string> = new Set(["type", "$parameters", "$options", "metadata"]);

const TOP_LEVEL_FIELDS: ReadonlySet<string> = new Set(
  (
    "version type check streams dynamic_streams definitions spec schemas metadata api_budget description " +
    "concurrency_level max_concurrent_async_job_count stream_groups $schema"
  ).split(" "),
);

/** `config["key"]`; a `get` has a default where the key is not there. */
const CONFIG_KEY = /\bconfig\s*\[\s*(["'])([^"'\]]+)\1\s*\]/g;

/**
 * What in a manifest is probably a mistake, though it can run: fields that nobody reads, and names that lead nowhere.
 * Each is told once, at its first place.
 *
 * @param document as it was parsed
 * @param resolved the same with references, parameters and types filled in
 */
export function manifestWarnings(document: JsonObject, resolved: JsonObject): ManifestIssue[] {
  const search = new Search(keysOf(resolved["spec"]));
  search.fieldsOfTop(document);
  search.checkedStreams(resolved);
  search.typesOfSpec(resolved["spec"]);
  for (const field of ["streams", "dynamic_streams", "check", "api_budget"]) search.visit(resolved[field], [field]);
  return search.found;
}

const GET_WITHOUT_BODY =
  "A Worker sends a GET without a body, so this is left out. If the API needs it, give it as request_parameters, or use another http_method.";

class Search {
  readonly found: ManifestIssue[] = [];
  readonly #configKeys: ReadonlySet<string> | null;
  readonly #told = new Set<string>();

  /** @param configKeys null where they can't be known */
  constructor(configKeys: ReadonlySet<string> | null) {
    this.#configKeys = configKeys;
  }

  fieldsOfTop(document: JsonObject): void {
    for (const field of Object.keys(document)) {
      if (TOP_LEVEL_FIELDS.has(field)) continue;
      const meant = nearestName(
        field,
        [...TOP_LEVEL_FIELDS].filter((known) => !Object.hasOwn(document, known)),
      );
      // Whatever else is there may be for references.
      if (meant !== null) this.#tell([field], `A manifest has no field of that name: did you mean ${meant}?`);
    }
  }

  typesOfSpec(spec: Json | undefined): void {
    if (!isObject(spec)) return;
    const place = ["spec", "connection_specification"];
    for (const { path, message } of unknownTypes(spec["connection_specification"], place)) this.#tell(path, message);
  }

  checkedStreams({ check, streams, dynamic_streams: dynamic }: JsonObject): void {
    const names = isObject(check) ? check["stream_names"] : null;
    if (!Array.isArray(names) || !Array.isArray(streams) || dynamic !== undefined) return;
    const known = streams.map((stream) => (isJsonObject(stream) ? stream["name"] : null)).filter(isText);
    if (streams.some((stream) => isJsonObject(stream) && stream["type"] !== "DeclarativeStream")) return;
    if (known.some((name) => name.includes("{{"))) return;
    for (const [index, name] of names.entries()) {
      if (!isText(name) || known.includes(name)) continue;
      const meant = nearestName(name, known);
      this.#tell(
        ["check", "stream_names", String(index)],
        `There is no stream "${name}"${meant === null ? "" : ` (did you mean ${meant}?)`}: connections could not be checked.`,
      );
    }
  }

  visit(node: Json | undefined, path: readonly string[]): void {
    if (isText(node)) this.#text(node, path);
    else if (Array.isArray(node))
      for (const [index, item] of node.entries()) this.visit(item, [...path, String(index)]);
    else if (isObject(node)) this.#object(node, path);
  }

  #object(node: JsonObject, path: readonly string[]): void {
    const { type, $parameters: parameters } = node;
    if (isText(type)) this.#fields(type, node, path);
    for (const [field, value] of Object.entries(node)) {
      // Schemas describe records; parameters were handed down.
      if (field === "schema" || field === "$parameters") continue;
      if (isObject(parameters) && parameters[field] === value) continue;
      this.visit(value, [...path, field]);
    }
    if (type === "DefaultPaginator") this.#paginator(node, path);
    if (type === "HttpRequester") this.#bodyOfGet(node, path);
    if (type === "SimpleRetriever" && isGet(node["requester"])) {
      for (const field of ["paginator", "partition_router"]) this.#optionsOfGet(node[field], [...path, field]);
    }
    if (type === "DeclarativeStream" && isObject(node["retriever"]) && isGet(node["retriever"]["requester"])) {
      this.#optionsOfGet(node["incremental_sync"], [...path, "incremental_sync"]);
    }
    if (type === "DatetimeBasedCursor") this.#cursor(node, path);
  }

  #fields(type: string, node: JsonObject, path: readonly string[]): void {
    const known = fieldsOf(type);
    if (known === undefined) return;
    const unread = UNREAD_FIELDS.get(type) ?? [];
    const parameters = node["$parameters"] ?? null;
    for (const field of Object.keys(node)) {
      if (known.has(field) || EVERYWHERE.has(field) || unread.includes(field)) continue;
      // Parameters are also set as fields, wherever they are handed down to.
      if (isJsonObject(parameters) && Object.hasOwn(parameters, field)) continue;
      const meant = nearestName(
        field,
        [...known].filter((name) => !Object.hasOwn(node, name)),
      );
      const hint = meant === null ? "it is ignored" : `did you mean ${meant}?`;
      this.#tell([...path, field], `${type} has no field of that name: ${hint}`);
    }
  }

  #paginator({ page_size_option: option, pagination_strategy: strategy }: JsonObject, path: readonly string[]): void {
    if (!isObject(option) || !isObject(strategy)) return;
    const { type, page_size: size } = strategy;
    if ((isText(type) && type.startsWith("Custom")) || size !== undefined) return;
    this.#tell(
      [...path, "page_size_option"],
      "There is nothing to send: give the pagination_strategy a page_size, or remove the option.",
    );
  }

  #bodyOfGet(node: JsonObject, path: readonly string[]): void {
    if (!isGet(node)) return;
    for (const field of ["request_body", "request_body_json", "request_body_data"]) {
      const body = node[field];
      if (body === undefined || body === null || body === "") continue;
      if (isJsonObject(body) && Object.keys(body).length === 0) continue;
      this.#tell([...path, field], GET_WITHOUT_BODY);
    }
  }

  /** Request options inside a component; those of a parent stream are its own. */
  #optionsOfGet(node: Json | undefined, path: readonly string[]): void {
    if (Array.isArray(node)) {
      for (const [index, item] of node.entries()) this.#optionsOfGet(item, [...path, String(index)]);
    } else if (isObject(node)) {
      const { type, inject_into: place } = node;
      if (type === "RequestOption" && isText(place) && place.startsWith("body_")) {
        this.#tell([...path, "inject_into"], GET_WITHOUT_BODY);
      }
      for (const [field, value] of Object.entries(node)) {
        if (field !== "stream" && field !== "$parameters") this.#optionsOfGet(value, [...path, field]);
      }
    }
  }

  #cursor(node: JsonObject, path: readonly string[]): void {
    const { datetime_format: format } = node;
    if (!isText(format)) return;
    if (!format.includes("%")) {
      this.#tell(
        [...path, "datetime_format"],
        `"${format}" has no directives: expected a format such as %Y-%m-%dT%H:%M:%SZ.`,
      );
      return;
    }
    for (const field of ["start_datetime", "end_datetime"]) {
      const value = node[field];
      if (isText(value)) this.#datetime(value, format, [...path, field]);
      if (!isObject(value) || !isText(value["datetime"])) continue;
      const own = value["datetime_format"];
      this.#datetime(value["datetime"], isText(own) && own !== "" ? own : format, [...path, field, "datetime"]);
    }
  }

  /** A datetime that stands in the manifest can be read without a connection. */
  #datetime(value: string, format: string, path: readonly string[]): void {
    if (value.includes("{{") || value.includes("{%")) return;
    try {
      parseDatetime(value, format);
    } catch (error) {
      if (!(error instanceof DatetimeMismatch)) throw error;
      this.#tell(path, `"${value}" does not read as ${format}: no read could begin.`);
    }
  }

  #text(text: string, path: readonly string[]): void {
    if (this.#configKeys === null || !text.includes("{")) return;
    for (const [, , key = ""] of text.matchAll(CONFIG_KEY)) {
      if (this.#configKeys.has(key)) continue;
      const meant = nearestName(key, this.#configKeys);
      const hint = meant === null ? "" : ` (did you mean ${meant}?)`;
      this.#tell(
        path,
        `config["${key}"] is not in the spec's connection_specification${hint}: no connection can set it.`,
      );
    }
  }

  #tell(path: readonly string[], message: string): void {
    // References put the same mistake into many places.
    const mistake = JSON.stringify([path.at(-1), message]);
    if (this.#told.has(mistake)) return;
    this.#told.add(mistake);
    this.found.push({ path, message });
  }
}

/** Is it a requester that sends GET, as it does where the manifest does not say? */
function isGet(requester: Json | undefined): boolean {
  return isObject(requester) && requester["type"] === "HttpRequester" && (requester["http_method"] ?? "GET") === "GET";
}

/** Names that a connection's config may have; null where rules of the manifest may add others. */
function keysOf(spec: Json | undefined): ReadonlySet<string> | null {
  if (!isObject(spec)) return new Set();
  if (spec["config_normalization_rules"] !== undefined || spec["advanced_auth"] !== undefined) return null;
  const keys = new Set<string>();
  const collect = (schema: Json | undefined): void => {
    if (!isObject(schema)) return;
    const { properties } = schema;
    if (isObject(properties)) for (const key of Object.keys(properties)) keys.add(key);
    for (const alternatives of [schema["oneOf"], schema["anyOf"], schema["allOf"]]) {
      if (Array.isArray(alternatives)) for (const one of alternatives) collect(one);
    }
  };
  collect(spec["connection_specification"]);
  return keys;
}

function isText(value: Json | undefined): value is string {
  return typeof value === "string";
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== undefined && isJsonObject(value);
}
