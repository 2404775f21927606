import { z } from "@hono/zod-openapi";

import type { ConnectionPatch } from "#connection/rpc";
import { Refused } from "#core/errors";
import type { App, AppDeps } from "#http/app-env";
import { json, operation } from "#http/operation";
import { limit, skip, uuid, whole } from "#http/parameters";
import { valueOf } from "#http/reply";
import { completeSchedule } from "#http/schedule-input";
import { directCredentials } from "#http/schemas/authentication";
import {
  listItemBody,
  listItemSchema,
  overviewItemBody,
  overviewItemSchema,
  sourceConnectionBody,
  sourceConnectionSchema,
} from "#http/schemas/source-connection";
import { streamBody, streamSchema } from "#http/schemas/stream";
import { createSchema, updateSchema } from "#http/schemas/source-connection-input";
import { completeConfig, completeCredentials, refuseMismatch, sourceNamed } from "#http/source-input";
import { collectionExists } from "#records/collection-repository";
import { customSourceRevision } from "#records/custom-source-repository";
import { listConnections } from "#records/connection-repository";

const tag = "Source connections";
const params = z.object({ id: uuid });
const recentJobs = whole(
  { min: 0, max: 30, default: 0 },
  "How many of each connection's newest jobs to tell with it. With any, also when it runs next, and its last error.",
);

const list = operation({
  method: "get",
  path: "/v1/source-connections",
  id: "listSourceConnections",
  tag,
  summary: "List source connections, newest first",
  request: { query: z.object({ collection: z.string().max(200).optional(), skip, limit, recent_jobs: recentJobs }) },
  answer: z.array(z.union([overviewItemSchema, listItemSchema])),
});

const create = operation({
  method: "post",
  path: "/v1/source-connections",
  id: "createSourceConnection",
  tag,
  summary: "Connect a source",
  description:
    "Checks config and credentials against the source's schema, then live against the source, and starts the first job unless `sync_immediately` is false. A refusal leaves nothing behind.",
  request: { body: json(createSchema) },
  answer: sourceConnectionSchema,
  refusals: ["not_found", "source_refused", "source_rate_limited", "source_unreachable"],
});

const get = operation({
  method: "get",
  path: "/v1/source-connections/{id}",
  id: "getSourceConnection",
  tag,
  summary: "Get a source connection",
  request: { params },
  answer: sourceConnectionSchema,
  refusals: ["not_found"],
});

const update = operation({
  method: "patch",
  path: "/v1/source-connections/{id}",
  id: "updateSourceConnection",
  tag,
  summary: "Change a source connection",
  description: "New config replaces the old one as a whole. New config or credentials are checked as on create.",
  request: { params, body: json(updateSchema) },
  answer: sourceConnectionSchema,
  refusals: ["not_found", "source_refused", "source_rate_limited", "source_unreachable"],
});

const remove = operation({
  method: "delete",
  path: "/v1/source-connections/{id}",
  id: "deleteSourceConnection",
  tag,
  summary: "Delete a source connection",
  description: "Cancels its job and erases its copy. Answers with what was there.",
  request: { params },
  answer: sourceConnectionSchema,
  refusals: ["not_found"],
});

const streams = operation({
  method: "get",
  path: "/v1/source-connections/{id}/streams",
  id: "listStreams",
  tag,
  summary: "List a connection's streams: how much is in them, and where the next job continues from",
  description: "Streams appear with the first job that reads them.",
  request: { params },
  answer: z.array(streamSchema),
  refusals: ["not_found"],
});

const resetStream = operation({
  method: "post",
  path: "/v1/source-connections/{id}/streams/{name}/reset",
  id: "resetStream",
  tag,
  summary: "Let the next job read a stream anew",
  description:
    "Forgets where the stream's reads continue from, so that the next job reads it in full. A stream that the source does not have any more loses its entities in that job, whatever their number; the change feed tells each. Nothing changes before that job.",
  request: { params: params.extend({ name: z.string().min(1).max(1000).openapi({ example: "invoices" }) }) },
  answer: sourceConnectionSchema,
  refusals: ["not_found", "job_active"],
});

const republish = operation({
  method: "post",
  path: "/v1/source-connections/{id}/republish",
  id: "republishSourceConnection",
  tag,
  summary: "Write the connection's records again",
  description: "Lists are read from D1, which follows the connection. After a loss in D1 this writes its rows again.",
  request: { params },
  answer: sourceConnectionSchema,
  refusals: ["not_found"],
});

/**
 * A custom source can't be deleted while connections use it, as D1 knows them. One that was deleted before D1 knew of
 * this one is noticed here. Where D1 does not say, the connection goes on with its own copy of the manifest.
 */
