import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import type { Json } from "#core/json";
import { CATALOGUE } from "#sources/catalogue/catalogue";
import { readCassette } from "#test/support/cassette";
import { outcomeOf, replay, wantedOf } from "#test/support/replay";

/*
 * Each manifest of the catalogue against its API as documented: paging, a second read that is incremental, being told
 * to wait, and being refused. What is asked and emitted is what the Python CDK asks and emits with the same manifest.
 */

const MANIFESTS = join(import.meta.dirname, "../../../src/sources/catalogue");

const cassettes = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".json"))
  .toSorted()
  .map((name) => ({ name, cassette: readCassette(join(import.meta.dirname, name)) }));

describe.each(cassettes)("$name", ({ cassette }) => {
  const text = readFileSync(join(MANIFESTS, cassette.manifest.split("/").at(-1) ?? ""), "utf8");
  const cursors = new Map<string, Json>();

  test.each(cassette.runs.map((run, index) => ({ run, index, stream: run.stream })))(
    "run $index, $stream: asks and emits what its cassette has",
    async ({ run }) => {
      const cursor = run.state === null ? null : (cursors.get(run.stream) ?? null);
      const replayed = await replay(text, cassette, run, cursor);
      cursors.set(run.stream, replayed.cursor);
      expect(outcomeOf(replayed, run)).toEqual(wantedOf(run));
    },
  );
});

test("every manifest of the catalogue has a cassette", () => {
  const played = new Set(cassettes.map(({ cassette }) => cassette.manifest.split("/").at(-1)));
  expect(CATALOGUE.map(({ shortName }) => `${shortName}.yaml`).filter((file) => !played.has(file))).toEqual([]);
});

test.each(CATALOGUE.map((source) => ({ source, name: source.shortName })))(
  "$name says what it is, and all of its streams run",
  ({ source }) => {
    expect(source.name).not.toBe("");
    expect(source.description).not.toBe("");
    expect(source.labels.length).toBeGreaterThan(0);
    expect(source.streamNotes.filter(({ supported }) => !supported)).toEqual([]);
    expect(source.streamNotes.length).toBeGreaterThanOrEqual(3);
  },
);
