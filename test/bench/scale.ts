import { orders } from "#cli/sample-documents";
import { type Finding, perSecond } from "./finding.ts";
import { runToEnd } from "./finished-job.ts";
import { syncMany } from "./many-connections.ts";
import { MemorySamples } from "./memory-samples.ts";
import { objectUsage } from "./object-usage.ts";
import type { Stage } from "./stage.ts";

const PAGE_SIZE = 1_000;
/** Of each connection where there are many of them. */
const ENTITIES_EACH = 300;

export interface ScalePoint {
  readonly label: string;
  readonly entitiesASecond: number;
  readonly rowsPerEntity: number | null;
  readonly megabytes: number;
}

export interface Scale {
  readonly byEntities: readonly ScalePoint[];
  readonly byConnections: readonly ScalePoint[];
}

/** First full syncs of ever larger databases, and of ever more connections at once. */
export async function measureScale(
  stage: Stage,
  { entities, connections }: { readonly entities: readonly number[]; readonly connections: readonly number[] },
): Promise<{ scale: Scale; findings: Finding[] }> {
  const byEntities: ScalePoint[] = [];
  for (const count of entities) byEntities.push(await oneOf(stage, count));
  const byConnections: ScalePoint[] = [];
  const database = stage.addDatabase("each", ENTITIES_EACH, orders);
  for (const count of connections) {
    const { entitiesASecond, peakMegabytes } = await syncMany(stage, count, database);
    byConnections.push({
      label: count.toLocaleString("en-US"),
      entitiesASecond,
      rowsPerEntity: null,
      megabytes: peakMegabytes,
    });
  }
  return {
    scale: { byEntities, byConnections },
    findings: [...flat(byEntities, "entities"), ...flat(byConnections, "connections at once")],
  };
}

async function oneOf(stage: Stage, count: number): Promise<ScalePoint> {
  const database = stage.addDatabase(`scale-${count}`, count, orders);
  const id = await stage.connectTo(database, PAGE_SIZE);
  const memory = new MemorySamples(stage);
  const before = await objectUsage(stage, id);
  const { seconds } = await runToEnd(stage, id, { isFull: false, inserted: count });
  memory.end();
  const rows = (await objectUsage(stage, id)).rowsWritten - before.rowsWritten;
  await stage.client.connections.remove(id);
  return {
    label: count.toLocaleString("en-US"),
    entitiesASecond: count / seconds,
    rowsPerEntity: rows / count,
    megabytes: memory.peak,
  };
}

/** The rate of the largest beside that of the second smallest: the smallest is over before it has begun. */
function flat(points: readonly ScalePoint[], of: string): Finding[] {
  const [few, many] = [points.length > 2 ? points[1] : points[0], points.at(-1)];
  if (few === undefined || many === undefined) return [];
  return [
    {
      name: `entities a second of ${many.label} ${of} / of ${few.label}`,
      value: many.entitiesASecond / few.entitiesASecond,
      target: { atLeast: 0.6 },
      from: `${perSecond(many.entitiesASecond)} / ${perSecond(few.entitiesASecond)}, memory at most ${many.megabytes.toFixed(0)} MB`,
    },
  ];
}
