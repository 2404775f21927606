import { z } from "zod";

import { isJsonObject, type Json, type JsonObject } from "#core/json";
import type { Definition } from "./component.ts";
import { condition, type Condition } from "./condition.ts";
import { ManifestError, type ManifestIssue } from "./document/manifest-error.ts";
import { propagateParameters } from "./document/parameters.ts";
import { resolveReferences } from "./document/references.ts";
import { ISSUE_LIMIT, issuesIn, type Finding } from "./finding.ts";
import { check as checkFamily, type Check } from "./check/check.ts";
import { joinComponents } from "./registry.ts";
import { apiBudget } from "./requester/api-budget-family.ts";
import { dynamicStream, type DynamicStream } from "./resolver/dynamic-stream.ts";
import type { ApiBudget } from "./requester/api-budget.ts";

import { compileTemplate } from "./template/template.ts";
import { parseSpec, type Spec } from "./spec/spec.ts";
import { stream, type ManifestStream } from "./stream/stream.ts";
import { primaryKey } from "./stream/primary-key.ts";

/** A stream as the manifest describes it, without a connection. */
export interface StreamDescription {
  /** As far as it is known without a config. */
  readonly name: string;
  readonly primaryKey: readonly (readonly string[])[] | null;
  readonly incremental: boolean;
  /** Why it can't run here; empty where it can. */
  readonly findings: readonly Finding[];
}

export interface CompiledStream extends StreamDescription {
  /** Null where the findings say why. */
  readonly build: Definition<ManifestStream> | null;
  /** Does a connection have it? Null for a stream that all have. */
  readonly condition: Definition<Condition> | null;
}

export interface CompiledDynamicStream {
  readonly name: string;
  readonly findings: readonly Finding[];
  readonly build: Definition<DynamicStream> | null;
}

/** A manifest, checked as far as it can be without a connection. Holds no connection's data: it can be shared. */
export interface CompiledManifest {
  readonly spec: Spec;
  readonly check: Definition<Check> | null;
  readonly apiBudget: Definition<ApiBudget> | null;
  readonly streams: readonly CompiledStream[];
  readonly dynamicStreams: readonly CompiledDynamicStream[];
}

joinComponents();

const documentSchema = z.object({
  streams: z.array(z.record(z.string(), z.json())).default([]),
  dynamic_streams: z.array(z.record(z.string(), z.json())).default([]),
  check: z.json().optional(),
  spec: z.json().optional(),
  api_budget: z.json().optional(),
});

/** Parts that other parts refer to, or that say nothing about reading. Without them there is less to propagate into. */
const UNREAD: ReadonlySet<string> = new Set(["definitions", "schemas", "metadata", "$schema"]);

/**
 * Resolves a manifest's references and checks each of its streams. What is wrong with one stream, or needs code, is
 * that stream's finding; the others run all the same.
 *
 * @throws ManifestError where there is nothing to run: no streams, or references that lead nowhere
 */
export function compileManifest(document: JsonObject): CompiledManifest {
  return compileResolved(resolveManifest(document));
}

/** The manifest with references, parameters and types filled in: what `compileResolved` reads. */
export function resolveManifest(document: JsonObject): JsonObject {
  const resolved = resolveReferences({ type: "DeclarativeSource", ...document });
  return propagateParameters(Object.fromEntries(Object.entries(resolved).filter(([field]) => !UNREAD.has(field))));
}

