import { z } from "zod";

import { apiPath, type Api } from "#dashboard/api";
import type { Dashboard } from "#dashboard/dashboard-env";
import { readForm } from "#dashboard/form";
import type { Issue } from "#dashboard/issue";
import { ConnectPage, type SourceForm } from "#dashboard/pages/connect-page.tsx";
import { respond } from "#dashboard/respond.tsx";
import { formFields } from "#dashboard/source-form";
import { placedIssues, problemIssues } from "#dashboard/source-issues";
import { readFields, typedIn, type Typed } from "#dashboard/source-values";
import { collectionSchema } from "#http/schemas/collection";
import { sourceSchema } from "#http/schemas/source";

const createdSchema = z.object({ id: z.string() });

/** Creating a connection of a source, by a form that is made from the source's schemas. */
export function connectRoutes(app: Dashboard): void {
  app.get("/sources/:name/connect", async (c) => {
    const { source, form, collections } = await asked(c.get("api"), c.req.param("name"));
    return respond(
      c,
      { title: `Connect ${source.name}`, section: "sources" },
      <ConnectPage {...{ source, form, collections }} typed={new Map()} wrong={new Map()} problem={null} />,
    );
  });

  app.post("/sources/:name/connect", async (c) => {
    const api = c.get("api");
    const { source, form, collections } = await asked(api, c.req.param("name"));
    const typed = typedIn(await readForm(c.req.raw));
    const config = readFields(form.config, typed);
    const credentials = readFields(form.credentials, typed);
    const unreadable = [
      ...problemIssues("config", config.problems),
      ...problemIssues("credentials", credentials.problems),
    ];
    const refuse = (status: 400 | 404 | 409 | 413 | 422 | 429 | 502, issues: readonly Issue[], message: string) => {
      const { wrong, rest } = placedIssues(issues, form, typed);
      const known = `${wrong.size === 1 ? "One field needs" : `${wrong.size} fields need`} another look.`;
      const problem = issues.length === 0 ? message : [...(wrong.size > 0 ? [known] : []), ...rest].join(" ");
      return respond(
        c,
        { title: `Connect ${source.name}`, section: "sources", status },
        <ConnectPage {...{ source, form, collections, typed: withoutSecrets(typed), wrong, problem }} />,
      );
    };
    if (unreadable.length > 0) return refuse(422, unreadable, "");
    const name = (typed.get("name") ?? "").trim();
    const sent = await api.send("POST", "/v1/source-connections", createdSchema, {
      short_name: source.short_name,
      readable_collection_id: typed.get("collection") ?? "default",
      ...(name === "" ? {} : { name }),
      config: config.value,
      authentication: { credentials: credentials.value },
      sync_immediately: typed.get("sync") !== "false",
      ...scheduleIn(typed),
    });
    if (sent.ok) return c.redirect(`/connections/${sent.value.id}`, 303);
    const { refusal } = sent;
    return refuse(statusSchema.parse(refusal.status), refusal.issues, refusal.message);
  });
}

const statusSchema = z.literal([400, 404, 409, 413, 422, 429, 502]).catch(400);

async function asked(api: Api, name: string) {
  const source = await api.get(`${apiPath`/v1/sources/${name}`}?include=schemas`, sourceSchema);
  const collections = await api.get("/v1/collections?limit=1000", collectionSchema.array());
  const form: SourceForm = {
    config: formFields(source.schemas?.config ?? {}, "config"),
    credentials: formFields(source.schemas?.credentials ?? {}, "credentials"),
  };
  return { source, collections, form };
}

/** Nothing for what suits the source. */
function scheduleIn(typed: Typed): { readonly schedule?: object | null } {
  const rhythm = typed.get("rhythm") ?? "";
  if (rhythm === "") return {};
  if (rhythm === "none") return { schedule: null };
  const timezone = (typed.get("timezone") ?? "").trim();
  const cron = rhythm === "own" ? (typed.get("cron") ?? "") : rhythm;
  return { schedule: { cron, ...(timezone === "" ? {} : { timezone }) } };
}

/** What was typed as credentials goes nowhere but to the API; which kind was chosen is none. */
function withoutSecrets(typed: Typed): Typed {
  return new Map([...typed].filter(([name]) => !name.startsWith("credentials") || name.endsWith("#")));
}
