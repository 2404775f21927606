import { BUSY, PLAIN, benchManifest } from "./bench-manifest.ts";
import { type CdkReader, findCdk } from "./cdk-reader.ts";
import type { Finding } from "./finding.ts";
import { servePages } from "./page-upstream.ts";
import type { Stage } from "./stage.ts";

/**
 * Milliseconds that ways of reading the same pages took: the fastest of several reads. What the engine adds is a
 * difference of differences, in which a median's noise would be larger than the result.
 */
interface Times {
  readonly native: number;
  readonly plain: number;
  readonly busy: number;
}

const SMALL_PAGE = 100;
const LARGE_PAGE = 1_000;

/**
 * Records a second of a manifest's stream in the Worker, beside the same read by the HTTP client alone and by the
 * Python CDK, and what the engine adds to a page and to a record. Nothing is stored.
 *
 * @param python an interpreter that may have airbyte-cdk; what is beside it is left out where it has not
 */
export async function measureManifestRead(
  stage: Stage,
  { pages, rounds, python }: { readonly pages: number; readonly rounds: number; readonly python: string },
): Promise<Finding[]> {
  const cdk = findCdk(python);
  if (cdk === null) console.error(`  not beside airbyte-cdk: ${python} does not have it (BENCH_PYTHON names another)`);
  // A read of one page shows what beginning costs: the request to the Worker, and compiling the manifest.
  const [beginning] = await timeReads(stage, { pages: 1, pageSize: SMALL_PAGE, rounds: rounds * 4, cdk: null });
  const [small, smallFindings] = await timeReads(stage, { pages, pageSize: SMALL_PAGE, rounds, cdk });
  const [large, largeFindings] = await timeReads(stage, { pages, pageSize: LARGE_PAGE, rounds, cdk });

  /** Microseconds that the engine adds to a page of each size, to a record, and to a page without its records. */
  const added = (stream: "plain" | "busy") => {
    const toPage = (times: Times) =>
      ((times[stream] - times.native - (beginning[stream] - beginning.native)) * 1_000) / (pages - 1);
    const record = (toPage(large) - toPage(small)) / (LARGE_PAGE - SMALL_PAGE);
    return { record, page: toPage(small) - record * SMALL_PAGE };
  };
  const [plain, busy] = [added("plain"), added("busy")];
  const from = `fastest of ${rounds} × ${pages} pages of ${SMALL_PAGE} and of ${LARGE_PAGE}`;
  return [
    ...smallFindings,
    ...largeFindings,
    { name: "µs that the engine adds to a page", value: plain.page, target: { atMost: 500 }, from },
    { name: "µs that it adds to a record", value: plain.record, target: { atMost: 2 }, from },
    { name: "µs with a cursor, a filter and a template", value: busy.record, target: { atMost: 20 }, from },
  ];
}

/** Reads the same pages in each way, in turns. */
async function timeReads(
  stage: Stage,
  {
    pages,
    pageSize,
    rounds,
    cdk,
  }: { readonly pages: number; readonly pageSize: number; readonly rounds: number; readonly cdk: CdkReader | null },
): Promise<[Times, Finding[]]> {
  const records = pages * pageSize;
  const upstream = await servePages(pages, pageSize);
  try {
    const manifest = benchManifest(upstream.address, pageSize);
    const times: Record<keyof Times, number[]> = { native: [], plain: [], busy: [] };
    // The first round warms the Worker up.
    for (let round = 0; round <= rounds; round += 1) {
      const native = await timeRead(stage, "native", { address: upstream.address, pageSize }, records);
      const plain = await timeRead(stage, "engine", { manifest, stream: PLAIN }, records);
      const busy = await timeRead(stage, "engine", { manifest, stream: BUSY }, records);
      if (round === 0) continue;
      times.native.push(native);
      times.plain.push(plain);
      times.busy.push(busy);
    }
    const fastest = {
      native: Math.min(...times.native),
      plain: Math.min(...times.plain),
      busy: Math.min(...times.busy),
    };
    const { native, plain, busy } = fastest;
    const findings = [
      beside("manifest / native client", pageSize, records, [plain, native], pageSize === SMALL_PAGE ? 0.55 : 0.75),
    ];
    if (cdk !== null) {
      const theirs = {
        plain: await cdk.timeRead({ manifest, stream: PLAIN }, records),
        busy: await cdk.timeRead({ manifest, stream: BUSY }, records),
      };
      findings.push(
        beside("manifest / airbyte-cdk", pageSize, records, [plain, theirs.plain], 3),
        beside("with cursor … / airbyte-cdk", pageSize, records, [busy, theirs.busy], 3),
      );
    }
    return [fastest, findings];
  } finally {
    await upstream.close();
  }
}

function beside(
  what: string,
  pageSize: number,
  records: number,
  [own, other]: readonly [number, number],
  atLeast: number,
): Finding {
  const rate = (milliseconds: number) => `${Math.round((records * 1_000) / milliseconds).toLocaleString("en-US")}/s`;
  return {
    name: `${what}, ${pageSize.toLocaleString("en-US")} a page`,
    value: other / own,
    target: { atLeast },
    from: `${rate(own)} / ${rate(other)}, ${records.toLocaleString("en-US")} records of 300 B`,
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
