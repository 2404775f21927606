import type { JobBody } from "#http/schemas/job";
import { countText } from "./number-text.ts";
import type { JobStatus, Trigger } from "#core/job";

const TRIGGER: Readonly<Record<Trigger, string>> = {
  manual: "by hand",
  schedule: "by schedule",
  webhook: "by webhook",
  create: "on creation",
};

/** `full, by schedule` */
export function originText({ sync_mode: mode, trigger }: Pick<JobBody, "sync_mode" | "trigger">): string {
  return `${mode}, ${TRIGGER[trigger]}`;
}

export function isActive(status: JobStatus): boolean {
  return status === "PENDING" || status === "RUNNING" || status === "CANCELLING";
}

type Counted = Pick<JobBody, "entities_inserted" | "entities_updated" | "entities_deleted">;

export function changesOf(job: Counted): number {
  return job.entities_inserted + job.entities_updated + job.entities_deleted;
}

/** `120 inserted, 3 deleted` */
export function changesText(job: Counted): string {
  const parts = [
    [job.entities_inserted, "inserted"],
    [job.entities_updated, "updated"],
    [job.entities_deleted, "deleted"],
  ] as const;
  const some = parts.filter(([count]) => count > 0).map(([count, what]) => `${countText(count)} ${what}`);
  return some.length === 0 ? "nothing changed" : some.join(", ");
}
