import { z } from "@hono/zod-openapi";

import { Refused } from "#core/errors";
import type { App, AppDeps } from "#http/app-env";
import { checkedManifest } from "#http/custom-source";
import { json, operation } from "#http/operation";
import {
  checkManifestSchema,
  createCustomSourceSchema,
  replaceCustomSourceSchema,
  textOfManifest,
} from "#http/schemas/custom-source-input";
import { manifestCheckBody, manifestCheckSchema } from "#http/schemas/manifest-check";
import { sourceBody, sourceSchema } from "#http/schemas/source";
import { sourceNamed } from "#http/source-input";
import {
  connectionsOnSource,
  deleteCustomSource,
  insertCustomSource,
  replaceCustomSource,
} from "#records/custom-source-repository";
import { findSource } from "#sources/registry";

const tag = "Sources";
const params = z.object({ short_name: z.string().max(200) });

/** A manifest of 2 MB as JSON text: each of its line ends and quotes is escaped. */
const MAX_MANIFEST_BODY_BYTES = 4_500_000;

/** Connections that a refusal names. */
const NAMED_CONNECTIONS = 5;

const create = operation({
  method: "post",
  path: "/v1/sources",
  id: "createCustomSource",
  tag,
  summary: "Bring a source: register a low-code manifest",
  description:
    "The manifest is checked; what is wrong is told with its place in it. Streams that need custom code can't run and say so; the others run. Name, description and labels may also come from the manifest's `metadata`.",
  request: { body: json(createCustomSourceSchema) },
  answer: sourceSchema,
  refusals: ["already_exists", "body_too_large"],
  maxBodyBytes: MAX_MANIFEST_BODY_BYTES,
});

const check = operation({
  method: "post",
  path: "/v1/manifests/check",
  id: "checkManifest",
  tag,
  summary: "Tell what of a low-code manifest can run, without registering it",
  description:
    "Answers with 200 whatever is wrong with the manifest: `issues` say what, each stream's `findings` why it can't run, `warnings` what is probably a mistake.",
  request: { body: json(checkManifestSchema) },
  answer: manifestCheckSchema,
  refusals: ["body_too_large"],
  maxBodyBytes: MAX_MANIFEST_BODY_BYTES,
});

const replace = operation({
  method: "put",
  path: "/v1/sources/{short_name}",
  id: "replaceCustomSource",
  tag,
  summary: "Replace a custom source's manifest",
  description:
    "Connections use the new one from their next job on. Entities of a stream that it does not have any more stay until the stream is reset or the connection deleted.",
  request: { params, body: json(replaceCustomSourceSchema) },
  answer: sourceSchema,
  refusals: ["not_found", "body_too_large"],
  maxBodyBytes: MAX_MANIFEST_BODY_BYTES,
});

const remove = operation({
  method: "delete",
  path: "/v1/sources/{short_name}",
  id: "deleteCustomSource",
  tag,
  summary: "Delete a custom source that no connection uses",
  request: { params },
  answer: sourceSchema,
  refusals: ["not_found", "conflict"],
});

export function customSourceRoutes(app: App, { now, newId }: AppDeps): void {
  app.openapi(create, async (c) => {
    const { short_name: shortName, manifest, ...title } = c.req.valid("json");
    const { organizationId } = c.get("actor");
    const taken = new Refused({
      code: "already_exists",
      message: `There is a source with the short_name '${shortName}' already. Choose another, or replace your own with PUT.`,
    });
    if (findSource(shortName, { internal: true }) !== null) throw taken;
    const checked = await checkedManifest(shortName, title, textOfManifest(manifest));
    const at = now();
    const source = {
      ...checked,
      organizationId,
      shortName,
      version: 1,
      revision: newId(),
      createdAt: at,
      modifiedAt: at,
    };
    if (!(await insertCustomSource(c.env.DB, source))) throw taken;
    return c.json(await described(shortName, organizationId, c.get("config"), c.env.DB));
  });

  app.openapi(check, (c) => c.json(manifestCheckBody(textOfManifest(c.req.valid("json").manifest))));

  app.openapi(replace, async (c) => {
    const { short_name: shortName } = c.req.valid("param");
    const { manifest, ...title } = c.req.valid("json");
    const { organizationId } = c.get("actor");
    refuseBuiltIn(shortName);
    await described(shortName, organizationId, c.get("config"), c.env.DB);
    const checked = await checkedManifest(shortName, title, textOfManifest(manifest));
    const source = { ...checked, organizationId, shortName, revision: newId(), modifiedAt: now() };
    if ((await replaceCustomSource(c.env.DB, source)) === null) {
      throw new Refused({ code: "not_found", message: `Source '${shortName}' was deleted meanwhile` });
    }
    return c.json(await described(shortName, organizationId, c.get("config"), c.env.DB));
  });

  app.openapi(remove, async (c) => {
    const { short_name: shortName } = c.req.valid("param");
    const { organizationId } = c.get("actor");
    refuseBuiltIn(shortName);
    const before = await described(shortName, organizationId, c.get("config"), c.env.DB);
    if (await deleteCustomSource(c.env.DB, organizationId, shortName)) return c.json(before);
    const users = await connectionsOnSource(c.env.DB, organizationId, shortName, NAMED_CONNECTIONS);
    throw new Refused({
      code: "conflict",
      message: `Source connections use '${shortName}': delete them first (${users.join(", ")}${users.length === NAMED_CONNECTIONS ? ", …" : ""}).`,
    });
  });
}

async function described(shortName: string, organizationId: string, ...where: Tail<Parameters<typeof sourceNamed>>) {
  const { source, manifest } = await sourceNamed(shortName, organizationId, ...where);
  return sourceBody(source, manifest === null ? null : { version: manifest.version, manifest: null });
}

type Tail<List extends readonly unknown[]> = List extends readonly [unknown, unknown, ...infer Rest] ? Rest : never;

function refuseBuiltIn(shortName: string): void {
  if (findSource(shortName, { internal: true }) === null) return;
  throw new Refused({
    code: "not_found",
    message: `'${shortName}' comes with Sluice: there is no custom source of this name.`,
  });
}
