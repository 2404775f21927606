import { PLAIN, benchManifest } from "./bench-manifest.ts";
import { type Finding, median, perSecond } from "./finding.ts";
import { runToEnd } from "./finished-job.ts";
import { servePages } from "./page-upstream.ts";
import { findReader, type PythonReader } from "./python-reader.ts";
import type { Stage } from "./stage.ts";

const PAGE_SIZE = 1_000;
const SHORT_NAME = "bench_pages";

interface Read {
  readonly milliseconds: number;
  /** Null where the system does not say. */
  readonly megabytes: number | null;
}

/** What the pipeline of `read_with_dlt.py` does. */
const DLT = "dlt: rest_api, normalized, loaded into DuckDB as JSONL";
/** What `read_with_cdk.py` does. */
const CDK = "airbyte-cdk: messages counted, nothing stored";

/**
 * A first sync by a manifest, stored and with its change feed, beside dlt loading the same pages into DuckDB and the
 * Python CDK only reading them. Memory is the most that each process ever held, by the kernel's account; Sluice's has
 * the whole local runtime in it.
 */
export async function measureBesidePython(
  stage: Stage,
  { records, rounds, python }: { readonly records: number; readonly rounds: number; readonly python: string },
): Promise<Finding[]> {
  const dlt = await findReader(python, "dlt", "./read_with_dlt.py");
  const cdk = await findReader(python, "airbyte_cdk", "./read_with_cdk.py");
  if (dlt === null) console.error(`  not beside dlt: ${python} does not have it (BENCH_PYTHON names another)`);
  if (cdk === null) console.error(`  not beside airbyte-cdk: ${python} does not have it`);
  if (dlt === null && cdk === null) return [];
  const upstream = await servePages(records / PAGE_SIZE, PAGE_SIZE);
  const manifest = benchManifest(upstream.address, PAGE_SIZE, { isPlain: true });
  const [own, dlts, cdks]: [Read[], Read[], Read[]] = [[], [], []];
  const readBy = async (reader: PythonReader | null, given: object, into: Read[]) => {
    if (reader !== null) into.push(await reader.read(given, records));
  };
  try {
    await stage.client.sources.create(SHORT_NAME, {
      name: "Pages of the benchmark",
      manifest: JSON.stringify(manifest),
    });
    // What other measurements left in the runtime is not what this one takes.
    await stage.kill();
    await stage.restart();
    await sync(stage, records);
    for (let round = 0; round < rounds; round += 1) {
      own.push(await sync(stage, records));
      await readBy(dlt, { address: upstream.address }, dlts);
      await readBy(cdk, { manifest, stream: PLAIN }, cdks);
    }
    await stage.client.sources.remove(SHORT_NAME);
  } finally {
    await upstream.close();
  }
  return [...beside(DLT, own, dlts, records, 5), ...beside(CDK, own, cdks, records, null)];
}

async function sync(stage: Stage, records: number): Promise<Read> {
  const connection = await stage.client.connections.create({
    name: "Beside Python",
    short_name: SHORT_NAME,
    readable_collection_id: "default",
    config: {},
    credentials: { token: "bench" },
    sync_immediately: false,
  });
  // Where it can't be counted anew it is the most since the runtime began, which is no less.
  stage.memory.countAnew();
  const { seconds } = await runToEnd(stage, connection.id, { isFull: true, inserted: records });
  const { peak } = stage.memory;
  await stage.client.connections.remove(connection.id);
  return { milliseconds: seconds * 1_000, megabytes: peak };
}

function beside(name: string, own: Read[], others: Read[], records: number, atLeast: number | null): Finding[] {
  if (others.length === 0) return [];
  const rate = (reads: Read[]) => (records * 1_000) / median(reads.map(({ milliseconds }) => milliseconds));
  const rates: Finding = {
    name: `records a second of a first sync / ${name}`,
    value: rate(own) / rate(others),
    target: atLeast === null ? null : { atLeast },
    from: `${perSecond(rate(own))} / ${perSecond(rate(others))}, ${records.toLocaleString("en-US")} records of 300 B`,
  };
  const [ownMost, othersMost] = [mostOf(own), mostOf(others)];
  if (ownMost === null || othersMost === null) return [rates];
  return [
    rates,
    {
      name: `most memory held / ${name}`,
      value: ownMost / othersMost,
      target: null,
      from: `${ownMost.toFixed(0)} MB / ${othersMost.toFixed(0)} MB: peaks of the processes, ours the whole runtime`,
    },
  ];
}

function mostOf(reads: readonly Read[]): number | null {
  const known = reads.flatMap(({ megabytes }) => megabytes ?? []);
  return known.length === reads.length ? Math.max(...known) : null;
}
