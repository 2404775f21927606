import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import { parseExactly } from "#core/exact-json";
import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { compileManifest } from "#sources/manifest/compile";
import { parseDocument } from "#sources/manifest/document/parse-document";
import { readCassette, type Cassette, type CassetteRun } from "#test/support/cassette";
import { canonical, replaced } from "#test/support/replay";
import { connectionIn, runToEnd } from "./connection.ts";
import { serveCassettes, type CassetteUpstream } from "./cassette-upstream.ts";
import { startSluice, type Sluice } from "./sluice.ts";

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
  const streams = [...new Set(runs.map(({ stream }) => stream))];
  const manifest = upstream.inward(name, JSON.stringify(withStreams(text, streams)));
  const shortName = `c-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
  const registered = await sluice.call("POST", "/sources", { body: { short_name: shortName, manifest } });
  expect(registered).toMatchObject({ status: 200 });

  const first = streams.flatMap((stream) => runs.find((run) => run.stream === stream) ?? []);
  upstream.rehearse(
    name,
    first.flatMap(({ exchanges }) => exchanges),
  );
  const { config, credentials } = divided(text, cassette.config);
  const created = await sluice.call("POST", "/source-connections", {
    body: {
      name,
      short_name: shortName,
      sync_immediately: false,
      config: JSON.parse(upstream.inward(name, JSON.stringify(config))),
      authentication: { credentials: JSON.parse(upstream.inward(name, JSON.stringify(credentials))) },
    },
  });
  expect(created).toMatchObject({ status: 200 });
  const { id } = connectionIn(created);

  const again = runs.filter((run) => !first.includes(run));
  const stored = new Map<string, Map<string, string>>();
  for (const round of again.length === 0 ? [first] : [first, again]) {
    const player = upstream.play(
      name,
      round.flatMap(({ exchanges }) => exchanges),
      text.includes("SubstreamPartitionRouter"),
    );
    const job = await runToEnd(sluice, id);
    expect(player.unexpected).toEqual([]);
    expect(player.left).toEqual([]);
    expect(job).toMatchObject({ status: round.every(({ error }) => error === null) ? "COMPLETED" : "FAILED" });
    for (const { stream, records, state } of round) {
      const before = state === null ? new Map<string, string>() : (stored.get(stream) ?? new Map<string, string>());
      const keyed = records.map((record): [string, string] => [keyOf(record, text, stream), canonical(record)]);
      stored.set(stream, new Map([...before, ...keyed]));
    }
    for (const { stream } of round) {
      const entities = await entitiesOf(name, id, stream);
      expect(entities.toSorted()).toEqual([...(stored.get(stream)?.values() ?? [])].toSorted());
    }
  }
});

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
function withStreams(text: string, names: readonly string[]): JsonObject {
  const document: JsonObject = parse(text, { version: "1.1", merge: true });
  const compiled = compileManifest(parseDocument(text)).streams.map(({ name }) => name);
  const streams = Array.isArray(document["streams"]) ? document["streams"] : [];
  const kept = streams.filter((_, index) => names.includes(compiled[index] ?? ""));
  return { ...document, streams: kept, check: { type: "CheckStream", stream_names: names.slice(0, 1) } };
}

function divided(text: string, config: JsonObject) {
  return compileManifest(parseDocument(text)).spec.split(config);
}

function keyOf(record: unknown, text: string, stream: string): string {
  const key = compileManifest(parseDocument(text)).streams.find(({ name }) => name === stream)?.primaryKey ?? null;
  if (key === null || !isJsonObject(record)) return canonical(record);
  return canonical(
    key.map((path) => path.reduce<Json>((value, part) => (isJsonObject(value) ? (value[part] ?? null) : null), record)),
  );
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
