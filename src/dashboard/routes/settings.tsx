import type { Context } from "hono";

import { apiPath, type Api } from "#dashboard/api";
import { connectionPath } from "#dashboard/connection-path";
import type { Dashboard, DashboardEnv } from "#dashboard/dashboard-env";
import { formText, readForm } from "#dashboard/form";
import { findingOn, type Issue } from "#dashboard/issue";
import { SettingsPage, type NameForm, type SettingsFaults } from "#dashboard/pages/settings-page.tsx";
import { SourceSettings, type SourceSettingsForm } from "#dashboard/pages/source-settings.tsx";
import { SyncSettings } from "#dashboard/pages/sync-settings.tsx";
import { respond } from "#dashboard/respond.tsx";
import { formFields, type FormField } from "#dashboard/source-form";
import { placedIssues, problemIssues } from "#dashboard/source-issues";
import { readFields, typedFrom, typedIn, type Typed } from "#dashboard/source-values";
import {
  NO_FAULTS,
  syncSettingsFaults,
  syncSettingsForm,
  syncSettingsInput,
  type SyncSettingsFaults,
  type SyncSettingsForm,
} from "#dashboard/sync-settings-form";
import { doneAt, toldOf, type Told } from "#dashboard/told";
import { sourceSchema } from "#http/schemas/source";
import { sourceConnectionSchema, type SourceConnectionBody } from "#http/schemas/source-connection";
import { apiOf, readConnection } from "./connection-data.ts";

interface Shown {
  readonly told: Told | null;
  readonly form?: NameForm;
  readonly faults?: Partial<SettingsFaults>;
  readonly source?: SourceSettingsForm;
  readonly syncs?: { readonly form: SyncSettingsForm; readonly faults: SyncSettingsFaults };
}

/** What a connection's owner may change about it, and its end. */
export function settingsRoutes(app: Dashboard): void {
  app.get("/connections/:id/settings", (c) => show(c, { told: toldOf(c.req.query("done")) }));

  app.post("/connections/:id/settings/name", async (c) => {
    const fields = await readForm(c.req.raw);
    const form = { name: formText(fields, "name").trim(), description: formText(fields, "description").trim() };
    const patch = { name: form.name, description: form.description === "" ? null : form.description };
    const sent = await c.get("api").send("PATCH", apiOf(c), sourceConnectionSchema, patch);
    if (sent.ok) return c.redirect(doneAt(pathOf(c), "saved"), 303);
    const { issues, message } = sent.refusal;
    const faults = { name: findingOn(issues, ["name"]), description: findingOn(issues, ["description"]) };
    return show(c, { told: { tone: "bad", text: message }, form, faults });
  });

  app.post("/connections/:id/settings/credentials", async (c) => replace(c, "credentials"));
  app.post("/connections/:id/settings/config", async (c) => replace(c, "config"));

  app.post("/connections/:id/settings/syncs", async (c) => {
    const fields = await readForm(c.req.raw);
    const form: SyncSettingsForm = {
      guardPercent: formText(fields, "guard_percent").trim(),
      guardFrom: formText(fields, "guard_from").trim(),
      deadline: formText(fields, "deadline").trim(),
      deadlineUnit: formText(fields, "deadline_unit"),
    };
    const patch = { sync_settings: syncSettingsInput(form) };
    const sent = await c.get("api").send("PATCH", apiOf(c), sourceConnectionSchema, patch);
    if (sent.ok) return c.redirect(doneAt(pathOf(c), "saved"), 303);
    const { issues, message } = sent.refusal;
    const text = issues.length === 0 ? message : "This needs another look.";
    return show(c, { told: { tone: "bad", text }, syncs: { form, faults: syncSettingsFaults(issues) } });
  });

  app.post("/connections/:id/settings/pause", async (c) => {
    const isPaused = formText(await readForm(c.req.raw), "paused") === "yes";
    const sent = await c.get("api").send("PATCH", apiOf(c), sourceConnectionSchema, { is_paused: isPaused });
    if (sent.ok) return c.redirect(doneAt(pathOf(c), isPaused ? "paused" : "resumed"), 303);
    return show(c, { told: { tone: "bad", text: sent.refusal.message } });
  });

  app.post("/connections/:id/settings/delete", async (c) => {
    const typed = formText(await readForm(c.req.raw), "confirmation").trim();
    const { name } = await readConnection(c);
    if (typed !== name) {
      const confirmation = "This is not the name of the connection. Nothing was deleted.";
      return show(c, { told: { tone: "bad", text: confirmation }, faults: { confirmation } });
    }
    const sent = await c.get("api").send("DELETE", apiOf(c), sourceConnectionSchema);
    if (sent.ok) return c.redirect(doneAt("/", "deleted"), 303);
    return show(c, { told: { tone: "bad", text: sent.refusal.message } });
  });
}

