import { installInstantCrypto } from "#test/simulation/platform/instant-crypto";
import { SimulatedClock } from "#test/simulation/platform/clock";
import { planSchema } from "./lived-week.ts";
import { isFault } from "./loud-faults.ts";
import { liveThroughWeek } from "./week.ts";

// Run as a process of its own, since its time is not the clock's: it is given a plan, and prints what became of it.

const faults: string[] = [];
console.log = (line: unknown) => {
  if (isFault(line)) faults.push(String(line));
};
const [, , plan = ""] = process.argv;
const clock = new SimulatedClock(0);
clock.install();
installInstantCrypto();
const week = await liveThroughWeek(clock, planSchema.parse(JSON.parse(plan)), faults);
process.stdout.write(JSON.stringify(week));
