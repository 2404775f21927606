import type { Context } from "hono";
import { z } from "zod";

import { EVENT_TYPES } from "#core/event";
import { apiPath, type ApiRefusal } from "#dashboard/api";
import type { Dashboard, DashboardDeps, DashboardEnv } from "#dashboard/dashboard-env";
import { formText, readForm } from "#dashboard/form";
import { findingOn } from "#dashboard/issue";
import { countOf } from "#dashboard/number-text";
import { SubscribePage, type SubscriptionInput } from "#dashboard/pages/subscribe-page.tsx";
import { RECOVER_HOURS, SubscriptionPage } from "#dashboard/pages/subscription-page.tsx";
import { WebhooksPage } from "#dashboard/pages/webhooks-page.tsx";
import { respond } from "#dashboard/respond.tsx";
import { messageSchema } from "#http/schemas/message";
import { recoverySchema, subscriptionDetailSchema, subscriptionSchema } from "#http/schemas/subscription";

/** Of messages, on the page of subscriptions. */
const NEWEST = 10;

/** What a new subscription hears of, until something else is chosen. */
const USUAL_EVENTS = ["sync.completed", "sync.failed", "source_connection.needs_reauth"];

const NOTICES: ReadonlyMap<string, string> = new Map([
  ["saved", "It is saved."],
  ["enabled", "It is enabled: deliveries go on."],
  ["disabled", "It is disabled: nothing is delivered until it is enabled again."],
  ["rotated", "The signing secret is replaced. Show it, and give it to the receiver within 24 hours."],
]);

interface Shown {
  readonly input?: SubscriptionInput;
  readonly refusal?: ApiRefusal;
  readonly notice?: string | null;
  readonly withSecret?: boolean;
}

