import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { CannotStart } from "#cli/cannot-start";
import { readOptions, runCommand } from "#cli/command";
import { PROJECT_DIRECTORY } from "#cli/wrangler";
import { measureBesidePython } from "./beside-python.ts";
import { measureCost, type Cost } from "./cost.ts";
import { measureDueSweep } from "./due-sweep.ts";
import { measureEventRate } from "./event-rate.ts";
import { type Finding, isMet, renderFindings } from "./finding.ts";
import { measureMemory } from "./flat-memory.ts";
import { measureHeap } from "./heap-limit.ts";
import { measureHookLatency } from "./hook-latency.ts";
import { measureLatencyBound } from "./latency-bound.ts";
import { measureManifestRead } from "./manifest-read.ts";
import { type Plot, renderPlot } from "./plot.ts";
import { processorsInUse } from "./processors-in-use.ts";
import { type Results, withResults } from "./readme.ts";
import { measureRecovery } from "./recovery.ts";
import { measureRunLatency } from "./run-latency.ts";
import { measureScale } from "./scale.ts";
import { setStage, type Stage } from "./stage.ts";
import { measureThroughput } from "./sync-throughput.ts";

const USAGE = "npm run bench [-- --quick] [--only NAME,…] [--json] [--readme] [--strict]";

const FULL = {
  pairs: 200,
  megabytes: 30,
  rounds: 3,
  pages: 40,
  entities: 100_000,
  million: 1_000_000,
  connections: 100_000,
  events: 3_000,
  scale: { entities: [1_000, 10_000, 100_000, 1_000_000], connections: [1, 10, 100, 500, 2_000] },
};
type Size = typeof FULL;

/** Enough to see that it works and roughly where it stands. */
const QUICK: Size = {
  pairs: 30,
  megabytes: 4,
  rounds: 1,
  pages: 10,
  entities: 20_000,
  million: 100_000,
  connections: 10_000,
  events: 600,
  scale: { entities: [1_000, 10_000], connections: [1, 10, 40] },
};

/** What a measurement adds to the page. */
interface Found {
  readonly findings: readonly Finding[];
  readonly costs?: readonly Cost[];
  readonly scale?: readonly Plot[];
}

const MEASUREMENTS: Readonly<Record<string, (stage: Stage, size: Size, python: string) => Promise<Found>>> = {
  latency: async (stage, { pairs }) => ({ findings: await measureRunLatency(stage, pairs) }),
  throughput: async (stage, { megabytes, rounds }) => ({ findings: await measureThroughput(stage, megabytes, rounds) }),
  pages: async (stage, { pages, rounds }) => ({ findings: [await measureLatencyBound(stage, pages, rounds)] }),
  cost: async (stage, { entities }) => measureCost(stage, entities),
  recovery: async (stage, { rounds }) => ({ findings: await measureRecovery(stage, rounds) }),
  python: async (stage, { entities: records, rounds }, python) => ({
    findings: await measureBesidePython(stage, { records, rounds, python }),
  }),
  manifest: async (stage, { rounds }, python) => ({ findings: await measureManifestRead(stage, { rounds, python }) }),
  hook: async (stage, { pairs }) => ({ findings: [await measureHookLatency(stage, pairs)] }),
  sweep: async (stage, { connections }) => ({ findings: await measureDueSweep(stage, connections) }),
  events: async (stage, { events, rounds }) => ({ findings: [await measureEventRate(stage, events, rounds)] }),
  memory: async (stage, { million }) => ({ findings: [await measureMemory(stage, million)] }),
  heap: async () => ({ findings: [await measureHeap()] }),
  scale: async (stage, { scale }) => measureScale(stage, scale),
};

/** `npm run bench`: ratios, each measured in one run, so that they mean the same on any machine. */
await runCommand(async (onEnd) => {
  const flag = { type: "boolean" } as const;
  const options = readOptions({ quick: flag, json: flag, strict: flag, readme: flag, only: { type: "string" } }, USAGE);
  const names = namesOf(options.only);
  const python = process.env["BENCH_PYTHON"] ?? "python3";
  const size = options.quick === true ? QUICK : FULL;
  const conditions = {
    day: new Date().toISOString().slice(0, 10),
    processors: availableParallelism(),
    inUse: await processorsInUse(),
  };

  // Progress goes to stderr: `--json` leaves stdout to the result.
  console.error("Building and starting the Worker …");
  const stage = await setStage();
  onEnd(() => stage.close());

  const found: Found[] = [];
  const failed: string[] = [];
  for (const name of names) {
    console.error(`Measuring ${name} …`);
    const start = performance.now();
    // One that fails must not take the others' results with it.
    const measured = await MEASUREMENTS[name]?.(stage, size, python).catch((error: unknown) => {
      console.error("  FAILED, and is left out:", error);
      failed.push(name);
      return null;
    });
    if (measured === undefined || measured === null) continue;
    found.push(measured);
    console.error(`  ${((performance.now() - start) / 1_000).toFixed(0)} s`);
    for (const line of await stage.errors()) console.error(`  the Worker printed: ${line}`);
    if (options.json !== true && measured.findings.length > 0) console.error(renderFindings(measured.findings));
  }
  const results: Results = {
    findings: found.flatMap(({ findings }) => findings),
    costs: found.flatMap(({ costs }) => costs ?? []),
    scale: found.flatMap(({ scale }) => scale ?? []),
    conditions,
  };
  if (options.readme === true) writeReadme(results);
  if (options.json === true) console.log(JSON.stringify(asJson(results), null, 2));
  else
    console.log(
      ["", renderFindings(results.findings), ...results.scale.flatMap((plot) => ["", ...renderPlot(plot)])].join("\n"),
    );
  if (failed.length > 0) return 1;
  return options.strict === true && !results.findings.every(isMet) ? 1 : 0;
});

function namesOf(only: string | undefined): string[] {
  const all = Object.keys(MEASUREMENTS);
  if (only === undefined) return all;
  const names = only.split(",");
  const unknown = names.find((name) => !all.includes(name));
  if (unknown === undefined) return names;
  throw new CannotStart(`There is no measurement "${unknown}". There are: ${all.join(", ")}.`);
}

function writeReadme(results: Results): void {
  const path = join(PROJECT_DIRECTORY, "README.md");
  writeFileSync(path, withResults(readFileSync(path, "utf8"), results));
}

function asJson({ findings, ...rest }: Results) {
  return { ...rest, findings: findings.map((finding) => ({ ...finding, met: isMet(finding) })) };
}
