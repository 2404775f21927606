import { v4 as uuidv4 } from "uuid";

import { openGate } from "#connection/gate";
import { createApp } from "#http/app";
import { watch } from "#triggers/watchdog";

export { SourceConnection } from "#connection/object";

const app = createApp({
  gate: (env, connectionId) => openGate(env.SOURCE_CONNECTION, connectionId, uuidv4),
  newId: uuidv4,
  now: () => Date.now(),
});

export default {
  fetch: app.fetch,
  scheduled: async (_controller, env) => {
    const gate = (connectionId: string) => openGate(env.SOURCE_CONNECTION, connectionId, uuidv4);
    await watch({ db: env.DB, gate, now: Date.now() });
  },
} satisfies ExportedHandler<Cloudflare.Env>;