export function webhookRoutes(app: Dashboard, { now }: DashboardDeps): void {
  app.get("/webhooks", async (c) => {
    const api = c.get("api");
    const subscriptions = await api.get("/v1/webhooks/subscriptions", subscriptionSchema.array());
    const messages = await api.get(`/v1/webhooks/messages?limit=${NEWEST}`, messageSchema.array());
    const notice = c.req.query("deleted") === undefined ? null : "The subscription is deleted.";
    return respond(
      c,
      { title: "Webhooks", section: "webhooks" },
      <WebhooksPage {...{ subscriptions, messages, notice }} now={now()} />,
    );
  });

  app.get("/webhooks/new", (c) => showNew(c, { url: "", events: USUAL_EVENTS }));

  app.post("/webhooks/new", async (c) => {
    const input = inputIn(await readForm(c.req.raw));
    const body = { url: input.url, event_types: input.events };
    const sent = await c.get("api").send("POST", "/v1/webhooks/subscriptions", subscriptionDetailSchema, body);
    return sent.ok ? c.redirect(`/webhooks/${sent.value.id}?subscribed`, 303) : showNew(c, input, sent.refusal);
  });

  app.get("/webhooks/:id", (c) => {
    const isNew = c.req.query("subscribed") !== undefined;
    const notice = isNew ? "It is subscribed." : (NOTICES.get(c.req.query("done") ?? "") ?? recoveredText(c));
    return show(c, c.req.param("id"), { notice, withSecret: isNew });
  });

  // A form, not a link: a secret belongs into no history.
  app.post("/webhooks/:id/secret", (c) => show(c, c.req.param("id"), { withSecret: true }));

  app.post("/webhooks/:id", async (c) => {
    const id = c.req.param("id");
    const input = inputIn(await readForm(c.req.raw));
    const body = { url: input.url, event_types: input.events };
    const sent = await c.get("api").send("PATCH", pathOf(id), subscriptionSchema, body);
    return sent.ok ? c.redirect(`/webhooks/${id}?done=saved`, 303) : show(c, id, { input, refusal: sent.refusal });
  });

  for (const [action, disabled] of [["enable", false] as const, ["disable", true] as const]) {
    app.post(`/webhooks/:id/${action}`, async (c) => {
      const id = c.req.param("id") ?? "";
      const sent = await c.get("api").send("PATCH", pathOf(id), subscriptionSchema, { disabled });
      return sent.ok ? c.redirect(`/webhooks/${id}?done=${action}d`, 303) : show(c, id, { refusal: sent.refusal });
    });
  }

  app.post("/webhooks/:id/rotate", async (c) => {
    const id = c.req.param("id");
    const sent = await c.get("api").send("POST", `${pathOf(id)}/rotate-secret`, subscriptionSchema, {});
    return sent.ok ? c.redirect(`/webhooks/${id}?done=rotated`, 303) : show(c, id, { refusal: sent.refusal });
  });

  app.post("/webhooks/:id/recover", async (c) => {
    const id = c.req.param("id");
    const hours = z
      .enum(RECOVER_HOURS)
      .catch("1")
      .parse(formText(await readForm(c.req.raw), "hours"));
    const since = new Date(now() - Number(hours) * 3_600_000).toISOString();
    const sent = await c.get("api").send("POST", `${pathOf(id)}/recover`, recoverySchema, { since });
    if (!sent.ok) return show(c, id, { refusal: sent.refusal });
    return c.redirect(`/webhooks/${id}?again=${sent.value.messages}`, 303);
  });

  app.post("/webhooks/:id/delete", async (c) => {
    const id = c.req.param("id");
    const sent = await c.get("api").send("DELETE", pathOf(id), subscriptionSchema);
    return sent.ok ? c.redirect("/webhooks?deleted", 303) : show(c, id, { refusal: sent.refusal });
  });

  async function show(c: Context<DashboardEnv>, id: string, shown: Shown): Promise<Response> {
    const { refusal, notice = null, withSecret = false } = shown;
    const path = `${pathOf(id)}${withSecret ? "?include_secret=true" : ""}`;
    const subscription = await c.get("api").get(path, subscriptionDetailSchema);
    const input = shown.input ?? { url: subscription.url, events: subscription.filter_types ?? [] };
    return respond(
      c,
      {
        title: subscription.url,
        section: "webhooks",
        scripts: ["copy.js"],
        status: refusal === undefined ? 200 : 422,
      },
      <SubscriptionPage {...{ subscription, input, notice }} {...faultsOf(refusal)} now={now()} />,
    );
  }
}

function showNew(c: Context<DashboardEnv>, input: SubscriptionInput, refusal?: ApiRefusal): Promise<Response> {
  const status = refusal === undefined ? 200 : 422;
  return respond(
    c,
    { title: "Subscribe an address", section: "webhooks", status },
    <SubscribePage input={input} {...faultsOf(refusal)} />,
  );
}

function pathOf(id: string): string {
  return apiPath`/v1/webhooks/subscriptions/${id}`;
}

function inputIn(form: FormData): SubscriptionInput {
  const events = new Set(form.getAll("event"));
  return { url: formText(form, "url").trim(), events: EVENT_TYPES.filter((type) => events.has(type)) };
}

function faultsOf(refusal: ApiRefusal | undefined) {
  const wrong = {
    url: refusal === undefined ? null : findingOn(refusal.issues, ["url"]),
    events: refusal === undefined ? null : findingOn(refusal.issues, ["event_types"]),
  };
  const isPlaced = wrong.url !== null || wrong.events !== null;
  return { wrong, problem: refusal === undefined || isPlaced ? null : refusal.message };
}

function recoveredText(c: Context<DashboardEnv>): string | null {
  const count = z.coerce.number().int().min(0).safeParse(c.req.query("again"));
  if (!count.success) return null;
  if (count.data === 0) return "Everything since then has been taken: there is nothing to deliver again.";
  return `${countOf(count.data, "message is", "messages are")} delivered again.`;
}