/** New config or credentials: as typed, all of it, since either replaces what was there. */
async function replace(c: Context<DashboardEnv>, part: "config" | "credentials") {
  const connection = await readConnection(c);
  const fields = await sourceFields(c.get("api"), connection);
  const typed = typedIn(await readForm(c.req.raw));
  const { value, problems } = readFields(fields[part], typed);
  if (problems.length > 0) return again(problemIssues(part, problems), "");
  const patch = part === "config" ? { config: value } : { authentication: { credentials: value } };
  const sent = await c.get("api").send("PATCH", apiOf(c), sourceConnectionSchema, patch);
  if (sent.ok) return c.redirect(doneAt(pathOf(c), part === "config" ? "saved" : "credentials"), 303);
  return again(sent.refusal.issues, sent.refusal.message);

  async function again(issues: readonly Issue[], message: string) {
    const { wrong, rest } = placedIssues(issues, fields, typed);
    const text = issues.length === 0 ? message : ["This needs another look.", ...rest].join(" ");
    // What was typed as credentials goes nowhere but to the API.
    const source =
      part === "config" ? { ...fields, typed, wrong } : { ...fields, typed: asItIs(fields, connection), wrong };
    return show(c, { told: { tone: "bad", text }, source });
  }
}

/** The fields that the connection's source wants; none where the source is gone. */
async function sourceFields(api: Api, { short_name: name }: SourceConnectionBody) {
  const source = await api.find(`${apiPath`/v1/sources/${name}`}?include=schemas`, sourceSchema);
  return {
    config: formFields(source?.schemas?.config ?? {}, "config"),
    credentials: formFields(source?.schemas?.credentials ?? {}, "credentials"),
  };
}

function asItIs({ config }: { readonly config: readonly FormField[] }, connection: SourceConnectionBody): Typed {
  return typedFrom(config, connection.config ?? {});
}

async function show(c: Context<DashboardEnv>, { told, form, faults, source, syncs }: Shown) {
  const connection = await readConnection(c);
  const fields = source ?? (await sourceFields(c.get("api"), connection));
  const sourceForm = { typed: asItIs(fields, connection), wrong: new Map<string, string>(), ...fields };
  const { name, description } = connection;
  return respond(
    c,
    { title: `Settings of ${name}`, section: "connections", status: told?.tone === "bad" ? 422 : 200 },
    <SettingsPage
      connection={connection}
      form={form ?? { name, description: description ?? "" }}
      faults={{ name: null, description: null, confirmation: null, ...faults }}
      told={told}
      syncs={
        <SyncSettings
          connectionId={connection.id}
          form={syncs?.form ?? syncSettingsForm(connection.sync_settings)}
          faults={syncs?.faults ?? NO_FAULTS}
          defaultDeadlineSeconds={c.get("config").JOB_DEADLINE_SECONDS}
        />
      }
    >
      <SourceSettings connectionId={connection.id} form={sourceForm} />
    </SettingsPage>,
  );
}

function pathOf(c: Context<DashboardEnv>): string {
  return connectionPath(c.req.param("id") ?? "", "settings");
}
