import type { Refusal } from "#core/errors";
import type { JobControl } from "./job-control.ts";
import type { Stores } from "./stores.ts";

/** Lets the next job read a stream from the beginning, unless one is reading. Gives why not. */
export function resetStream(stores: Stores, control: JobControl, name: string): Refusal | null {
  return stores.sql.transaction(() => {
    const active = stores.jobs.active();
    if (active !== null) {
      const job = control.live(active);
      const message = `Cannot reset a stream: a sync job is ${job.status.toLowerCase()}. Wait for it, or cancel it.`;
      return { code: "job_active", message, job };
    }
    if (stores.streams.reset(name)) return null;
    const message = `The connection has no stream "${name}". Streams appear with the first job that reads them.`;
    return { code: "not_found", message };
  });
}
