import { orders } from "#cli/sample-documents";
import { type Finding, median, perSecond } from "./finding.ts";
import { type GrownSync, growSync } from "./grown-sync.ts";
import { type ManyResult, syncMany } from "./many-connections.ts";
import type { Bar, Plot } from "./plot.ts";
import type { Stage } from "./stage.ts";
import { timeRuns } from "./timed-runs.ts";

/** Of each connection where there are many of them. */
const ENTITIES_EACH = 300;
/** Runs of which the median is taken. */
const RUNS = 15;

/** The least that a rate may be of the best rate of a smaller size, to be called flat. */
const FLAT_RATE = 0.6;
/** The most that a time may be of the least time of a smaller size. */
const FLAT_TIME = 1.5;

/** Something of a size. */
interface Sized<T> {
  readonly label: string;
  readonly found: T;
}

/** Many connections, and how long a run of one of them takes to be answered when all of their syncs are over. */
interface ManyConnections extends ManyResult {
  readonly runMs: number;
}

/** What ever larger databases and ever more connections at once do to a sync, and to what goes on beside and after it. */
export async function measureScale(
  stage: Stage,
  { entities, connections }: { readonly entities: readonly number[]; readonly connections: readonly number[] },
): Promise<{ scale: readonly Plot[]; findings: Finding[] }> {
  const grown: Sized<GrownSync>[] = [];
  for (const count of entities) grown.push({ label: labelOf(count), found: await growSync(stage, count, RUNS) });
  const many: Sized<ManyConnections>[] = [];
  const database = stage.addDatabase("each", ENTITIES_EACH, orders);
  for (const count of connections) {
    const runs: number[] = [];
    const result = await syncMany(stage, count, database, async ([id = ""]) => {
      runs.push(...(await timeRuns(stage, id, RUNS)));
    });
    many.push({ label: labelOf(count), found: { ...result, runMs: median(runs) } });
  }
  return { scale: [...plotsOfEntities(grown), ...plotsOfConnections(many)], findings: findingsOf(grown, many) };
}

function plotsOfEntities(grown: readonly Sized<GrownSync>[]): Plot[] {
  const plot = (title: string, bar: (found: GrownSync) => Omit<Bar, "label">): Plot => ({
    title: `entities in one connection: ${title}`,
    bars: grown.map(({ label, found }) => ({ label, ...bar(found) })),
  });
  return [
    plot("first sync, entities a second", ({ first, megabytes }) => ({
      value: first.rate,
      text: `${perSecond(first.rate)}, ${first.rows.toFixed(3)} rows an entity, ${megabytes.toFixed(0)} MB`,
    })),
    plot("full sync, nothing changed, entities a second", ({ unchanged }) => ({
      value: unchanged.rate,
      text: `${perSecond(unchanged.rate)}, ${unchanged.rows.toFixed(4)} rows an entity`,
    })),
    plot("incremental sync, 1 % changed, seconds", ({ incremental }) => ({
      value: incremental.seconds,
      text: `${incremental.seconds.toFixed(2)} s, ${perSecond(incremental.rate)} of those that changed, ${incremental.rows.toFixed(3)} rows for each`,
    })),
    plot(`latency of \`run\`, ms, median of ${RUNS}`, ({ runMs }) => ({
      value: runMs,
      text: `${runMs.toFixed(1)} ms`,
    })),
    plot("from `kill -9` in the middle of a full sync to its next page being asked for, seconds", ({ resume }) => ({
      value: resume.afterKillMs,
      text: `${(resume.afterKillMs / 1_000).toFixed(2)} s, of which ${(resume.startMs / 1_000).toFixed(2)} s until the new process answers`,
    })),
  ];
}

function plotsOfConnections(many: readonly Sized<ManyConnections>[]): Plot[] {
  const plot = (title: string, bar: (found: ManyConnections) => Omit<Bar, "label">): Plot => ({
    title: `connections syncing at once: ${title}`,
    bars: many.map(({ label, found }) => ({ label, ...bar(found) })),
  });
  return [
    plot("entities a second of them all", ({ entitiesASecond, rowsPerEntity, peakMegabytes }) => ({
      value: entitiesASecond,
      text: `${perSecond(entitiesASecond)}, ${rowsPerEntity.toFixed(3)} rows an entity, ${peakMegabytes.toFixed(0)} MB`,
    })),
    plot("latency of `run` while they are started, ms, median of them all", ({ runMsAtOnce }) => ({
      value: runMsAtOnce,
      text: `${runMsAtOnce.toFixed(1)} ms`,
    })),
    plot(`latency of \`run\` when they are done, ms, median of ${RUNS}`, ({ runMs }) => ({
      value: runMs,
      text: `${runMs.toFixed(1)} ms`,
    })),
  ];
}

function findingsOf(grown: readonly Sized<GrownSync>[], many: readonly Sized<ManyConnections>[]): Finding[] {
  const [entities, connections] = ["entities", "connections at once"];
  return [
    ...flat(grown, { ...RATE, what: "first sync, entities a second", of: entities }, ({ first }) => first.rate),
    ...flat(grown, { ...RATE, what: "unchanged, entities a second", of: entities }, ({ unchanged }) => unchanged.rate),
    ...flat(grown, { ...TIME, what: "latency of `run`", of: entities }, ({ runMs }) => runMs),
    ...flat(grown, { ...TIME, what: "`kill -9` to next page", of: entities }, ({ resume }) => resume.afterKillMs),
    ...flat(many, { ...RATE, what: "entities a second", of: connections }, ({ entitiesASecond }) => entitiesASecond),
    ...flat(many, { ...TIME, what: "latency of `run`, all done", of: connections }, ({ runMs }) => runMs),
  ];
}

/** When something of any size is called flat, and what is the best of several. */
interface Kind {
  readonly target: Finding["target"];
  readonly best: (...values: number[]) => number;
  readonly show: (value: number) => string;
}

const RATE: Kind = { target: { atLeast: FLAT_RATE }, best: Math.max, show: perSecond };
const TIME: Kind = {
  target: { atMost: FLAT_TIME },
  best: Math.min,
  show: (value) => `${value.toFixed(1)} ms`,
};

interface Flatness extends Kind {
  readonly what: string;
  readonly of: string;
}

/** The largest beside the best of those before it. */
export function flat<T>(
  sizes: readonly Sized<T>[],
  { what, of, target, best, show }: Flatness,
  figure: (found: T) => number,
): Finding[] {
  const last = sizes.at(-1);
  const before = sizes.slice(0, -1);
  if (last === undefined || before.length === 0) return [];
  const figureBefore = best(...before.map(({ found }) => figure(found)));
  const label = before.find(({ found }) => figure(found) === figureBefore)?.label ?? "";
  return [
    {
      name: `${what}: ${last.label} ${of} / the best of fewer`,
      value: figure(last.found) / figureBefore,
      target,
      from: `${show(figure(last.found))} / ${show(figureBefore)} of ${label}`,
    },
  ];
}

function labelOf(count: number): string {
  return count.toLocaleString("en-US");
}
