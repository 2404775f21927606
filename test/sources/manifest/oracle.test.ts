import { readdirSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import type { Json } from "#core/json";
import { readCassette } from "#test/support/cassette";
import { readManifestOf } from "#test/support/published-manifests";
import { outcomeOf, replay, wantedOf } from "#test/support/replay";
import { DIFFERENT_ON_PURPOSE } from "./different-on-purpose.ts";

const FOLDER = join(import.meta.dirname, "oracle");

const cassettes = readdirSync(join(FOLDER, "cassettes"))
  .filter((name) => name.endsWith(".json"))
  .toSorted();

test("what differs on purpose is on the cassettes", () => {
  const known = cassettes.flatMap((name) => {
    const { runs } = readCassette(join(FOLDER, "cassettes", name));
    return runs.map((_, index) => `${name.replace(".json", "")}:${index}`);
  });
  expect(known).toEqual(expect.arrayContaining([...DIFFERENT_ON_PURPOSE.keys()]));
});

const compared = cassettes
  .map((name) => ({ name, cassette: readCassette(join(FOLDER, "cassettes", name)) }))
  .map(({ name, cassette }) => ({
    name,
    cassette,
    text: readManifestOf(FOLDER, cassette.manifest),
    runs: cassette.runs
      .map((run, index) => ({ run, index, stream: run.stream }))
      .filter(({ index }) => !DIFFERENT_ON_PURPOSE.has(`${name.replace(".json", "")}:${index}`)),
  }))
  .filter(({ runs }) => runs.length > 0);

describe.each(compared)("$name", ({ cassette, text, runs }) => {
  const cursors = new Map<string, Json>();

  const skip = text === null;
  test.each(runs)("run $index, $stream: the same requests and records as the Python CDK", { skip }, async ({ run }) => {
    const cursor = run.state === null ? null : (cursors.get(run.stream) ?? null);
    const replayed = await replay(text ?? "", cassette, run, cursor);
    cursors.set(run.stream, replayed.cursor);
    expect(outcomeOf(replayed, run)).toEqual(wantedOf(run));
  });
});