export function compileResolved(resolved: JsonObject): CompiledManifest {
  const parsed = documentSchema.safeParse(resolved);
  if (!parsed.success) throw new ManifestError(issuesIn(parsed.error));
  const { streams, dynamic_streams: dynamic, check, spec, api_budget: budget } = parsed.data;
  if (streams.length === 0 && dynamic.length === 0) {
    throw new ManifestError([{ path: ["streams"], message: "A manifest needs at least one stream." }]);
  }
  const whole: ManifestIssue[] = [];
  const required = <T>(schema: z.ZodType<T>, value: Json | undefined, field: string): T | null => {
    if (value === undefined || value === null) return null;
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    whole.push(...issuesIn(result.error, [field]));
    return null;
  };
  const compiled: CompiledManifest = {
    spec: parseSpec(spec ?? null),
    check: required(checkFamily.schema, check, "check"),
    apiBudget: required(apiBudget.schema, budget, "api_budget"),
    streams: streams.flatMap((value, index) => compileStream(value, ["streams", String(index)])),
    dynamicStreams: dynamic.map((value, index) => compileDynamic(value, ["dynamic_streams", String(index)])),
  };
  const names = new Set<string>();
  for (const [index, { name, condition: when }] of compiled.streams.entries()) {
    // Of streams that exist on conditions only one may be there.
    if (when !== null) continue;
    if (names.has(name)) {
      whole.push({
        path: ["streams", String(index), "name"],
        message: `There are two streams with the name "${name}".`,
      });
    }
    names.add(name);
  }
  if (whole.length > 0) throw new ManifestError(whole.slice(0, ISSUE_LIMIT));
  return compiled;
}

const conditionalSchema = z.object({
  condition,
  streams: z.array(z.record(z.string(), z.json())).min(1),
});

/** `ConditionalStreams` stands for several streams, which exist where its condition holds. */
function compileStream(value: JsonObject, path: readonly string[]): CompiledStream[] {
  if (value["type"] === "ConditionalStreams") return compileConditional(value, path);
  const parsed = stream.schema.safeParse(value);
  const description = described(value);
  if (parsed.success && description.name === "") {
    const nameless = { path: [...path, "name"], message: "Required: the name of the stream.", customClass: null };
    return [{ ...description, findings: [nameless], build: null, condition: null }];
  }
  const findings = parsed.success ? [] : issuesIn(parsed.error, path);
  return [{ ...description, findings, build: parsed.success ? parsed.data : null, condition: null }];
}

function compileConditional(value: JsonObject, path: readonly string[]): CompiledStream[] {
  const parsed = conditionalSchema.safeParse(value);
  if (!parsed.success) {
    const findings = issuesIn(parsed.error, path);
    return [{ ...described(value), findings, build: null, condition: null }];
  }
  return parsed.data.streams.flatMap((inner, index) =>
    compileStream({ type: "DeclarativeStream", ...inner }, [...path, "streams", String(index)]).map((compiled) => ({
      ...compiled,
      condition: parsed.data.condition,
    })),
  );
}

function compileDynamic(value: JsonObject, path: readonly string[]): CompiledDynamicStream {
  const parsed = dynamicStream.schema.safeParse(value);
  const { name } = described(value);
  return parsed.success
    ? { name, findings: [], build: parsed.data }
    : { name, findings: issuesIn(parsed.error, path), build: null };
}

const describedSchema = z.object({
  name: z.string().catch(""),
  primary_key: primaryKey.catch(null),
  incremental_sync: z.json().optional(),
  $parameters: z.record(z.string(), z.json()).catch({}),
  full_refresh_stream: z.json().optional(),
  incremental_stream: z.json().optional(),
});

function described(value: JsonObject): Pick<StreamDescription, "name" | "primaryKey" | "incremental"> {
  const fields = describedSchema.parse(value);
  const inner = fields.incremental_stream ?? fields.full_refresh_stream;
  const own = {
    name: nameOf(fields.name, fields.$parameters),
    primaryKey: fields.primary_key,
    incremental: isJsonObject(fields.incremental_sync ?? null),
  };
  if (!isJsonObject(inner ?? null) || !isJsonObject(inner)) return own;
  const delegate = described(inner);
  return { ...delegate, name: own.name === "" ? delegate.name : own.name };
}

/** A name that needs the config stays as it stands in the manifest. */
function nameOf(name: string, parameters: JsonObject): string {
  try {
    const template = compileTemplate(name, { now: () => 0, uuid: () => "" });
    return template.variables.has("config") ? name : template.render({ parameters, config: {} });
  } catch {
    return name;
  }
}
