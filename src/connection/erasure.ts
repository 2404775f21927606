import { announceConnection } from "./announce.ts";
import type { JobControl } from "./job-control.ts";
import type { Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";
import { tellOfConnection } from "./tell.ts";

/** From here on the connection does not exist. What others know of it is told to be gone. */
export function eraseConnection(stores: Stores, control: JobControl, around: Surroundings): void {
  stores.sql.transaction(() => {
    stores.jobs.dropFollowUp();
    const active = stores.jobs.active();
    if (active !== null) {
      control.record(active.id, { type: "cancel_requested" });
      control.record(active.id, { type: "stopped" });
    }
    stores.connection.write({ ...stores.connection.read(), deletedAt: around.now() });
    stores.keepsakes.forget();
    stores.outbox.clear();
    announceConnection(stores);
    tellOfConnection(stores, around, "source_connection.deleted");
  });
}
