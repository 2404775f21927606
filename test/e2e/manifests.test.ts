import { readdirSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

import { parseExactly } from "#core/exact-json";
import { isRejected, toEntity } from "#core/entity";
import type { JsonObject } from "#core/json";
import type { CompiledManifest } from "#sources/manifest/compile";
import { ManifestError } from "#sources/manifest/document/manifest-error";
import { hasPublishedManifests, readManifestOf } from "#test/support/published-manifests";
import { contentDigest } from "#sync/content-digest";
import { readCassette, type Cassette, type CassetteRun } from "#test/support/cassette";
import { DIFFERENT_ON_PURPOSE } from "#test/sources/manifest/different-on-purpose";
import { compiledManifest, documentOf } from "#test/support/parsed-manifest";
import { canonical, replaced } from "#test/support/replay";
import { connectionIn, runToEnd } from "./connection.ts";
import { serveCassettes, type CassetteUpstream } from "./cassette-upstream.ts";
import { startSluice, type Answer, type Sluice } from "./sluice.ts";

/*
 * Manifests as they were published, registered over HTTP and synced by the Worker as it would be deployed. The API
 * gives what it gave the Python CDK; what is asked of it and what comes out has to be what it was there.
 */

const ORACLE = join(import.meta.dirname, "../sources/manifest/oracle");

/** Waiting is for tests with a clock of their own. */
const LONGEST_WAIT_SECONDS = 1;

let sluice: Sluice;
let upstream: CassetteUpstream;

beforeAll(async () => {
  upstream = await serveCassettes();
  sluice = await startSluice();
});

afterAll(async () => {
  await sluice?.close();
  await upstream?.close();
});

const cassettes = readdirSync(join(ORACLE, "cassettes"))
  .filter((file) => file.endsWith(".json"))
  .toSorted()
  .map((file) => ({ name: file.replace(".json", ""), cassette: readCassette(join(ORACLE, "cassettes", file)) }))
  .filter(
    ({ cassette }) => readManifestOf(ORACLE, cassette.manifest) !== null && cassette.timeless && !isCompleted(cassette),
  )
  .flatMap(({ name, cassette }) => jobsOf(name, cassette));

test.runIf(hasPublishedManifests)(
  "the cassettes that need no clock of their own cover at least 40 published manifests",
  () => {
    const manifests = new Set(
      cassettes.map(({ cassette }) => cassette.manifest).filter((file) => !file.startsWith("own/")),
    );
    expect(manifests.size).toBeGreaterThanOrEqual(40);
  },
);

test.concurrent.each(cassettes)(
  "$name: asks and stores what the Python CDK asks and emits",
  async ({ name, cassette, runs }) => {
    const text = replaced(readManifest(cassette), cassette);
    const first = runs.filter(({ state }) => state === null);
    const again = runs.filter(({ state }) => state !== null);
    const shortName = `c-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`.slice(0, 63);
    const manifest = upstream.inward(name, JSON.stringify(withStreams(text, first)));
    expect(answered(await sluice.call("POST", "/sources", { body: { short_name: shortName, manifest } }))).toBe(200);

    upstream.rehearse(name, exchangesOf(first));
    const { config, credentials } = compiledManifest(text).spec.split(cassette.config);
    const created = await sluice.call("POST", "/source-connections", {
      body: {
        name: `Cassette ${name}`.slice(0, 42),
        short_name: shortName,
        sync_immediately: false,
        config: JSON.parse(upstream.inward(name, JSON.stringify(config))),
        authentication: { credentials: JSON.parse(upstream.inward(name, JSON.stringify(credentials))) },
      },
    });
    expect(answered(created)).toBe(200);
    const { id } = connectionIn(created);

    const stored = new Map(first.map((run): [string, Map<string, string>] => [run.stream, new Map()]));
    await playRound(name, id, text, first, stored);
    if (again.length === 0) return;
    // A job reads every stream that there is: for the second read the others go, and keep what they have.
    const fewer = upstream.inward(name, JSON.stringify(withStreams(text, again)));
    expect(answered(await sluice.call("PUT", `/sources/${shortName}`, { body: { manifest: fewer } }))).toBe(200);
    await playRound(name, id, text, again, stored);
  },
);

/** Lets a job read what the runs have read, and compares. */
async function playRound(
  name: string,
  id: string,
  text: string,
  round: readonly CassetteRun[],
  stored: Map<string, Map<string, string>>,
): Promise<void> {
  // The CDK keeps parents' pages, and lists dynamic streams once for each read.
  const remembers = text.includes("SubstreamPartitionRouter") || hasDynamicStreams(text);
  const player = upstream.play(name, exchangesOf(round), remembers);
  const job = await runToEnd(sluice, id);
  expect(player.unexpected).toEqual([]);
  expect(player.left.filter((request) => !remembers || !player.asked.includes(request))).toEqual([]);
  expect(job).toMatchObject({ status: "COMPLETED", error: null });
  const { streams } = compiledManifest(text);
  let refused = 0;
  for (const { stream, records } of round) {
    // What a full read does not see again is gone.
    const { incremental = true, primaryKey = null } = streams.find((one) => one.name === stream) ?? {};
    if (!incremental) stored.get(stream)?.clear();
    for (const record of records) {
      // What has no id can't be stored under it; it is counted.
      const entity = toEntity(record, primaryKey, contentDigest);
      if (isRejected(entity)) refused += 1;
      else stored.get(stream)?.set(entity.id, canonical(record));
    }
  }
  expect(job.entities_failed).toBe(refused);
  for (const [stream, entities] of stored) {
    const found = (await entitiesOf(name, id, stream)).toSorted();
    expect({ stream, found }).toEqual({ stream, found: [...entities.values()].toSorted() });
  }
}

function exchangesOf(runs: readonly CassetteRun[]) {
  return runs.flatMap(({ exchanges }) => exchanges);
}

/** The status, or what was said where it is no success. */
function answered({ status, text }: Answer): number | string {
  return status === 200 ? status : `${status} ${text}`;
}

interface PlayedJob {
  readonly name: string;
  readonly cassette: Cassette;
  readonly runs: readonly CassetteRun[];
}

/** Streams of a published manifest are read by one job; those made for tests share addresses, and need a job each. */
function jobsOf(name: string, cassette: Cassette): readonly PlayedJob[] {
  const runs = playable(name, cassette);
  if (!cassette.manifest.startsWith("own/") || hasDynamicStreams(readManifest(cassette))) {
    return runs.length === 0 ? [] : [{ name, cassette, runs }];
  }
  const byStream = Map.groupBy(runs, ({ stream }) => stream);
  return [...byStream].map(([stream, own]) => ({ name: `${name}-${stream}`, cassette, runs: own }));
}

/** Runs that a job can repeat at any time. */
function playable(name: string, { runs }: Cassette): readonly CassetteRun[] {
  const known = new Set<string>();
  return runs.filter(({ stream, state, exchanges, error }, index) => {
    // How a read fails is compared without a Worker: its other streams' records would not be those of the CDK.
    if (error !== null || DIFFERENT_ON_PURPOSE.has(`${name}:${index}`)) return false;
    const waits = exchanges.some(({ waited_seconds: seconds = 0 }) => seconds > LONGEST_WAIT_SECONDS);
    // A link from the server's root leads out of the folder that the API is in here.
    const leavesFolder = exchanges.some(({ response }) => /"\/[^"]*\?/.test(response.body ?? ""));
    // A cursor for all partitions goes back by the time that the read before took.
    const takesTime = canonical(state).includes("use_global_cursor");
    const key = `${stream} ${state === null ? "first" : "again"}`;
    if (waits || leavesFolder || takesTime || known.has(key)) return false;
    // A second read needs the first.
    if (state !== null && !known.has(`${stream} first`)) return false;
    known.add(key);
    return true;
  });
}

