import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";

import { findingsSchema, type Exploration, type Findings } from "./exploration.ts";
import type { Explorer } from "./search.ts";

const PLAYER = join(import.meta.dirname, "player.ts");

/**
 * What a history leaves behind is gone with it: with room for many, little has to be looked through. And all of Sluice is
 * used from the first history on, so that compiling it at once pays: measured, a fifth of the time of a short run.
 */
const ENGINE = ["--max-semi-space-size=64", "--always-sparkplug", "--no-lazy-feedback-allocation"];

/** A process of its own that lives through histories: they take a processor each. */
export class PlayerProcess implements Explorer {
  readonly #process: ChildProcess;
  #isStopped = false;

  constructor() {
    this.#process = fork(PLAYER, {
      execArgv: [...process.execArgv, ...ENGINE],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
  }

  /** Null once it has been stopped. */
  async explore(exploration: Exploration): Promise<Findings | null> {
    if (this.#isStopped) return null;
    const { promise, resolve, reject } = Promise.withResolvers<Findings | null>();
    const onMessage = (message: unknown) => resolve(findingsSchema.parse(message));
    const onExit = () => (this.#isStopped ? resolve(null) : reject(new Error("A process of the simulation died.")));
    this.#process.once("message", onMessage).once("exit", onExit);
    this.#process.send(exploration);
    try {
      return await promise;
    } finally {
      this.#process.off("message", onMessage).off("exit", onExit);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#process.kill("SIGKILL");
  }
}
