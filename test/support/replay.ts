import type { Json, JsonObject } from "#core/json";
import { isJsonObject } from "#core/json";
import { createSourceHttp } from "#sources/http-client";
import { ManifestError } from "#sources/manifest/document/manifest-error";
import { openManifest } from "#sources/manifest/manifest-source";
import { MemoryKeepsakes } from "#sources/memory-keepsakes";
import { SourceFailure, type OpenSource } from "#sources/source";
import { bodyOf, CassettePlayer, type Cassette, type CassetteRun } from "#test/support/cassette";
import { compiledManifest } from "#test/support/parsed-manifest";

export interface Replayed {
  readonly records: readonly unknown[];
  readonly asked: readonly string[];
  readonly unexpected: readonly string[];
  readonly left: readonly string[];
  /** Where the next run continues from; null where the read did not end. */
  readonly cursor: Json;
  readonly complete: boolean;
  readonly failure: SourceFailure | null;
}

/** Plays a run against the engine in this process, with the clock at the cassette's time. */
export async function replay(
  manifestText: string,
  cassette: Cassette,
  run: CassetteRun,
  cursor: Json,
): Promise<Replayed> {
  const player = new CassettePlayer(run.exchanges, manifestText.includes("SubstreamPartitionRouter"));
  let now = Date.parse(run.now ?? cassette.now);
  const http = createSourceHttp({
    fetch: async (url, init) => {
      const headers = Object.fromEntries(new Headers(init.headers));
      const body = init.body === null || init.body === undefined ? null : await new Response(init.body).text();
      const exchange = player.answer({ method: init.method ?? "GET", url, headers, body });
      if (exchange === null) return new Response("not on the cassette", { status: 418 });
      const { status, headers: answered } = exchange.response;
      return new Response(status === 204 || status === 304 ? null : bodyOf(exchange), { status, headers: answered });
    },
    signal: new AbortController().signal,
    now: () => now,
    allowPrivate: true,
    secrets: [],
    maxResponseBytes: 10_000_000,
    requestTimeoutMs: 60_000,
  });
  const clock = { now: () => now, pass: (seconds: number) => void (now += seconds * 1000) };
  const outcome = await attempt(async () => {
    const source = openManifest(compiledManifest(replaced(manifestText, cassette)), {
      config: {},
      credentials: JSON.parse(JSON.stringify(run.config ?? cassette.config)),
      http,
      keepsakes: new MemoryKeepsakes(),
      now: () => now,
    });
    await source.streams();
    return readAsJob(source, { stream: run.stream, cursor }, clock, player);
  });
  return { ...outcome, asked: player.asked, unexpected: player.unexpected, left: player.left };
}

type Outcome = Pick<Replayed, "records" | "cursor" | "complete" | "failure">;

/** A manifest that can't be used, or a connection that can't be opened, is a failure too. */
async function attempt(read: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SourceFailure) return { ...NOTHING, failure: error };
    if (!(error instanceof ManifestError)) throw error;
    return { ...NOTHING, failure: new SourceFailure({ kind: "bad_request", message: error.message, final: true }) };
  }
}

const NOTHING: Outcome = { records: [], cursor: null, complete: false, failure: null };

export function replaced(manifestText: string, { replace }: Cassette): string {
  return replace.reduce((text, [old, replacement]) => text.replaceAll(old, replacement), manifestText);
}

/** Reads with retries, for as long as the cassette has an answer for the next. */
async function readAsJob(
  source: OpenSource,
  { stream, cursor }: { readonly stream: string; readonly cursor: Json },
  clock: { readonly now: () => number; readonly pass: (seconds: number) => void },
  player: CassettePlayer,
): Promise<Outcome> {
  const records: unknown[] = [];
  let checkpoint: Json = null;
  for (let attempts = 0; ; attempts += 1) {
    try {
      for await (const page of source.read({ stream, cursor, checkpoint, attempts })) {
        records.push(...page.records);
        checkpoint = stored(page.checkpoint);
        attempts = 0;
        if (page.end !== null) {
          return { records, cursor: stored(page.end.cursor), complete: page.end.complete, failure: null };
        }
        if (page.resumeAt !== undefined) clock.pass(Math.max(0, (page.resumeAt - clock.now()) / 1000));
      }
      throw new Error("the source stops without an end");
    } catch (error) {
      if (!(error instanceof SourceFailure)) throw error;
      const { final, retryAt, kind } = error.failure;
      const isRetried = !final && RETRIED.has(kind) && player.left.length > 0 && player.unexpected.length === 0;
      if (!isRetried) return { records, cursor: null, complete: false, failure: error };
      // A read that has not begun begins when it is tried again; the Python CDK keeps the time it began at.
      if (checkpoint !== null || kind === "rate_limit") {
        clock.pass(retryAt === null ? 0 : Math.max(0, (retryAt - clock.now()) / 1000));
      }
    }
  }
}

const RETRIED: ReadonlySet<string> = new Set(["transient", "rate_limit", "bad_response"]);

/** Checkpoints and cursors go through storage as JSON. */
function stored(value: Json): Json {
  return JSON.parse(JSON.stringify(value));
}

/** Values as one text each, whatever the order of their fields. Numbers a double can't hold are compared exactly. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (JSON.isRawJSON(value)) return value;
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const object: JsonObject = value;
  return Object.keys(object)
    .toSorted()
    .map((key) => [key, sorted(object[key])]);
}

/** What a replay has to come to. */
export function wantedOf(run: CassetteRun) {
  return { unexpected: [], left: [], records: run.records.map(canonical), fails: run.error !== null };
}

/**
 * What is compared of a run. Of one that failed on the cassette, less: the Python CDK goes on with the other
 * partitions and fails at the end, and gives up on what is tried again here until the cassette has no more answers.
 */
export function outcomeOf({ records, asked, unexpected, left, failure }: Replayed, run: CassetteRun) {
  const own = records.map(canonical);
  if (run.error === null) return { unexpected, left, records: own, fails: failure !== null };
  const theirs = run.records.map(canonical);
  return {
    unexpected: unexpected.filter((request) => asked.filter((one) => one === request).length === 1),
    left: [],
    records: own.every((record) => theirs.includes(record)) ? theirs : own,
    fails: failure !== null,
  };
}
