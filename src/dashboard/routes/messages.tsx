import { apiPath } from "#dashboard/api";
import type { Dashboard, DashboardDeps } from "#dashboard/dashboard-env";
import { MessagePage, MessagesPage } from "#dashboard/pages/messages-page.tsx";
import { respond } from "#dashboard/respond.tsx";
import { messageDetailSchema, messageSchema } from "#http/schemas/message";

export function messageRoutes(app: Dashboard, { now }: DashboardDeps): void {
  app.get("/webhooks/messages", async (c) => {
    const cursor = c.req.query("cursor");
    const path = `/v1/webhooks/messages?limit=100${cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
    const { value: messages, nextCursor } = await c.get("api").page(path, messageSchema.array());
    const more = nextCursor === null ? null : `/webhooks/messages?cursor=${encodeURIComponent(nextCursor)}`;
    return respond(
      c,
      { title: "Messages", section: "webhooks" },
      <MessagesPage messages={messages} more={more} now={now()} />,
    );
  });

  app.get("/webhooks/messages/:id", async (c) => {
    const path = `${apiPath`/v1/webhooks/messages/${c.req.param("id")}`}?include_attempts=true`;
    const message = await c.get("api").get(path, messageDetailSchema);
    return respond(
      c,
      { title: message.event_type, section: "webhooks" },
      <MessagePage message={message} now={now()} />,
    );
  });
}
