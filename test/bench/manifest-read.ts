import type { JsonObject } from "#core/json";
import { BUSY, PLAIN, benchManifest } from "./bench-manifest.ts";
import { type Finding, median } from "./finding.ts";
import { servePages } from "./page-upstream.ts";
import { findReader, type PythonReader } from "./python-reader.ts";
import type { Stage } from "./stage.ts";

/** Milliseconds that ways of reading the same pages took: medians, or where noise matters more, the fastest. */
interface Times {
  readonly native: number;
  readonly plain: number;
  readonly busy: number;
}

interface Read {
  readonly pages: number;
  readonly pageSize: number;
  readonly rounds: number;
}

const SMALL_PAGE = 100;
const LARGE_PAGE = 1_000;
/** Enough of them that the Worker's code is warm for most of a read. */
const PAGES = 100;

/**
 * Records a second of a manifest's stream in the Worker, beside the same read by the HTTP client alone and by the
 * Python CDK, and what the engine adds to a page and to a record. Nothing is stored.
 *
 * @param python an interpreter that may have airbyte-cdk; what is beside it is left out where it has not
 */
export async function measureManifestRead(
  stage: Stage,
  { rounds, python }: { readonly rounds: number; readonly python: string },
): Promise<Finding[]> {
  const cdk = await findReader(python, "airbyte_cdk", "./read_with_cdk.py");
  if (cdk === null) console.error(`  not beside airbyte-cdk: ${python} does not have it (BENCH_PYTHON names another)`);
  return [
    ...(await measureRates(stage, { pages: PAGES, pageSize: SMALL_PAGE, rounds }, cdk)),
    ...(await measureRates(stage, { pages: PAGES, pageSize: LARGE_PAGE, rounds }, cdk)),
    ...(await measureOverhead(stage, rounds * 3)),
  ];
}

async function measureRates(stage: Stage, read: Read, cdk: PythonReader | null): Promise<Finding[]> {
  const { pages, pageSize } = read;
  const records = pages * pageSize;
  const isSmall = pageSize === SMALL_PAGE;
  const rate = (milliseconds: number) => `${Math.round((records * 1_000) / milliseconds).toLocaleString("en-US")}/s`;
  const beside = (name: string, own: number, other: number, atLeast: number): Finding => ({
    name: `${name}, ${pageSize.toLocaleString("en-US")} a page`,
    value: other / own,
    target: { atLeast },
    from: `${rate(own)} / ${rate(other)}, ${records.toLocaleString("en-US")} records of 300 B`,
  });
  return withUpstream(stage, read, async (manifest, timeRound) => {
    const { native, plain, busy } = middleOf(await timeAll(read.rounds, () => timeRound(false)), median);
    const findings = [beside("manifest / native client", plain, native, isSmall ? 0.55 : 0.75)];
    if (cdk === null) return findings;
    const theirs = (await cdk.read({ manifest, stream: PLAIN }, records)).milliseconds;
    const theirBusy = (await cdk.read({ manifest, stream: BUSY }, records)).milliseconds;
    return [
      ...findings,
      beside("manifest / airbyte-cdk", plain, theirs, isSmall ? 2.5 : 5),
      beside("with cursor, filter, template / airbyte-cdk", busy, theirBusy, isSmall ? 3 : 5),
    ];
  });
}

/** Parts of the rounds of which each has a result of its own: how far these are apart is the noise. */
const PARTS = 3;

/**
 * Microseconds that the engine adds, with pages that are in memory. They are a difference of differences, in which a
 * median's noise would be larger than the result: the fastest reads count.
 */
async function measureOverhead(stage: Stage, rounds: number): Promise<Finding[]> {
  const timed = (read: Read) =>
    withUpstream(stage, read, (_, timeRound) => timeAll(read.rounds, () => timeRound(true)));
  // A read of one page shows what beginning costs: the request to the Worker, and compiling the manifest.
  const beginning = await timed({ pages: 1, pageSize: SMALL_PAGE, rounds: rounds * 2 });
  const small = await timed({ pages: PAGES, pageSize: SMALL_PAGE, rounds });
  const large = await timed({ pages: PAGES, pageSize: LARGE_PAGE, rounds });
  const added = (stream: "plain" | "busy", pick: (times: readonly Times[]) => readonly Times[]) => {
    const fastest = (times: readonly Times[]) => middleOf(pick(times), (each) => Math.min(...each));
    const start = fastest(beginning);
    const toPage = (all: readonly Times[]) => {
      const times = fastest(all);
      return ((times[stream] - times.native - (start[stream] - start.native)) * 1_000) / (PAGES - 1);
    };
    const record = (toPage(large) - toPage(small)) / (LARGE_PAGE - SMALL_PAGE);
    return { record, page: toPage(small) - record * SMALL_PAGE };
  };
  const finding = (name: string, stream: "plain" | "busy", unit: "record" | "page", atMost: number): Finding => ({
    name,
    value: added(stream, (times) => times)[unit],
    noise: halfSpread(Array.from({ length: PARTS }, (_, part) => added(stream, (times) => partOf(times, part))[unit])),
    target: { atMost },
    from: `fastest of ${rounds} × ${PAGES} pages of ${SMALL_PAGE} and of ${LARGE_PAGE}, noise: of ${PARTS} parts of them`,
  });
  return [
    finding("engine, µs for each page", "plain", "page", 300),
    finding("engine, µs for each record", "plain", "record", 1),
    finding("… with cursor, filter, template", "busy", "record", 15),
  ];
}

function partOf<T>(all: readonly T[], part: number): readonly T[] {
  return all.filter((_, index) => all.length < PARTS || index % PARTS === part);
}

function halfSpread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / 2;
}

/** Serves pages, and hands over how to time one read of them in each way. */
async function withUpstream<Result>(
  stage: Stage,
  { pages, pageSize }: Read,
  measure: (manifest: JsonObject, timeRound: (fromMemory: boolean) => Promise<Times>) => Promise<Result>,
): Promise<Result> {
  const records = pages * pageSize;
  const upstream = await servePages(pages, pageSize);
  const { address } = upstream;
  const manifest = benchManifest(address, pageSize);
  try {
    return await measure(manifest, async (fromMemory) => ({
      native: await timeRead(stage, "native", { address, pageSize, fromMemory }, records),
      plain: await timeRead(stage, "engine", { manifest, stream: PLAIN, fromMemory }, records),
      busy: await timeRead(stage, "engine", { manifest, stream: BUSY, fromMemory }, records),
    }));
  } finally {
    await stage.post("/manifest/forget");
    await upstream.close();
  }
}

async function timeAll(rounds: number, timeRound: () => Promise<Times>): Promise<Times[]> {
  // The first round warms the Worker up.
  await timeRound();
  const all: Times[] = [];
  for (let round = 0; round < rounds; round += 1) all.push(await timeRound());
  return all;
}

function middleOf(all: readonly Times[], middle: (times: readonly number[]) => number): Times {
  return {
    native: middle(all.map(({ native }) => native)),
    plain: middle(all.map(({ plain }) => plain)),
    busy: middle(all.map(({ busy }) => busy)),
  };
}

/** Timed from outside: clocks stand still inside a Worker while it computes. */
async function timeRead(stage: Stage, way: "engine" | "native", body: object, records: number): Promise<number> {
  const start = performance.now();
  const answer = await stage.post(`/manifest/${way}`, body);
  const milliseconds = performance.now() - start;
  if (JSON.stringify(answer) !== JSON.stringify({ records })) {
    throw new Error(`The ${way} read ${JSON.stringify(answer)} instead of ${records} records.`);
  }
  return milliseconds;
}
