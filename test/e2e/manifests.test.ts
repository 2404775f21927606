import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

import { parseExactly } from "#core/exact-json";
import { isRejected, toEntity } from "#core/entity";
import type { JsonObject } from "#core/json";
import { compileManifest } from "#sources/manifest/compile";
import { parseDocument } from "#sources/manifest/document/parse-document";
import { contentDigest } from "#sync/content-digest";
import { readCassette, type Cassette, type CassetteRun } from "#test/support/cassette";
import { canonical, replaced } from "#test/support/replay";
import { connectionIn, runToEnd } from "./connection.ts";
import { serveCassettes, type CassetteUpstream } from "./cassette-upstream.ts";
import { startSluice, type Answer, type Sluice } from "./sluice.ts";

/*
 * Manifests as they were published, registered over HTTP and synced by the Worker as it would be deployed. The API
 * gives what it gave the Python CDK; what is asked of it and what comes out has to be what it was there.
 */

const ORACLE = join(import.meta.dirname, "../sources/manifest/oracle");
const SHARED = join(import.meta.dirname, "../../../shared/manifests");

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
  .filter((name) => name.endsWith(".json"))
  .toSorted()
  .map((name) => ({ name: name.replace(".json", ""), cassette: readCassette(join(ORACLE, "cassettes", name)) }))
  .flatMap(({ name, cassette }) => {
    const runs = playable(cassette);
    return runs.length === 0 ? [] : [{ name, cassette, runs }];
  });

test("the cassettes that need no clock of their own cover at least 40 published manifests", () => {
  const manifests = new Set(
    cassettes.map(({ cassette }) => cassette.manifest).filter((file) => !file.startsWith("own/")),
  );
  expect(manifests.size).toBeGreaterThanOrEqual(40);
});

test.each(cassettes)("$name: asks and stores what the Python CDK asks and emits", async ({ name, cassette, runs }) => {
  const text = replaced(readManifest(cassette), cassette);
  const first = runs.filter(({ state }) => state === null);
  const again = runs.filter(({ state }) => state !== null);
  const shortName = `c-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
  const manifest = upstream.inward(name, JSON.stringify(withStreams(text, first)));
  expect(answered(await sluice.call("POST", "/sources", { body: { short_name: shortName, manifest } }))).toBe(200);

  upstream.rehearse(name, exchangesOf(first));
  const { config, credentials } = divided(text, cassette.config);
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
});

/** Lets a job read what the runs have read, and compares. */
async function playRound(
  name: string,
  id: string,
  text: string,
  round: readonly CassetteRun[],
  stored: Map<string, Map<string, string>>,
): Promise<void> {
  const player = upstream.play(name, exchangesOf(round), text.includes("SubstreamPartitionRouter"));
  const job = await runToEnd(sluice, id);
  expect(player.unexpected).toEqual([]);
  expect(player.left).toEqual([]);
  expect(job).toMatchObject({ status: "COMPLETED", error: null });
  const keys = new Map(compileManifest(parseDocument(text)).streams.map((stream) => [stream.name, stream.primaryKey]));
  let refused = 0;
  for (const { stream, records } of round) {
    for (const record of records) {
      // What has no id can't be stored under it; it is counted.
      const entity = toEntity(record, keys.get(stream) ?? null, contentDigest);
      if (isRejected(entity)) refused += 1;
      else stored.get(stream)?.set(entity.id, canonical(record));
    }
  }
  expect(job.entities_failed).toBe(refused);
  for (const [stream, entities] of stored) {
    expect((await entitiesOf(name, id, stream)).toSorted(), stream).toEqual([...entities.values()].toSorted());
  }
}

function exchangesOf(runs: readonly CassetteRun[]) {
  return runs.flatMap(({ exchanges }) => exchanges);
}

/** The status, or what was said where it is no success. */
function answered({ status, text }: Answer): number | string {
  return status === 200 ? status : `${status} ${text}`;
}

function playable({ timeless, runs }: Cassette): readonly CassetteRun[] {
  if (!timeless) return [];
  const known = new Set<string>();
  return runs.filter(({ stream, state, exchanges, error }) => {
    // How a read fails is compared without a Worker: its other streams' records would not be those of the CDK.
    if (error !== null) return false;
    const waits = exchanges.some(({ waited_seconds: seconds = 0 }) => seconds > LONGEST_WAIT_SECONDS);
    const key = `${stream} ${state === null ? "first" : "again"}`;
    if (waits || known.has(key)) return false;
    // A second read needs the first.
    if (state !== null && !known.has(`${stream} first`)) return false;
    known.add(key);
    return true;
  });
}

function readManifest({ manifest }: Cassette): string {
  const own = join(ORACLE, manifest);
  return readFileSync(existsSync(own) ? own : join(SHARED, manifest), "utf8");
}

/** The manifest with these streams only, and a check that reads the first of them. */
function withStreams(text: string, runs: readonly CassetteRun[]): JsonObject {
  const names = [...new Set(runs.map(({ stream }) => stream))];
  const document = parseDocument(text);
  const compiled = compileManifest(document).streams.map(({ name }) => name);
  const streams = Array.isArray(document["streams"]) ? document["streams"] : [];
  const kept = streams.filter((_, index) => names.includes(compiled[index] ?? ""));
  return { ...document, streams: kept, check: { type: "CheckStream", stream_names: names.slice(0, 1) } };
}

function divided(text: string, config: JsonObject) {
  return compileManifest(parseDocument(text)).spec.split(config);
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
