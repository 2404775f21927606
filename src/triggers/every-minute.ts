import { readConfig } from "#config";
import type { Gate } from "#connection/gate";
import { unexpectedError } from "#observability/events";
import { log } from "#observability/log";
import { sweep } from "./sweep.ts";
import { watch } from "./watchdog.ts";

/** What cron runs each minute, one after the other: they share the requests that an invocation may have open. */
export async function everyMinute(env: Cloudflare.Env, gate: Gate, now: () => number): Promise<void> {
  await guarded("watchdog", () => watch({ db: env.DB, gate, now: now() }));
  await guarded("sweep", async () => {
    const { SWEEP_LIMIT, SWEEP_CONCURRENCY } = readConfig(env);
    await sweep({ db: env.DB, gate, now, limit: SWEEP_LIMIT, concurrency: SWEEP_CONCURRENCY });
  });
}

/** A fault in one does not keep the other from its work. */
async function guarded(name: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log(unexpectedError(name, null, error));
  }
}
