import type { StoredManifest } from "#sources/manifest/stored-manifest";
import { TestConnection, valueOf } from "#test/support/connection";
import { CRM_CREDENTIALS, CRM_SOURCE } from "./crm-manifest.ts";
import { PASS_GROWN, PASS_NOW } from "./crm-rows.ts";
import type { Crm } from "./crm.ts";

/** Of the next company, as though there had been so many: what comes then is in the marks' first chunk, and in their second. */
const NEXT_NUMBER = 65_520;

/** A connection whose third job is half-way through a pass: it has read what it will delete from, and waits for the rest. */
export async function stoppedInPass(
  id: string,
  crm: Crm,
  manifest: StoredManifest,
): Promise<{ readonly connection: TestConnection; readonly cursor: string; readonly jobId: string }> {
  const connection = await TestConnection.create({
    id,
    name: "Customers in mid-pass",
    shortName: CRM_SOURCE,
    manifest,
    config: { url: crm.url },
    credentials: CRM_CREDENTIALS,
    settings: { job_deadline_seconds: 86_400 },
  });
  await connection.sync();
  const { next: cursor } = await connection.changes();
  const numbered = "UPDATE streams SET value = json_set(value, '$.nextEntityNumber', ?) WHERE name = 'companies'";
  await connection.rows(numbered, NEXT_NUMBER);
  for (const [path, rows] of PASS_GROWN) crm.tables.set(path, rows);
  await connection.sync();
  await connection.settle();

  for (const [path, rows] of PASS_NOW) crm.tables.set(path, rows);
  crm.busyAt.add("companies?page=3");
  const job = valueOf(await connection.run({ forceFullSync: true }));
  while ((await connection.job(job.id)).waiting === null) await connection.nextAlarm();
  return { connection, cursor, jobId: job.id };
}
