import type { Context } from "hono";
import { z } from "zod";

import type { Api } from "#dashboard/api";
import { ApiRefusal } from "#dashboard/api";
import { connectionPath } from "#dashboard/connection-path";
import type { Dashboard, DashboardDeps, DashboardEnv } from "#dashboard/dashboard-env";
import { formText, readForm } from "#dashboard/form";
import { findingOn } from "#dashboard/issue";
import { SchedulePage, type ScheduleFaults, type ScheduleForm } from "#dashboard/pages/schedule-page.tsx";
import { respond } from "#dashboard/respond.tsx";
import { doneAt, toldOf, type Told } from "#dashboard/told";
import { sourceConnectionSchema, type SourceConnectionBody } from "#http/schemas/source-connection";
import { apiOf, readConnection } from "./connection-data.ts";

const NO_FAULTS: ScheduleFaults = { cron: null, timezone: null, fullCron: null };
const timesSchema = z.object({ times: z.array(z.string()) });

/** When a connection syncs by itself, and when that would be. */
export function scheduleRoutes(app: Dashboard, { now }: DashboardDeps): void {
  app.get("/connections/:id/schedule", async (c) => {
    const connection = await readConnection(c);
    const { cron, timezone, full_sync_cron: fullCron } = c.req.query();
    // What is to be looked at before it is saved comes in the address, where no script does it.
    const asked = cron === undefined ? null : { cron, timezone: timezone ?? "UTC", fullCron: fullCron ?? "" };
    return show(c, connection, asked ?? formOf(connection), toldOf(c.req.query("done")));
  });

  app.get("/connections/:id/schedule/times", async (c) => {
    const { cron = "", timezone = "UTC", full_sync_cron: fullCron = "" } = c.req.query();
    const { times, fullTimes, faults } = await nextTimes(c.get("api"), { cron, timezone, fullCron });
    return c.json({ times, full_times: fullTimes, faults });
  });

  app.post("/connections/:id/schedule", async (c) => {
    const fields = await readForm(c.req.raw);
    const path = connectionPath(c.req.param("id"), "schedule");
    const isRemoved = formText(fields, "remove") !== "";
    const form = {
      cron: formText(fields, "cron").trim(),
      timezone: formText(fields, "timezone").trim(),
      fullCron: formText(fields, "full_sync_cron").trim(),
    };
    const { cron, timezone, fullCron } = form;
    const schedule = isRemoved ? null : { cron, timezone, full_sync_cron: fullCron === "" ? null : fullCron };
    const sent = await c.get("api").send("PATCH", apiOf(c), sourceConnectionSchema, { schedule });
    if (sent.ok) return c.redirect(doneAt(path, isRemoved ? "unscheduled" : "scheduled"), 303);
    const { issues, message } = sent.refusal;
    const faults = {
      cron: findingOn(issues, ["schedule", "cron"]),
      timezone: findingOn(issues, ["schedule", "timezone"]),
      fullCron: findingOn(issues, ["schedule", "full_sync_cron"]),
    };
    return show(c, await readConnection(c), form, { tone: "bad", text: message }, faults);
  });

  async function show(
    c: Context<DashboardEnv>,
    connection: SourceConnectionBody,
    form: ScheduleForm,
    told: Told | null,
    sent: ScheduleFaults | null = null,
  ) {
    const { times, fullTimes, faults } = await nextTimes(c.get("api"), form);
    return respond(
      c,
      {
        title: `Schedule of ${connection.name}`,
        section: "connections",
        scripts: ["schedule.js"],
        status: sent === null ? 200 : 422,
      },
      <SchedulePage
        connection={connection}
        form={form}
        faults={sent ?? faults}
        times={times}
        fullTimes={fullTimes}
        told={told}
        now={now()}
      />,
    );
  }
}

function formOf({ schedule }: SourceConnectionBody): ScheduleForm {
  return {
    cron: schedule?.cron ?? "",
    timezone: schedule?.timezone ?? "UTC",
    fullCron: schedule?.full_sync_cron ?? "",
  };
}

/** When what the form holds would be due, and what is wrong with it. */
async function nextTimes(api: Api, { cron, timezone, fullCron }: ScheduleForm) {
  const [runs, fulls] = await Promise.all([timesOf(api, cron, timezone), timesOf(api, fullCron, timezone)]);
  const faults: ScheduleFaults = {
    ...NO_FAULTS,
    cron: runs.cron,
    fullCron: fulls.cron,
    timezone: runs.timezone ?? fulls.timezone,
  };
  return { times: runs.times, fullTimes: fulls.times, faults };
}

async function timesOf(api: Api, cron: string, timezone: string) {
  if (cron === "") return { times: [], cron: null, timezone: null };
  try {
    const query = new URLSearchParams({ cron, timezone });
    const { times } = await api.get(`/v1/schedules/next?${query.toString()}`, timesSchema);
    return { times, cron: null, timezone: null };
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.status !== 422) throw error;
    const finding = (name: string) => error.issues.find(({ loc }) => loc[1] === name)?.msg ?? null;
    return { times: [], cron: finding("cron"), timezone: finding("timezone") };
  }
}
