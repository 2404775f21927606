/** A stream of numbers in [0, 1), the same for the same seed on every machine. */
export type SeededRandom = () => number;

/**
 * Random numbers for the entity at `index` of the sequence that `seed` names (mulberry32). An entity of its own
 * sequence can be made without those before it, so a read that continues in the middle makes the same entities.
 */
export function seededRandom(seed: number, index: number): SeededRandom {
  // Two odd constants with well-spread bits keep neighbouring seeds and neighbouring indexes apart.
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `low` to `high`, both included. */
export function wholeNumber(random: SeededRandom, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** One of several, each as likely as the others. */
export function oneOf<T>(random: SeededRandom, choices: readonly [T, ...T[]]): T {
  return choices[wholeNumber(random, 0, choices.length - 1)] ?? choices[0];
}
