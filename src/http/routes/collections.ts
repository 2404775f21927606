import { z } from "@hono/zod-openapi";

import { Refused, type Refusal } from "#core/errors";
import { handOverEvents } from "#events/handover";
import type { App, AppDeps } from "#http/app-env";
import { eraseConnections, refreshConnections } from "#http/collection-connections";
import { eventAbout } from "#http/collection-events";
import { json, operation } from "#http/operation";
import { limit, skip } from "#http/parameters";
import { readableIdFrom, SUFFIX_LENGTH } from "#http/readable-id";
import {
  collectionBody,
  collectionSchema,
  createCollectionSchema,
  updateCollectionSchema,
} from "#http/schemas/collection";
import { jobBody, jobBodySchema } from "#http/schemas/job";
import {
  countCollections,
  deleteCollection,
  findCollection,
  insertCollection,
  listCollections,
  renameCollection,
} from "#records/collection-repository";
import { DEFAULT_COLLECTION } from "#records/default-collection";
import type { CollectionRow } from "#records/rows";

const tag = "Collections";
const params = z.object({ readable_id: z.string().max(200).openapi({ example: "customer-data" }) });
const search = z
  .string()
  .max(200)
  .optional()
  .openapi({ description: "Part of the name or of the readable id, in any case." });

const list = operation({
  method: "get",
  path: "/v1/collections",
  id: "listCollections",
  tag,
  summary: "List collections, newest first",
  request: { query: z.object({ skip, limit, search }) },
  answer: z.array(collectionSchema),
});

const count = operation({
  method: "get",
  path: "/v1/collections/count",
  id: "countCollections",
  tag,
  summary: "Count collections",
  request: { query: z.object({ search }) },
  answer: z.int(),
});

const create = operation({
  method: "post",
  path: "/v1/collections",
  id: "createCollection",
  tag,
  summary: "Create a collection",
  request: { body: json(createCollectionSchema) },
  answer: collectionSchema,
  refusals: ["already_exists"],
});

const get = operation({
  method: "get",
  path: "/v1/collections/{readable_id}",
  id: "getCollection",
  tag,
  summary: "Get a collection",
  request: { params },
  answer: collectionSchema,
  refusals: ["not_found"],
});

const update = operation({
  method: "patch",
  path: "/v1/collections/{readable_id}",
  id: "updateCollection",
  tag,
  summary: "Rename a collection",
  request: { params, body: json(updateCollectionSchema) },
  answer: collectionSchema,
  refusals: ["not_found"],
});

const remove = operation({
  method: "delete",
  path: "/v1/collections/{readable_id}",
  id: "deleteCollection",
  tag,
  summary: "Delete a collection and all its source connections",
  description:
    "The default collection stays: it is where source connections go that name none. Delete its source connections one by one.",
  request: { params },
  answer: collectionSchema,
  refusals: ["not_found", "conflict"],
});

const refreshAll = operation({
  method: "post",
  path: "/v1/collections/{readable_id}/refresh_all",
  id: "refreshCollection",
  tag,
  summary: "Start a job for every source connection of a collection",
  description: "Where a job is active already, that one is answered.",
  request: { params },
  answer: z.array(jobBodySchema),
  refusals: ["not_found"],
});

export function collectionRoutes(app: App, { gate, events, newId, now }: AppDeps): void {
  const handOver = (env: Cloudflare.Env, organizationId: string) =>
    handOverEvents(env.DB, organizationId, events(env, organizationId));

  app.openapi(list, async (c) => {
    const query = c.req.valid("query");
    const { organizationId } = c.get("actor");
    const rows = await listCollections(c.env.DB, { ...query, organizationId, search: query.search ?? null });
    return c.json(rows.map(collectionBody));
  });

  app.openapi(count, async (c) => {
    const request = { organizationId: c.get("actor").organizationId, search: c.req.valid("query").search ?? null };
    return c.json(await countCollections(c.env.DB, request));
  });
  // No collection has this id, so nothing but counting can be done here.
  app.all(count.path, (c) => c.notFound());

  app.openapi(create, async (c) => {
    const { name, readable_id } = c.req.valid("json");
    const suffix = crypto.getRandomValues(new Uint8Array(SUFFIX_LENGTH));
    const collection = {
      id: newId(),
      organization_id: c.get("actor").organizationId,
      readable_id: readable_id ?? readableIdFrom(name, suffix),
      name,
      created_at: now(),
    };
    const created = eventAbout("collection.created", collection, collection.created_at);
    if (!(await insertCollection(c.env.DB, collection, created))) {
      const message = `A collection with the readable_id '${collection.readable_id}' already exists. Choose another.`;
      throw new Refused({ code: "already_exists", message });
    }
    await handOver(c.env, collection.organization_id);
    return c.json(collectionBody({ ...collection, modified_at: collection.created_at, connections: [] }));
  });

  app.openapi(get, async (c) => {
    return c.json(
      collectionBody(await found(c.env.DB, c.get("actor").organizationId, c.req.valid("param").readable_id)),
    );
  });

  app.openapi(update, async (c) => {
    const { organizationId } = c.get("actor");
    const { readable_id: readableId } = c.req.valid("param");
    const { name } = c.req.valid("json");
    const before = await found(c.env.DB, organizationId, readableId);
    if (name === undefined) return c.json(collectionBody(before));
    const at = now();
    const updated = eventAbout("collection.updated", { ...before, name }, at);
    await renameCollection(c.env.DB, { organizationId, id: before.id }, { name, now: at }, updated);
    const collection = await found(c.env.DB, organizationId, readableId);
    await handOver(c.env, organizationId);
    return c.json(collectionBody(collection));
  });

  app.openapi(remove, async (c) => {
    const { organizationId } = c.get("actor");
    const { readable_id: readableId } = c.req.valid("param");
    if (readableId === DEFAULT_COLLECTION) throw new Refused(DEFAULT_STAYS);
    const collection = await found(c.env.DB, organizationId, readableId);
    const scope = { db: c.env.DB, gate: (id: string) => gate(c.env, id), organizationId, readableId };
    const erased = await eraseConnections(scope, new Set());
    const deleted = eventAbout("collection.deleted", collection, now());
    await deleteCollection(c.env.DB, { organizationId, id: collection.id }, deleted);
    // Whatever was created in the meantime; from here on nothing can be.
    await eraseConnections(scope, erased);
    await handOver(c.env, organizationId);
    return c.json(collectionBody(collection));
  });

  app.openapi(refreshAll, async (c) => {
    const { organizationId } = c.get("actor");
    const { readable_id: readableId } = await found(c.env.DB, organizationId, c.req.valid("param").readable_id);
    const scope = { db: c.env.DB, gate: (id: string) => gate(c.env, id), organizationId, readableId };
    return c.json((await refreshConnections(scope)).map(jobBody));
  });
}

async function found(db: D1Database, organizationId: string, readableId: string): Promise<CollectionRow> {
  const collection = await findCollection(db, organizationId, readableId);
  if (collection === null) throw new Refused({ code: "not_found", message: "Collection not found" });
  return collection;
}

const DEFAULT_STAYS: Refusal = {
  code: "conflict",
  message:
    "The default collection can't be deleted: it is where source connections go that name none. Delete its source connections one by one instead.",
};