function hasDynamicStreams(text: string): boolean {
  return documentOf(text)["dynamic_streams"] !== undefined;
}

/** Does the spec fill in defaults? The CDK is only told what its caller has filled in. */
function isCompleted(cassette: Cassette): boolean {
  const { spec } = compiledOf(readManifest(cassette)) ?? { spec: null };
  if (spec === null) return true;
  const { config, credentials } = spec.split(cassette.config);
  const completed = [spec.config.safeParse(config).data ?? config, spec.credentials.safeParse(credentials).data];
  return canonical(completed) !== canonical([config, credentials]);
}

function readManifest({ manifest }: Cassette): string {
  return readManifestOf(ORACLE, manifest) ?? "";
}

/** The manifest with these streams only, and a check that reads the first of them. */
function withStreams(text: string, runs: readonly CassetteRun[]): JsonObject {
  const names = [...new Set(runs.map(({ stream }) => stream))];
  const document = documentOf(text);
  if (hasDynamicStreams(text)) return document;
  const compiled = compiledManifest(text).streams.map(({ name }) => name);
  const streams = Array.isArray(document["streams"]) ? document["streams"] : [];
  const kept = streams.filter((_, index) => names.includes(compiled[index] ?? ""));
  return { ...document, streams: kept, check: { type: "CheckStream", stream_names: names.slice(0, 1) } };
}

/** Null for a manifest that is refused as a whole, as some on the cassettes are on purpose. */
function compiledOf(text: string): CompiledManifest | null {
  try {
    return compiledManifest(text);
  } catch (error) {
    if (error instanceof ManifestError) return null;
    throw error;
  }
}

const lineSchema = z.object({ data: z.unknown() });

async function entitiesOf(name: string, id: string, stream: string): Promise<string[]> {
  const query = new URLSearchParams({ stream });
  const answer = await sluice.call("GET", `/source-connections/${id}/entities/export?${query.toString()}`);
  expect(answer).toMatchObject({ status: 200 });
  return answer.text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => canonical(lineSchema.parse(parseExactly(upstream.outward(name, line))).data));
}
