import type { ApiOperation } from "./api-document.ts";
import { seededManifest, sourceBodies } from "./fuzzed-sources.ts";

/** What is right for an operation, where `{}` or no body at all is not. */
const BODIES: Readonly<Record<string, object>> = {
  createSourceConnection: { short_name: "stub", authentication: { credentials: { stub_key: "key" } }, schedule: null },
  updateSourceConnection: { name: "Renamed" },
  createWebhook: { verification: { scheme: "none" } },
  updateWebhook: { debounce_seconds: 5 },
  createCollection: { name: "Another" },
  updateCollection: { name: "Renamed" },
  createApiKey: { name: "Another" },
  createOrganization: { name: "Another" },
  updateWebhookSubscription: { disabled: true },
  recoverWebhookSubscription: { since: "2026-01-01T00:00:00Z" },
};

/** How many hostile systems the sources of random histories read. */
const HOSTILE = 20;

/** A body that the operation takes; null where it takes none. `receiver` is an address where something answers. */
export function rightBody({ id, body }: ApiOperation, receiver: string): object | null {
  if (body === null) return null;
  if (id === "createWebhookSubscription") return { url: receiver, event_types: ["sync.completed"] };
  const manifest = seededManifest(receiver);
  if (id === "createCustomSource") return { short_name: "another-crm", manifest };
  if (id === "replaceCustomSource" || id === "checkManifest") return { manifest };
  return BODIES[id] ?? {};
}

/** Every body that is known to be right, where there is more than one. */
export function rightBodies(operation: ApiOperation, receiver: string): readonly (object | null)[] {
  const one = rightBody(operation, receiver);
  if (operation.id !== "createSourceConnection") return [one];
  const salts = Array.from({ length: HOSTILE }, (_, salt) => salt);
  return [one, ...[null, ...salts].flatMap((salt) => Object.values(sourceBodies(receiver, salt)))];
}
