import type { Failure } from "./exploration.ts";

/** A history that broke a promise, in words, with the command that lives through it again. */
export function shown(failure: Failure, steps: number): string {
  const { tier, seed, path, replayPath, manner, connections, isNew, isConcluded, history, breach } = failure;
  const all = isConcluded ? [...history, "And then everything was well again."] : history;
  const lines = all.map((sentence, index) => `  ${index + 1}. ${sentence}`);
  return [
    "A promise was broken:",
    breach.replaceAll(/^/gm, "  "),
    "",
    `What happened (${tier}, ${isNew ? "new: " : ""}${connections === 1 ? "one connection" : `${connections} connections`}, upstream: ${manner}):`,
    ...lines,
    "",
    `Replay: npm run simulate -- --tier ${tier} --seed ${seed} --steps ${steps} --path ${path} --replay ${replayPath}`,
  ].join("\n");
}
