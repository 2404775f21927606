import { setTimeout as delay } from "node:timers/promises";

import { z } from "zod";

import { ask, until } from "./ask.ts";
import type { GuestSource } from "./plan.ts";
import type { Stage } from "./stage.ts";
import { allOfIt, connectionOf, jobIn } from "./subject.ts";

/** A connection that its owner had for a moment. */
export interface Guest {
  readonly id: string;
  /** A job of it that was accepted; its own id where there is none. */
  readonly jobId: string;
}

interface Visit {
  readonly source: GuestSource;
  readonly name: string;
  readonly ms: number;
}

const NAME = /^Guest /;

const listSchema = z.array(z.object({ id: z.string(), name: z.string() }));

/** The connections that come and go. */
export class Guests {
  readonly #jobIds = new Map<string, string>();
  readonly #gone = new Set<string>();

  /** One comes, is synced, and goes, whatever is wrong meanwhile. */
  async visit(stage: Stage, { source, name, ms }: Visit): Promise<void> {
    const body = { ...connectionOf(stage, source, name, allOfIt(source)), sync_immediately: true };
    const made = await stage.call("POST", "/source-connections", { body });
    const { id } = z.looseObject({ id: z.string().optional() }).parse(made?.body ?? {});
    stage.history.add(`${source}: ${name} is made → ${made?.status ?? "no answer"} ${id ?? ""}`);
    if (made?.status !== 200 || id === undefined) return;
    const job = jobIn(await stage.call("POST", `/source-connections/${id}/run?on_conflict=attach`));
    this.#jobIds.set(id, job?.id ?? id);
    await delay(ms);
    const answer = await stage.call("DELETE", `/source-connections/${id}`);
    stage.history.add(`${source}: ${name} is deleted → ${answer?.status ?? "no answer"}`);
    if (answer?.status === 200) this.#gone.add(id);
  }

  /** Whoever is still there goes, also who came with nobody knowing. */
  async leave(stage: Stage): Promise<void> {
    const listed = listSchema.parse((await ask(stage, "GET", "/source-connections?limit=1000")).body);
    for (const { id, name } of listed) if (NAME.test(name) && !this.#jobIds.has(id)) this.#jobIds.set(id, id);
    for (const id of this.#jobIds.keys()) {
      if (this.#gone.has(id)) continue;
      await until(`the connection ${id} is deleted`, async () => {
        const answer = await stage.call("DELETE", `/source-connections/${id}`);
        return answer?.status === 200 || answer?.status === 404;
      });
      this.#gone.add(id);
    }
  }

  /** Those that have gone since the last time. */
  take(): readonly Guest[] {
    const gone = [...this.#jobIds].map(([id, jobId]) => ({ id, jobId }));
    this.#jobIds.clear();
    return gone;
  }
}
