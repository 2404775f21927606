import { readOptions, runCommand } from "#cli/command";
import { measureDueSweep } from "./due-sweep.ts";
import { measureEventRate } from "./event-rate.ts";
import { type Finding, isMet, renderFindings } from "./finding.ts";
import { measureMemory } from "./flat-memory.ts";
import { measureHookLatency } from "./hook-latency.ts";
import { measureManifestRead } from "./manifest-read.ts";
import { measureRowsWritten } from "./rows-written.ts";
import { measureRunLatency } from "./run-latency.ts";
import { setStage } from "./stage.ts";
import { measureThroughput } from "./sync-throughput.ts";

const USAGE = "npm run bench [-- --quick] [--json] [--strict]";

const FULL = { pairs: 200, entities: 100_000, rounds: 3, million: 1_000_000, connections: 100_000, events: 3_000 };
/** Enough to see that it works and roughly where it stands. */
const QUICK = { pairs: 30, entities: 20_000, rounds: 1, million: 100_000, connections: 10_000, events: 600 };

/** `npm run bench`: ratios, each measured in one run, so that they mean the same on any machine. */
await runCommand(async (onEnd) => {
  const flag = { type: "boolean" } as const;
  const options = readOptions({ quick: flag, json: flag, strict: flag }, USAGE);
  const python = process.env["BENCH_PYTHON"] ?? "python3";
  const size = options.quick === true ? QUICK : FULL;

  // Progress goes to stderr: `--json` leaves stdout to the result.
  console.error("Building and starting the Worker …");
  const stage = await setStage();
  onEnd(() => stage.close());

  const measurements: [string, () => Promise<Finding | Finding[]>][] = [
    ["run latency", () => measureRunLatency(stage, size.pairs)],
    ["hook latency", () => measureHookLatency(stage, size.pairs)],
    ["throughput", () => measureThroughput(stage, size.entities, size.rounds)],
    ["manifest read", () => measureManifestRead(stage, { rounds: size.rounds, python })],
    ["rows written", () => measureRowsWritten(stage, size.entities)],
    ["due sweep", () => measureDueSweep(stage, size.connections)],
    ["event rate", () => measureEventRate(stage, size.events, size.rounds)],
    ["memory", () => measureMemory(stage, size.million)],
  ];
  const findings: Finding[] = [];
  for (const [name, measure] of measurements) {
    console.error(`Measuring ${name} …`);
    findings.push(...[await measure()].flat());
  }
  if (options.json === true) {
    console.log(
      JSON.stringify(
        findings.map((finding) => ({ ...finding, met: isMet(finding) })),
        null,
        2,
      ),
    );
  } else {
    console.log(`\n${renderFindings(findings)}`);
  }
  return options.strict === true && !findings.every(isMet) ? 1 : 0;
});
