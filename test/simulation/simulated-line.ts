import { oneOf } from "#sources/internal/seeded-random";
import type { SimulatedClock } from "./platform/clock.ts";
import type { LineWeather } from "./weather.ts";

const SLOW_MS = 25_000;
const LATE_MS = 180_000;

/** Never settles. */
const SILENCE = new Promise<never>(() => undefined);

/** Carries a call to where `apply` does what was asked, as the weather has it. */
export async function carried<T>(
  clock: SimulatedClock,
  chance: () => number,
  weather: LineWeather,
  apply: () => T | Promise<T>,
): Promise<T> {
  switch (weather) {
    case "fine":
      return apply();
    case "down":
      throw new Error("Network connection lost.");
    case "answer_lost":
      await apply();
      throw new Error("Network connection lost.");
    case "slow":
      await clock.passed(chance() * SLOW_MS);
      return apply();
    case "late":
      clock.ringAt(clock.now + Math.floor(chance() * LATE_MS), () => void unheard(apply));
      return SILENCE;
    case "cut":
      return SILENCE;
    case "patchy":
      return carried(clock, chance, oneOf(chance, ["fine", "fine", "down", "answer_lost", "slow", "late"]), apply);
  }
}

/** What a dead process sends goes nowhere, and it hears of nothing. */
export async function whileAlive<T>(isDead: () => boolean, send: () => Promise<T>): Promise<T> {
  if (isDead()) return SILENCE;
  const answer = await send();
  return isDead() ? SILENCE : answer;
}

/** Whoever asked does not wait any more for how it went. */
async function unheard(apply: () => unknown): Promise<void> {
  try {
    await apply();
  } catch {
    // As the platform would: the answer goes nowhere.
  }
}
