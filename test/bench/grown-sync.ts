import { serveSampleCouchDb } from "#cli/sample-couchdb";
import { SampleDatabase } from "#cli/sample-database";
import { orders } from "#cli/sample-documents";
import { median } from "./finding.ts";
import { ended, runToEnd } from "./finished-job.ts";
import { MemorySamples } from "./memory-samples.ts";
import { objectUsage } from "./object-usage.ts";
import { PageGate } from "./page-gate.ts";
import { CREDENTIALS, type Stage } from "./stage.ts";
import { timeRuns } from "./timed-runs.ts";

const PAGE_SIZE = 1_000;
/** Of so many entities one is changed. */
const CHANGED_OF = 100;

/** A sync of so many entities. */
interface Synced {
  readonly seconds: number;
  readonly rate: number;
  /** Written for each of them. */
  readonly rows: number;
}

/** What a connection with a number of entities does. */
export interface GrownSync {
  readonly first: Synced;
  readonly unchanged: Synced;
  readonly incremental: Synced;
  /** The most that the runtime held in the first sync. */
  readonly megabytes: number;
  /** Until a run is accepted, the median. */
  readonly runMs: number;
  readonly resume: Resume;
}

/** From the kill to the next page of the job being asked for, and to the new process answering. */
interface Resume {
  readonly afterKillMs: number;
  readonly startMs: number;
}

/**
 * Everything that may grow with a connection: a first sync, the same again in full, what changed from the cursor on, how
 * long a run takes to be accepted, and a full sync that is interrupted in the middle.
 */
export async function growSync(stage: Stage, count: number, runs: number): Promise<GrownSync> {
  const database = new SampleDatabase(`scale-${count}`, orders, count);
  const gate = new PageGate();
  const upstream = await serveSampleCouchDb({ databases: [database], ...CREDENTIALS, beforePage: () => gate.pass() });
  try {
    const id = await stage.connectTo(database, PAGE_SIZE, upstream.address);
    const sync = async (of: number, expected: Parameters<typeof runToEnd>[2]): Promise<Synced> => {
      const before = await objectUsage(stage, id);
      const { seconds } = await runToEnd(stage, id, expected);
      const rows = (await objectUsage(stage, id)).rowsWritten - before.rowsWritten;
      return { seconds, rate: of / seconds, rows: rows / of };
    };
    const memory = new MemorySamples(stage);
    const first = await sync(count, { isFull: false, inserted: count });
    const megabytes = memory.end().peak;
    const unchanged = await sync(count, { isFull: true, kept: count });
    const changed = count / CHANGED_OF;
    for (let n = 1; n <= changed; n += 1) database.put(database.id(n * CHANGED_OF), { status: "returned", round: 2 });
    const incremental = await sync(changed, { isFull: false, updated: changed });
    const runMs = median(await timeRuns(stage, id, runs));
    const resume = await interrupt(stage, id, gate, count);
    await stage.client.connections.remove(id);
    return { first, unchanged, incremental, megabytes, runMs, resume };
  } finally {
    await upstream.close();
  }
}

/** A full sync whose Worker is killed while it waits for the page in the middle. */
async function interrupt(stage: Stage, id: string, gate: PageGate, count: number): Promise<Resume> {
  const { jobs } = stage.client;
  const reached = gate.closeAfter(Math.floor(count / PAGE_SIZE / 2));
  const { id: jobId } = await jobs.run(id, { isFull: true });
  await reached;
  await stage.kill();
  const killedAt = performance.now();
  const asked = gate.open();
  await stage.restart();
  const startMs = performance.now() - killedAt;
  const afterKillMs = (await asked) - killedAt;
  ended(await jobs.untilFinished(id, jobId), { kept: count });
  return { afterKillMs, startMs };
}
