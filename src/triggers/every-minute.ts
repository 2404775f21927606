import { readConfig } from "#config";
import type { Gate } from "#connection/gate";
import { handOverLeftBehind } from "#events/handover";
import type { EventDeliveryRpc } from "#events/rpc";
import { unexpectedError } from "#observability/events";
import { log } from "#observability/log";
import { watchDeliveries } from "./delivery-watchdog.ts";
import { sweep } from "./sweep.ts";
import { watch } from "./watchdog.ts";

/** The way to what cron calls. */
export interface Reach {
  readonly gate: Gate;
  readonly events: (organizationId: string) => EventDeliveryRpc;
}

/** What cron runs each minute, one after the other: they share the requests that an invocation may have open. */
export async function everyMinute(env: Cloudflare.Env, { gate, events }: Reach, now: () => number): Promise<void> {
  await guarded("watchdog", () => watch({ db: env.DB, gate, now: now() }));
  await guarded("delivery watchdog", () => watchDeliveries(env.DB, events, now()));
  await guarded("event handover", () => handOverLeftBehind(env.DB, events, now()));
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
