import type { Context } from "hono";

import { apiPath, type Sent } from "#dashboard/api";
import type { Dashboard, DashboardEnv } from "#dashboard/dashboard-env";
import { formText, readForm } from "#dashboard/form";
import { findingOn } from "#dashboard/issue";
import { ManifestPage, type ManifestInput } from "#dashboard/pages/manifest-page.tsx";
import { respond } from "#dashboard/respond.tsx";
import { manifestCheckSchema, type ManifestCheckBody } from "#http/schemas/manifest-check";
import { sourceSchema, type SourceBody } from "#http/schemas/source";

/** Bringing a source, and changing one that was brought. No short name begins with `_`. */
export function manifestRoutes(app: Dashboard): void {
  app.get("/sources/_new", (c) => show(c, { input: { shortName: "", name: "", manifest: "" }, replaces: null }));

  app.get("/sources/:name/manifest", async (c) => {
    const name = c.req.param("name");
    const source = await c.get("api").get(`${apiPath`/v1/sources/${name}`}?include=manifest`, sourceSchema);
    const manifest = source.manifest ?? "";
    return show(c, { input: { shortName: name, name: source.name, manifest }, replaces: name });
  });

  app.post("/sources/_new", async (c) => {
    const form = await readForm(c.req.raw);
    const input = await inputIn(form);
    const { shortName, name, manifest } = input;
    if (formText(form, "action") === "check") return checked(c, { input, replaces: null });
    const sent = await c.get("api").send("POST", "/v1/sources", sourceSchema, {
      short_name: shortName,
      manifest,
      ...(name === "" ? {} : { name }),
    });
    return finish(c, { input, replaces: null }, sent);
  });

  app.post("/sources/:name/manifest", async (c) => {
    const form = await readForm(c.req.raw);
    const replaces = c.req.param("name");
    const before = await c.get("api").get(apiPath`/v1/sources/${replaces}`, sourceSchema);
    const input = { ...(await inputIn(form)), shortName: replaces, name: before.name };
    if (formText(form, "action") === "check") return checked(c, { input, replaces });
    const body = {
      manifest: input.manifest,
      name: before.name,
      description: before.description,
      labels: before.labels,
    };
    const sent = await c.get("api").send("PUT", apiPath`/v1/sources/${replaces}`, sourceSchema, body);
    return finish(c, { input, replaces }, sent);
  });
}

/** A file counts for more than the text beside it. */
async function inputIn(form: FormData): Promise<ManifestInput> {
  const file = form.get("file");
  const chosen = file !== null && typeof file !== "string" && file.size > 0 ? await file.text() : null;
  return {
    shortName: formText(form, "short_name").trim(),
    name: formText(form, "name").trim(),
    manifest: chosen ?? formText(form, "manifest").replaceAll("\r\n", "\n"),
  };
}

interface Shown {
  readonly input: ManifestInput;
  readonly replaces: string | null;
  readonly check?: ManifestCheckBody | null;
  readonly wrong?: ReadonlyMap<string, string>;
  readonly problem?: string | null;
  readonly status?: 200 | 422;
}

function show(c: Context<DashboardEnv>, shown: Shown): Promise<Response> {
  const { input, replaces, check = null, wrong = new Map(), problem = null, status = 200 } = shown;
  const title = replaces === null ? "Bring your own source" : `Manifest of ${input.name}`;
  return respond(
    c,
    { title, section: "sources", status, scripts: ["manifest.js"] },
    <ManifestPage {...{ input, replaces, check, wrong, problem }} />,
  );
}

async function checked(c: Context<DashboardEnv>, shown: Shown): Promise<Response> {
  const { manifest } = shown.input;
  const sent = await c.get("api").send("POST", "/v1/manifests/check", manifestCheckSchema, { manifest });
  // What is wrong otherwise than the check says, such as that it is too large to be kept.
  const problem = sent.ok && sent.value.can_be_used ? (shown.problem ?? null) : null;
  return sent.ok
    ? show(c, { ...shown, check: sent.value, problem })
    : show(c, { ...shown, problem: sent.refusal.message, status: 422 });
}

async function finish(c: Context<DashboardEnv>, shown: Shown, sent: Sent<SourceBody>): Promise<Response> {
  if (sent.ok) return c.redirect(`/sources/${sent.value.short_name}?registered`, 303);
  const { issues, message } = sent.refusal;
  const wrong = new Map(
    ["short_name", "name"].flatMap((field): [string, string][] => {
      const found = findingOn(issues, [field]);
      return found === null ? [] : [[field, found]];
    }),
  );
  const isAboutManifest = findingOn(issues, ["manifest"]) !== null;
  // The check tells the same with more around it.
  if (isAboutManifest) return checked(c, { ...shown, wrong, problem: message, status: 422 });
  return show(c, { ...shown, wrong, problem: wrong.size === 0 ? message : null, status: 422 });
}
