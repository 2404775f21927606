import type { JsonObject } from "#core/json";
import { SourceFailure, type OpenSource, type SourceContext } from "#sources/source";
import type { CompiledManifest, StreamDescription } from "./compile.ts";
import type { Scope } from "./scope.ts";
import { mergeSecrets } from "./spec/secret-fields.ts";
import type { ManifestStream } from "./stream/stream.ts";
import { compileTemplate, TemplateError, type Template } from "./template/template.ts";

/** Requests' worth of pages that a check looks at for a first record: with many empty partitions it would take for ever. */
const CHECK_PAGES = 5;

/** Opens a manifest for a connection. */
export function openManifest(manifest: CompiledManifest, context: SourceContext<JsonObject, JsonObject>): OpenSource {
  const { now, http, keepsakes } = context;
  const given = mergeSecrets(context.config, context.credentials);
  const compile = templateCache(now);
  const outside: Scope = {
    config: given,
    parameters: {},
    stream: "",
    http,
    keepsakes,
    now,
    attempts: 0,
    compile,
    apiBudget: null,
  };
  const rules = manifest.spec.rules(outside);
  const configured = { ...outside, config: rules.transform(given) };
  const scope = { ...configured, apiBudget: manifest.apiBudget?.(configured) ?? null };

  let listed: Promise<readonly ManifestStream[]> | null = null;
  const streams = () => {
    listed ??= streamsOf(manifest, scope).catch((error: unknown) => {
      listed = null;
      throw error;
    });
    return listed;
  };

  return {
    async streams() {
      rules.validate(given);
      return streams();
    },

    async check() {
      rules.validate(given);
      const all = await streams();
      const [first] = all;
      const tried = manifest.check?.(scope).streamsToTry(all) ?? (first === undefined ? [] : [first]);
      for (const stream of tried) await readFirst(stream);
    },

    async *read({ stream: name, cursor, checkpoint, attempts = 0 }) {
      // Built anew where tries are counted: an exponential backoff goes by them.
      const all = attempts === 0 ? await streams() : await streamsOf(manifest, { ...scope, attempts });
      const stream = all.find((one) => one.name === name);
      if (stream === undefined) {
        throw new SourceFailure({
          kind: "not_found",
          message: `The source has no stream "${name}" any more.`,
          final: true,
        });
      }
      try {
        yield* stream.read({ cursor, checkpoint });
      } catch (error) {
        throw failureOf(error);
      }
    },
  };
}

/** Every stream that can run: the manifest's own, then those that its resolvers find. */
async function streamsOf(manifest: CompiledManifest, scope: Scope): Promise<readonly ManifestStream[]> {
  const own = manifest.streams.flatMap((compiled) => {
    try {
      return compiled.build?.(scope) ?? [];
    } catch (error) {
      // What keeps one stream from being built is no reason not to read the others.
      return unbuilt(compiled, failureOf(error));
    }
  });
  const dynamic: ManifestStream[] = [];
  for (const { build } of manifest.dynamicStreams) {
    try {
      dynamic.push(...((await build?.(scope).streams()) ?? []));
    } catch (error) {
      throw failureOf(error);
    }
  }
  return [...own, ...dynamic];
}

function unbuilt({ name, primaryKey, incremental }: StreamDescription, failure: unknown): ManifestStream {
  return {
    name,
    primaryKey,
    incremental,
    cursorField: null,
    origin: null,
    read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failure) }) }),
  };
}

/** What a template can't do with the values it meets is a mistake in the manifest, and no retry mends it. */
function failureOf(error: unknown): unknown {
  if (!(error instanceof TemplateError)) return error;
  return new SourceFailure({ kind: "bad_request", message: error.message, final: true });
}

/** Reads until there is a record, the stream ends, or enough has been tried. */
async function readFirst(stream: ManifestStream): Promise<void> {
  let pages = 0;
  for await (const page of stream.read({ cursor: null, checkpoint: null })) {
    pages += 1;
    if (page.records.length > 0 || page.resumeAt !== undefined || pages >= CHECK_PAGES) return;
  }
}

function templateCache(now: () => number): (text: string) => Template {
  const known = new Map<string, Template>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const template = compileTemplate(text, { now, uuid: () => crypto.randomUUID() });
    known.set(text, template);
    return template;
  };
}