async function isStillThere(db: D1Database, organizationId: string, shortName: string): Promise<boolean> {
  return customSourceRevision(db, organizationId, shortName).then(
    (revision) => revision !== null,
    () => true,
  );
}

export function sourceConnectionRoutes(app: App, { gate, newId, now }: AppDeps): void {
  app.openapi(list, async (c) => {
    const { collection, recent_jobs: wanted, ...page } = c.req.valid("query");
    const { organizationId } = c.get("actor");
    const request = { organizationId, collection: collection ?? null, recentJobs: wanted, ...page };
    const rows = await listConnections(c.env.DB, request);
    return c.json(rows.map(wanted === 0 ? listItemBody : overviewItemBody));
  });

  app.openapi(create, async (c) => {
    const input = c.req.valid("json");
    const { organizationId } = c.get("actor");
    const { source, manifest } = await sourceNamed(input.short_name, organizationId, c.get("config"), c.env.DB);
    const config = completeConfig(source, input.config ?? null);
    const credentials = completeCredentials(source, directCredentials(input.authentication ?? null));
    refuseMismatch(source, config, credentials);
    const schedule = completeSchedule(source, input.schedule, now());
    if (!(await collectionExists(c.env.DB, organizationId, input.readable_collection_id))) {
      throw new Refused({ code: "not_found", message: "Collection not found" });
    }
    const id = newId();
    const reply = await gate(c.env, id).create({
      id,
      organizationId,
      name: input.name ?? `${source.name} Connection`,
      description: input.description ?? null,
      shortName: source.shortName,
      manifest,
      collectionId: input.readable_collection_id,
      config,
      credentials,
      schedule,
      settings: input.sync_settings ?? {},
      syncImmediately: input.sync_immediately ?? true,
    });
    const created = sourceConnectionBody(valueOf(reply));
    if (manifest !== null && !(await isStillThere(c.env.DB, organizationId, source.shortName))) {
      await gate(c.env, id).erase(organizationId);
      throw new Refused({ code: "not_found", message: `Source '${source.shortName}' was deleted meanwhile` });
    }
    return c.json(created);
  });

  app.openapi(get, async (c) => {
    const reply = await gate(c.env, c.req.valid("param").id).describe(c.get("actor").organizationId);
    return c.json(sourceConnectionBody(valueOf(reply)));
  });

  app.openapi(update, async (c) => {
    const { organizationId } = c.get("actor");
    const connection = gate(c.env, c.req.valid("param").id);
    const input = c.req.valid("json");
    const changes: { -readonly [Field in keyof ConnectionPatch]: ConnectionPatch[Field] } = {};
    if (input.name !== undefined) changes.name = input.name;
    if (input.description !== undefined) changes.description = input.description;
    if (input.sync_settings !== undefined) changes.settings = input.sync_settings;
    if (input.is_paused !== undefined) changes.isPaused = input.is_paused;
    if (input.config !== undefined || input.authentication !== undefined || input.schedule !== undefined) {
      const { shortName, createdAt, config: connectionConfig } = valueOf(await connection.describe(organizationId));
      const { source } = await sourceNamed(shortName, organizationId, c.get("config"), c.env.DB);
      if (input.schedule !== undefined) changes.schedule = completeSchedule(source, input.schedule, createdAt);
      if (input.config !== undefined) changes.config = completeConfig(source, input.config);
      if (input.authentication !== undefined) {
        changes.credentials = completeCredentials(source, directCredentials(input.authentication));
        refuseMismatch(source, changes.config ?? connectionConfig ?? {}, changes.credentials);
      }
    }
    return c.json(sourceConnectionBody(valueOf(await connection.update(organizationId, changes))));
  });

  app.openapi(remove, async (c) => {
    const reply = await gate(c.env, c.req.valid("param").id).erase(c.get("actor").organizationId);
    return c.json(sourceConnectionBody(valueOf(reply)));
  });

  app.openapi(streams, async (c) => {
    const reply = await gate(c.env, c.req.valid("param").id).describe(c.get("actor").organizationId);
    return c.json(valueOf(reply).streams.map(streamBody));
  });

  app.openapi(resetStream, async (c) => {
    const { id, name } = c.req.valid("param");
    const reply = await gate(c.env, id).resetStream(c.get("actor").organizationId, name);
    return c.json(sourceConnectionBody(valueOf(reply)));
  });

  app.openapi(republish, async (c) => {
    const reply = await gate(c.env, c.req.valid("param").id).republish(c.get("actor").organizationId);
    return c.json(sourceConnectionBody(valueOf(reply)));
  });
}
