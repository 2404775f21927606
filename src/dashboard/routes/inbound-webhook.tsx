import type { Context } from "hono";

import { connectionPath } from "#dashboard/connection-path";
import type { Dashboard, DashboardDeps, DashboardEnv } from "#dashboard/dashboard-env";
import { formText, readForm } from "#dashboard/form";
import { WebhookPage } from "#dashboard/pages/webhook-page.tsx";
import { respond } from "#dashboard/respond.tsx";
import { doneAt, toldOf, type Told } from "#dashboard/told";
import { NO_FAULTS, webhookFaults, webhookForm, webhookInput, type WebhookForm } from "#dashboard/webhook-form";
import { webhookSchema, type WebhookBody } from "#http/schemas/webhook";
import { apiOf, readConnection } from "./connection-data.ts";

interface Shown {
  readonly told: Told | null;
  /** Where the form is shown again. */
  readonly again?: { readonly form: WebhookForm; readonly faults: typeof NO_FAULTS };
  /** With a new address, which can't be asked for a second time. */
  readonly made?: WebhookBody;
}

/** A connection's inbound address, and what came to it. */
export function inboundWebhookRoutes(app: Dashboard, { now }: DashboardDeps): void {
  app.get("/connections/:id/webhook", (c) => show(c, { told: toldOf(c.req.query("done")) }));

  app.post("/connections/:id/webhook", async (c) => {
    const fields = await readForm(c.req.raw);
    const text = (name: string) => formText(fields, name).trim();
    const form: WebhookForm = {
      scheme: text("scheme"),
      header: text("header"),
      prefix: text("prefix"),
      encoding: text("encoding"),
      algorithm: text("algorithm"),
      condition: text("condition"),
      debounce: text("debounce_seconds"),
      deliveryId: text("delivery_id_header"),
    };
    const api = c.get("api");
    const before = await api.find(`${apiOf(c)}/webhook`, webhookSchema);
    const input = webhookInput(form, formText(fields, "secrets"), before === null ? null : webhookForm(before));
    const sent = await api.send(before === null ? "POST" : "PATCH", `${apiOf(c)}/webhook`, webhookSchema, input);
    if (!sent.ok) {
      const again = { form, faults: webhookFaults(sent.refusal.issues) };
      return show(c, { told: { tone: "bad", text: sent.refusal.message }, again });
    }
    if (before !== null) return c.redirect(doneAt(pathOf(c), "webhook-saved"), 303);
    return show(c, { told: null, made: sent.value });
  });

  app.post("/connections/:id/webhook/rotate", async (c) => {
    const overlap = formText(await readForm(c.req.raw), "overlap_seconds");
    const query = new URLSearchParams({ overlap_seconds: overlap });
    const sent = await c.get("api").send("POST", `${apiOf(c)}/webhook/rotate?${query.toString()}`, webhookSchema);
    if (sent.ok) return show(c, { told: null, made: sent.value });
    return show(c, { told: { tone: "bad", text: sent.refusal.message } });
  });

  app.post("/connections/:id/webhook/remove", async (c) => {
    const sent = await c.get("api").send("DELETE", `${apiOf(c)}/webhook`, webhookSchema);
    if (sent.ok) return c.redirect(doneAt(pathOf(c), "webhook-removed"), 303);
    return show(c, { told: { tone: "bad", text: sent.refusal.message } });
  });

  async function show(c: Context<DashboardEnv>, { told, again, made }: Shown) {
    const [connection, found] = await Promise.all([
      readConnection(c),
      made ?? c.get("api").find(`${apiOf(c)}/webhook`, webhookSchema),
    ]);
    return respond(
      c,
      {
        title: `Webhook of ${connection.name}`,
        section: "connections",
        scripts: ["webhook.js"],
        status: told?.tone === "bad" ? 422 : 200,
      },
      <WebhookPage
        connection={connection}
        webhook={found}
        form={again?.form ?? webhookForm(found)}
        faults={again?.faults ?? NO_FAULTS}
        told={told}
        now={now()}
      />,
    );
  }
}

function pathOf(c: Context<DashboardEnv>): string {
  return connectionPath(c.req.param("id") ?? "", "webhook");
}
