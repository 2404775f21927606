import type { ApiOperation } from "./api-document.ts";
import { SEEDED_MANIFEST } from "./seeded-names.ts";

/** What is right for an operation, where `{}` or no body at all is not. */
const BODIES: Readonly<Record<string, object>> = {
  createSourceConnection: { short_name: "stub", authentication: { credentials: { stub_key: "key" } }, schedule: null },
  updateSourceConnection: { name: "Renamed" },
  createWebhook: { verification: { scheme: "none" } },
  updateWebhook: { debounce_seconds: 5 },
  createCollection: { name: "Another" },
  updateCollection: { name: "Renamed" },
  createCustomSource: { short_name: "another-crm", manifest: SEEDED_MANIFEST },
  replaceCustomSource: { manifest: SEEDED_MANIFEST },
  checkManifest: { manifest: SEEDED_MANIFEST },
  createApiKey: { name: "Another" },
  createOrganization: { name: "Another" },
  updateWebhookSubscription: { disabled: true },
  recoverWebhookSubscription: { since: "2026-01-01T00:00:00Z" },
};

/** A body that the operation takes; null where it takes none. `receiver` is an address where something answers. */
export function rightBody({ id, body }: ApiOperation, receiver: string): object | null {
  if (body === null) return null;
  if (id === "createWebhookSubscription") return { url: receiver, event_types: ["sync.completed"] };
  return BODIES[id] ?? {};
}
