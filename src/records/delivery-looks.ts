import { z } from "zod";

/** That the watchdog is to look at an organization's deliveries, at this time in epoch milliseconds. */
export interface DeliveryLook {
  readonly organizationId: string;
  readonly at: number;
}

const lookRow = z.object({ organization_id: z.string(), look_at: z.number() });

export async function planLook(db: D1Database, { organizationId, at }: DeliveryLook): Promise<void> {
  await db
    .prepare("INSERT OR REPLACE INTO delivery_looks (organization_id, look_at) VALUES (?, ?)")
    .bind(organizationId, at)
    .run();
}

/** The looks that are due, the longest due first. */
export async function dueLooks(db: D1Database, now: number, limit: number): Promise<DeliveryLook[]> {
  const { results } = await db
    .prepare("SELECT organization_id, look_at FROM delivery_looks WHERE look_at <= ? ORDER BY look_at LIMIT ?")
    .bind(now, limit)
    .all();
  return lookRow
    .array()
    .parse(results)
    .map((row) => ({ organizationId: row.organization_id, at: row.look_at }));
}

/** What follows a look that was taken: another one, or with null none. One that was planned meanwhile stays. */
export async function settleLook(
  db: D1Database,
  { organizationId, at }: DeliveryLook,
  next: number | null,
): Promise<void> {
  const settled =
    next === null
      ? db.prepare("DELETE FROM delivery_looks WHERE organization_id = ? AND look_at = ?").bind(organizationId, at)
      : db
          .prepare("UPDATE delivery_looks SET look_at = ?3 WHERE organization_id = ?1 AND look_at = ?2")
          .bind(organizationId, at, next);
  await settled.run();
}
