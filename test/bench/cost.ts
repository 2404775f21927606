import { serveSampleCouchDb } from "#cli/sample-couchdb";
import { SampleDatabase } from "#cli/sample-database";
import { orders } from "#cli/sample-documents";
import { dollarsFor, perMillion, type Usage } from "./bill.ts";
import { type Finding, shortNumber } from "./finding.ts";
import { runToEnd } from "./finished-job.ts";
import { objectUsage } from "./object-usage.ts";
import { CREDENTIALS, type Stage } from "./stage.ts";

const PAGE_SIZE = 1_000;
/** What a slice may ask the source for by default, which is how many alarms a job takes. */
const REQUESTS_A_SLICE = 40;

export interface Cost {
  readonly what: string;
  readonly perMillion: Usage & { readonly sourceRequests: number };
  readonly dollars: number;
}

/**
 * What a million entities cost on the paid plan, from what as many as `entities` use: rows and seconds are measured,
 * alarms are calculated from the requests to the source, which are counted. All of them are read, also where nothing
 * or little changed: a source that continues from a cursor costs less.
 */
export async function measureCost(stage: Stage, entities: number): Promise<{ costs: Cost[]; findings: Finding[] }> {
  let pages = 0;
  const database = new SampleDatabase("cost", orders, entities);
  const upstream = await serveSampleCouchDb({
    databases: [database],
    ...CREDENTIALS,
    beforePage: async () => {
      pages += 1;
    },
  });
  try {
    const id = await stage.connectTo(database, PAGE_SIZE, upstream.address);
    const costOf = async (what: string, expected: { inserted?: number; updated?: number; kept?: number }) => {
      pages = 0;
      const before = await objectUsage(stage, id);
      const { seconds } = await runToEnd(stage, id, { isFull: true, ...expected });
      const after = await objectUsage(stage, id);
      const usage: Usage = {
        rowsWritten: after.rowsWritten - before.rowsWritten,
        rowsRead: after.rowsRead - before.rowsRead,
        objectRequests: 1 + Math.ceil(pages / REQUESTS_A_SLICE),
        objectSeconds: seconds,
      };
      const scaled = perMillion(usage, entities);
      return { what, perMillion: { ...scaled, sourceRequests: (pages * 1e6) / entities }, dollars: dollarsFor(scaled) };
    };
    const first = await costOf("first sync", { inserted: entities });
    const changed = Math.round(entities / 100);
    for (let n = 1; n <= changed; n += 1) database.put(database.id(n * 100), { status: "returned", round: 2 });
    const onePercent = await costOf("1 % changed", { updated: changed, kept: entities - changed });
    const unchanged = await costOf("unchanged", { kept: entities });
    await stage.client.connections.remove(id);
    return { costs: [first, onePercent, unchanged], findings: findingsOf(first, onePercent, unchanged) };
  } finally {
    await upstream.close();
  }
}

function findingsOf(first: Cost, onePercent: Cost, unchanged: Cost): Finding[] {
  const rows = ({ what, perMillion: { rowsWritten } }: Cost, atMost: number): Finding => ({
    name: `rows written / entity read, ${what}, ${PAGE_SIZE.toLocaleString("en-US")} a page`,
    value: rowsWritten / 1e6,
    target: { atMost },
    from: `${shortNumber(rowsWritten)} rows a million entities`,
  });
  return [rows(first, 1.05), rows(onePercent, 0.02), rows(unchanged, 0.01)];
}
