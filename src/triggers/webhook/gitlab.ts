import { isSameKey } from "#auth/api-key";

import { forged, genuine, unsigned, type Delivery, type Verdict } from "./delivery.ts";

/**
 * GitLab: the secret token itself, in a header. `Idempotency-Key` stays the same when a delivery is tried again; older
 * versions have only the event's UUID (https://docs.gitlab.com/user/project/integrations/webhooks/). GitLab's signing
 * tokens follow Standard Webhooks.
 */
export async function verifyGitLab({ headers }: Delivery, secrets: readonly string[]): Promise<Verdict> {
  const token = headers["x-gitlab-token"];
  if (token === undefined) return unsigned("X-Gitlab-Token");
  const matches = await Promise.all(secrets.map((secret) => isSameKey(token, secret)));
  if (!matches.includes(true)) return forged("The token in X-Gitlab-Token is not the one that is set here.");
  return genuine(headers["idempotency-key"] ?? headers["x-gitlab-event-uuid"]);
}
