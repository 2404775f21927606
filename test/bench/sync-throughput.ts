import type { SampleDatabase } from "#cli/sample-database";
import { type Finding, median, perSecond } from "./finding.ts";
import { runToEnd } from "./finished-job.ts";
import { paddedOrders } from "./padded-orders.ts";
import type { Stage } from "./stage.ts";

/** What is read in a round. */
interface Load {
  readonly label: string;
  readonly bytes: number;
  readonly entities: number;
  readonly pageSize: number;
}

interface Rates {
  readonly full: number;
  readonly incremental: number;
  readonly unchanged: number;
  readonly raw: number;
  readonly parse: number;
}

/** Bytes that the bare object holds in memory at once. */
const BYTES_IN_MEMORY = 8_000_000;

/**
 * Entities a second of a first full sync, of an incremental one that brings half as many again, and of a full one that
 * finds nothing new. Beside them the rate at which the same documents go from memory into a table of the same form,
 * and the rate at which the same pages are only fetched and parsed. The upstream's answers are rendered in advance: it
 * is not what is measured.
 */
export async function measureThroughput(stage: Stage, megabytes: number, rounds: number): Promise<Finding[]> {
  const entitiesOf = (bytes: number, pageSize: number) =>
    Math.max(2, Math.round((megabytes * 1e6) / bytes / pageSize / 2) * 2) * pageSize;
  const loads = [
    { label: "300 B", bytes: 300, pageSize: 1_000 },
    { label: "2 KB", bytes: 2_000, pageSize: 1_000 },
    { label: "20 KB", bytes: 20_000, pageSize: 100 },
  ].map((load) => ({ ...load, entities: entitiesOf(load.bytes, load.pageSize) }));
  const findings: Finding[] = [];
  for (const load of loads) findings.push(...(await measureLoad(stage, load, rounds)));
  return findings;
}

async function measureLoad(stage: Stage, load: Load, rounds: number): Promise<Finding[]> {
  const all: Rates[] = [];
  // The first round warms the Worker up.
  for (let round = 0; round <= rounds; round += 1) {
    const rates = await measureRound(stage, load, round);
    if (round > 0) all.push(rates);
  }
  const middle = (kind: keyof Rates) => median(all.map((rates) => rates[kind]));
  const what = `${load.label} an entity, ${load.pageSize.toLocaleString("en-US")} a page`;
  const beside = (name: string, kind: keyof Rates, other: "raw" | "parse", atLeast: number | null): Finding => ({
    name: `${name}, ${what}`,
    value: middle(kind) / middle(other),
    target: atLeast === null ? null : { atLeast },
    from: `${perSecond(middle(kind))} / ${perSecond(middle(other))}`,
  });
  return [
    beside("first full sync / raw upsert", "full", "raw", 0.5),
    beside("incremental sync / raw upsert", "incremental", "raw", 0.5),
    beside("unchanged full sync / raw upsert", "unchanged", "raw", 0.5),
    beside("first full sync / fetching and parsing only", "full", "parse", null),
    beside("unchanged full sync / fetching and parsing only", "unchanged", "parse", null),
  ];
}

async function measureRound(stage: Stage, load: Load, round: number): Promise<Rates> {
  const { entities, pageSize, bytes } = load;
  const maker = paddedOrders(bytes);
  const name = `throughput-${bytes}`;
  const database = stage.addDatabase(name, entities, maker);
  database.prerender(pageSize);
  const raw = await rawRate(stage, database, load, `raw-${bytes}-${round}`);
  const parse = await parseRate(stage, database, load);
  const id = await stage.connectTo(database, pageSize);
  const full = await runToEnd(stage, id, { isFull: false, inserted: entities });
  const grown = stage.addDatabase(name, entities * 1.5, maker);
  grown.prerender(pageSize);
  const incremental = await runToEnd(stage, id, { isFull: false, inserted: entities / 2 });
  const unchanged = await runToEnd(stage, id, { isFull: true, kept: entities * 1.5 });
  await stage.client.connections.remove(id);
  return {
    raw,
    parse,
    full: entities / full.seconds,
    incremental: entities / 2 / incremental.seconds,
    unchanged: (entities * 1.5) / unchanged.seconds,
  };
}

async function rawRate(stage: Stage, database: SampleDatabase, load: Load, name: string): Promise<number> {
  let seconds = 0;
  const urls = pageUrls(stage, database, load);
  const pagesAtOnce = Math.max(1, Math.floor(BYTES_IN_MEMORY / (load.bytes * load.pageSize)));
  for (let page = 0; page < urls.length; page += pagesAtOnce) {
    const some = urls.slice(page, page + pagesAtOnce);
    await stage.post(`/bare/${name}/load`, { urls: some, authorization: stage.authorization });
    seconds += await secondsOf(() => stage.post(`/bare/${name}/upsert`));
  }
  return database.size / seconds;
}

async function parseRate(stage: Stage, database: SampleDatabase, load: Load): Promise<number> {
  const body = { urls: pageUrls(stage, database, load), authorization: stage.authorization };
  return database.size / (await secondsOf(() => stage.post("/bare/parse/parse", body)));
}

function pageUrls(stage: Stage, database: SampleDatabase, { pageSize }: Load): string[] {
  return Array.from({ length: Math.ceil(database.size / pageSize) }, (_, page) =>
    stage.pageUrl(database, page * pageSize, pageSize),
  );
}

/** Timed from outside: clocks stand still inside a Worker while it computes. */
async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}
