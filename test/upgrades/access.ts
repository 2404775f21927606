import { hashApiKey, shownPrefix } from "#auth/api-key";
import { insertApiKey } from "#records/api-key-repository";
import { spellHookToken } from "#triggers/webhook/token";

/** Opens what a fixture holds, and nothing else anywhere. */
export const FIXTURE_KEY = "slc_a-key-that-opens-nothing-outside-of-fixture";

/** Signs deliveries to the subscriber. */
export const RECEIVER_SECRET = `whsec_${btoa("what the fixtures' receiver knows")}`;

/** Signs deliveries to the inbound address of a fixture's connection. */
export const SENDER_SECRET = "what the fixtures' sender knows";

export async function keepFixtureKey(db: D1Database, id: string, organizationId: string): Promise<void> {
  const row = { id, organization_id: organizationId, name: "Fixture", prefix: shownPrefix(FIXTURE_KEY) };
  await insertApiKey(db, { ...row, created_at: Date.now(), expires_at: null }, await hashApiKey(FIXTURE_KEY));
}

/** Of the connection's inbound address. */
export function hookTokenOf(connectionId: string): string {
  return spellHookToken(connectionId, new Uint8Array(32));
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The headers of a delivery as GitHub sends it, signed. */
export async function signedAsGitHub(body: string, delivery: string): Promise<Record<string, string>> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytesOf(SENDER_SECRET), algorithm, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytesOf(body)));
  return { "x-github-delivery": delivery, "x-hub-signature-256": `sha256=${signature.toHex()}` };
}
