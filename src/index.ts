import { env as bindings } from "cloudflare:workers";
import { v4 as uuidv4 } from "uuid";

import { openGate, type Gate } from "#connection/gate";
import { openEvents } from "#events/gate";
import { createSite } from "#dashboard/site";
import { recordTo } from "#observability/log";
import { everyMinute } from "#triggers/every-minute";

export { SourceConnection } from "#connection/object";
export { EventDelivery } from "#events/object";

if (bindings.ANALYTICS !== undefined) recordTo(bindings.ANALYTICS);

const now = () => Date.now();
const gateOf =
  (env: Cloudflare.Env): Gate =>
  (connectionId) =>
    openGate(env.SOURCE_CONNECTION, connectionId, uuidv4);
const eventsOf = (env: Cloudflare.Env) => (organizationId: string) => openEvents(env.EVENT_DELIVERY, organizationId);

const site = createSite({
  gate: (env, connectionId) => gateOf(env)(connectionId),
  events: (env, organizationId) => eventsOf(env)(organizationId),
  newId: uuidv4,
  now,
});

export default {
  fetch: (request, env) => site.fetch(request, env),
  scheduled: (_controller, env) => everyMinute(env, { gate: gateOf(env), events: eventsOf(env) }, now),
} satisfies ExportedHandler<Cloudflare.Env>;
