import type { Context } from "hono";

import { apiPath } from "#dashboard/api";
import type { Dashboard, DashboardDeps, DashboardEnv } from "#dashboard/dashboard-env";
import { formText, readForm } from "#dashboard/form";
import { findingOn } from "#dashboard/issue";
import { KeysPage } from "#dashboard/pages/keys-page.tsx";
import { respond } from "#dashboard/respond.tsx";
import { apiKeySchema, newApiKeySchema } from "#http/schemas/api-key";

interface Shown {
  readonly made?: { readonly name: string; readonly key: string };
  readonly notice?: string;
  readonly name?: string;
  readonly lifetime?: string;
  readonly wrong?: string | null;
  readonly problem?: string;
  readonly status?: 200 | 404 | 422;
}

export function keyRoutes(app: Dashboard, { now }: DashboardDeps): void {
  app.get("/keys", (c) => show(c, c.req.query("revoked") === undefined ? {} : { notice: "The key is revoked." }));

  // The answer is the page itself: a key that is shown once can't wait for another request.
  app.post("/keys", async (c) => {
    const form = await readForm(c.req.raw);
    const [name, lifetime] = [formText(form, "name"), formText(form, "days")];
    const sent = await c.get("api").send("POST", "/v1/api-keys", newApiKeySchema, {
      name,
      ...(lifetime === "" ? {} : { expires_in_days: Number(lifetime) }),
    });
    if (sent.ok) return show(c, { made: sent.value });
    const wrong = findingOn(sent.refusal.issues, ["name"]);
    const problem = wrong === null ? { problem: sent.refusal.message } : {};
    return show(c, { name, lifetime, wrong, ...problem, status: 422 });
  });

  app.post("/keys/:id/delete", async (c) => {
    const sent = await c.get("api").send("DELETE", apiPath`/v1/api-keys/${c.req.param("id")}`, apiKeySchema);
    // Whoever revokes the key of this very session is led to where one can sign in again.
    return sent.ok ? c.redirect("/keys?revoked", 303) : show(c, { problem: sent.refusal.message, status: 404 });
  });

  async function show(c: Context<DashboardEnv>, shown: Shown): Promise<Response> {
    const { made = null, notice = null, name = "", lifetime = "", wrong = null, problem = null, status = 200 } = shown;
    const keys = await c.get("api").get("/v1/api-keys?limit=1000", apiKeySchema.array());
    return respond(
      c,
      { title: "API keys", section: "keys", scripts: ["copy.js"], status },
      <KeysPage {...{ keys, made, notice, name, lifetime, wrong, problem }} now={now()} />,
    );
  }
}
