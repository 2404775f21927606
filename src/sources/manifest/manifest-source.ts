import type { JsonObject } from "#core/json";
import type { SourceHttp } from "#sources/http-client";
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
  const told = (error: unknown) => failureOf(error, http);
  const configured = attempt(() => ({ ...outside, config: rules.transform(given) }), told);
  const scope = attempt(() => ({ ...configured, apiBudget: manifest.apiBudget?.(configured) ?? null }), told);

  let listed: Promise<readonly ManifestStream[]> | null = null;
  const streams = () => {
    listed ??= streamsOf(manifest, scope).catch((error: unknown) => {
      listed = null;
      throw told(error);
    });
    return listed;
  };

  return {
    async streams() {
      attempt(() => rules.validate(given), told);
      return streams();
    },

    async check() {
      attempt(() => rules.validate(given), told);
      const all = await streams();
      try {
        for (const stream of streamsToTry(manifest, scope, all)) await readFirst(stream);
      } catch (error) {
        throw told(error);
      }
    },

    async *read({ stream: name, cursor, checkpoint, attempts = 0 }) {
      try {
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
        yield* stream.read({ cursor, checkpoint });
      } catch (error) {
        throw failureOf(error, http, name);
      }
    },
  };
}

function attempt<T>(action: () => T, told: (error: unknown) => unknown): T {
  try {
    return action();
  } catch (error) {
    throw told(error);
  }
}

/** The manifest's choice; the first stream where it leaves it open, or names only streams that can't run here. */
function streamsToTry(
  manifest: CompiledManifest,
  scope: Scope,
  all: readonly ManifestStream[],
): readonly ManifestStream[] {
  const unsupported = new Set(manifest.streams.filter(({ build }) => build === null).map(({ name }) => name));
  const named = manifest.check?.(scope).streamsToTry(all, unsupported) ?? [];
  return named.length > 0 || (manifest.check !== null && unsupported.size === 0) ? named : all.slice(0, 1);
}

/** Every stream that can run: the manifest's own, then those that its resolvers find. */
async function streamsOf(manifest: CompiledManifest, scope: Scope): Promise<readonly ManifestStream[]> {
  const own = manifest.streams.flatMap((compiled) => {
    try {
      return compiled.condition?.(scope)() === false ? [] : (compiled.build?.(scope) ?? []);
    } catch (error) {
      // What keeps one stream from being built is no reason not to read the others.
      return unbuilt(compiled, failureOf(error, scope.http));
    }
  });
  const dynamic: ManifestStream[] = [];
  for (const { build } of manifest.dynamicStreams) {
    dynamic.push(...((await build?.(scope).streams()) ?? []));
  }
  const all = [...own, ...dynamic];
  const twice = all.find(({ name }, index) => all.findIndex((one) => one.name === name) !== index);
  if (twice === undefined) return all;
  throw new SourceFailure({
    kind: "bad_request",
    message: `There are two streams with the name "${twice.name}". Where the config names streams, correct it there.`,
    final: true,
  });
}

function unbuilt({ name, primaryKey, incremental }: StreamDescription, failure: unknown): ManifestStream {
  return {
    name,
    primaryKey,
    incremental,
    cursorField: null,
    newestIn: () => null,
    origin: null,
    read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failure) }) }),
  };
}

/**
 * A failure as people see it. What a template can't do with the values it meets is a mistake in the manifest, and no
 * retry mends it. Messages quote such values, and those of the config may be secret.
 */
function failureOf(error: unknown, http: SourceHttp, stream = ""): unknown {
  if (error instanceof TemplateError) {
    const place = stream === "" ? "" : `In the stream ${stream}: `;
    return new SourceFailure({ kind: "bad_request", message: http.redact(`${place}${error.message}`), final: true });
  }
  if (!(error instanceof SourceFailure)) return error;
  const message = http.redact(error.failure.message);
  return message === error.failure.message ? error : new SourceFailure({ ...error.failure, message });
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
