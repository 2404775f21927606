import { expect, vi } from "vitest";

import { hashApiKey } from "#auth/api-key";
import { Deliveries } from "#events/deliveries";
import type { StoredManifest } from "#sources/manifest/stored-manifest";
import { ORGANIZATION, TestConnection, valueOf } from "#test/support/connection";
import { hookTokenOf, SENDER_SECRET, signedAsGitHub } from "./access.ts";
import { CRM_CREDENTIALS, CRM_SOURCE } from "./crm-manifest.ts";
import { CUSTOM_SYNCED } from "./crm-rows.ts";
import type { Crm } from "./crm.ts";

/** The body of each delivery that came in. */
export const HOOK_BODY = '{"action":"opened"}';

/** A connection of a custom source: it has synced, a run waits until its deliveries are quiet, and an event to be told. */
export async function syncedCustom(
  id: string,
  crm: Crm,
  manifest: StoredManifest,
): Promise<{ readonly connection: TestConnection; readonly cursor: string }> {
  const connection = await TestConnection.create({
    id,
    name: "Customers",
    shortName: CRM_SOURCE,
    manifest,
    config: { url: crm.url },
    credentials: CRM_CREDENTIALS,
    settings: { job_deadline_seconds: 86_400 },
  });
  await connection.sync();
  const { next: cursor } = await connection.changes();
  for (const [path, rows] of CUSTOM_SYNCED) crm.tables.set(path, rows);
  await connection.sync();
  await connection.settle();

  const tokenHash = await hashApiKey(hookTokenOf(id));
  const verification = { scheme: "github" } as const;
  const settings = { verification, condition: null, debounceSeconds: 10, deliveryIdHeader: null };
  valueOf(await connection.stub.createHook(ORGANIZATION, { tokenHash, settings, secrets: [SENDER_SECRET] }));
  const body = new Uint8Array(new TextEncoder().encode(HOOK_BODY));
  const forged = await signedAsGitHub("another body", "delivery-0");
  await connection.stub.receiveHook({ tokenHash, headers: forged, body });
  const headers = await signedAsGitHub(HOOK_BODY, "delivery-1");
  valueOf(await connection.stub.receiveHook({ tokenHash, headers, body }));

  const publish = vi.spyOn(Deliveries.prototype, "publish").mockRejectedValue(new Error("Deliveries are away."));
  valueOf(await connection.stub.update(ORGANIZATION, { description: "told to nobody yet" }));
  await connection.nextAlarm();
  await expect.poll(() => connection.rows("SELECT value FROM documents WHERE key = 'events'")).toHaveLength(1);
  publish.mockRestore();
  return { connection, cursor };
}
