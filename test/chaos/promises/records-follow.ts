import { z } from "zod";

import type { JobBody } from "#http/schemas/job";
import { ask, until } from "#test/chaos/ask";
import { objectOf } from "#test/chaos/object-of";
import { describe, listJobs } from "#test/chaos/settle";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

const count = z.number();
const rowSchema = z.object({
  id: z.string(),
  status: z.string(),
  trigger: z.string(),
  sync_mode: z.string(),
  created_at: z.number(),
  started_at: z.number().nullable(),
  completed_at: z.number().nullable(),
  entities_inserted: count,
  entities_updated: count,
  entities_deleted: count,
  entities_kept: count,
  entities_failed: count,
  error: z.string().nullable(),
  error_category: z.string().nullable(),
  wake_at: z.number().nullable(),
});
type Row = z.infer<typeof rowSchema>;
const ROW_FIELDS = rowSchema.keyof().options;

const recordsSchema = z.object({
  jobs: z.array(rowSchema),
  connection: z.object({ name: z.string(), status: z.string(), entity_count: z.number() }).nullable(),
});

/**
 * D1 comes to say what the object says, and stays with it when what it was told before arrives once more. Where nothing
 * is on its way any more, and nothing set to send it, what it says is wrong for good.
 */
export async function recordsFollow(stage: Stage, subject: Subject): Promise<readonly string[]> {
  await ask(stage, "POST", "/late", { where: "chaos" });
  let unequal: readonly string[] = [];
  const isEqual = async () => {
    const { untold, alarmAt } = await objectOf(stage, subject);
    const jobs = await listJobs(stage, subject);
    const connection = await describe(stage, subject);
    const records = recordsSchema.parse((await ask(stage, "GET", `/records/${subject.id}`, { where: "chaos" })).body);
    const rows = new Map(records.jobs.map((row) => [row.id, rowText(row)]));
    const shown = new Map(jobs.map((job) => [job.id, rowText(rowOfJob(job))]));
    const own = {
      name: connection.name,
      status: connection.status,
      entity_count: connection.entities?.total_entities ?? 0,
    };
    unequal = [
      ...[...shown]
        .filter(([id, text]) => rows.get(id) !== text)
        .map(([id, text]) => `${text} is ${rows.get(id) ?? "missing"} in D1`),
      ...[...rows.keys()]
        .filter((id) => !shown.has(id))
        .map((id) => `D1 has a job ${id} that the object does not know`),
      ...(JSON.stringify(records.connection) === JSON.stringify(own)
        ? []
        : [`the connection is ${JSON.stringify(own)}, and in D1 ${JSON.stringify(records.connection)}`]),
    ];
    return unequal.length === 0 || (untold === 0 && alarmAt === null);
  };
  await until("D1 agrees with the object", isEqual, () => unequal.slice(0, 3).join("; "));
  return unequal.length === 0 ? [] : [`D1 was told everything, and does not agree: ${unequal.slice(0, 3).join("; ")}`];
}

function rowOfJob(job: JobBody): Row {
  return {
    ...job,
    created_at: Date.parse(job.created_at),
    started_at: momentOf(job.started_at),
    completed_at: momentOf(job.completed_at),
    wake_at: null,
  };
}

function momentOf(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}

/** What D1 and the object have in common, in one order. */
function rowText(row: Row): string {
  return JSON.stringify(ROW_FIELDS.map((field) => row[field]));
}
