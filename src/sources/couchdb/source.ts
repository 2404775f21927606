import { z } from "zod";

import type { Json } from "#core/json";
import { ResponseTooLarge } from "#sources/response-body";
import { CursorLost, defineSource, SourceFailure, type Page, type ReadRequest } from "#sources/source";
import { createCouchdbClient, type Change, type Changes, type CouchdbClient } from "./client.ts";
import { configSchema, credentialsSchema, type CouchdbConfig } from "./config.ts";
import { advance, firstPosition, isAtBeginning, positionSchema, verify, type Position } from "./incarnation.ts";

const checkpointSchema = z.object({
  position: positionSchema,
  /** How many changes to ask for: less than the page size after a page that was too large. */
  limit: z.int().min(1),
});

/**
 * CouchDB, Cloudant and PouchDB Server: each database is a stream, its documents are the entities, and its `_changes`
 * feed is read from where the last job ended. Of a document with conflicts the winning revision counts. Design
 * documents are code of the database, not data, and are left out.
 */
export const couchdb = defineSource({
  shortName: "couchdb",
  name: "CouchDB",
  description: "Documents of CouchDB, IBM Cloudant and PouchDB Server databases.",
  labels: ["database"],
  continuous: true,
  internal: false,
  streamNames: [],
  // A position knows its server and database.
  placeFields: [],
  config: configSchema,
  credentials: credentialsSchema,
  open({ config, credentials, http }) {
    const client = createCouchdbClient(http, config, credentials);
    return {
      async check() {
        for (const database of config.databases) await client.startTime(database);
      },
      streams: async () => config.databases.map((name) => ({ name, primaryKey: [["_id"]], incremental: true })),
      read: (request) => readDatabase(client, config, request),
    };
  },
});

async function* readDatabase(
  client: CouchdbClient,
  { url, page_size: pageSize }: CouchdbConfig,
  { stream: database, cursor, checkpoint }: ReadRequest,
): AsyncGenerator<Page> {
  let { position, limit } = await begin();
  let isFirstPage = true;
  let isLastPage = false;
  // Nothing here holds on to a page while the next one arrives: each may be several MB.
  while (!isLastPage) yield await nextPage();

  async function nextPage(): Promise<Page> {
    const answer = askForWhatFits(client, database, position, limit);
    // Its failure is of interest only where the database is still the same.
    answer.catch(() => undefined);
    const isNew = isFirstPage && isAtBeginning(position);
    // A read that goes on is checked while its page is on its way, and takes no longer than the page itself.
    if (isFirstPage && !isNew) position = await verify(client, url, database, position);
    isFirstPage = false;
    const { changes, asked } = await answer;
    isLastPage = changes.results.length < asked || changes.pending === 0;
    refuseLoop(database, position, changes);
    position = advance(position, changes);
    // A new read needs its first witnesses. Pages in between need no check of their own: the next one that is made
    // holds for all that was read before it.
    if (isNew || isLastPage) position = await verify(client, url, database, position);
    limit = Math.min(pageSize, asked + Math.ceil(asked / 4));
    const end = isLastPage ? { cursor: position, complete: cursor === null } : null;
    return { ...recordsAndTombstones(database, changes), checkpoint: { position, limit }, end };
  }

  async function begin() {
    if (checkpoint !== null) return recall(checkpointSchema, checkpoint);
    if (cursor !== null) return { position: recall(positionSchema, cursor), limit: pageSize };
    return { position: firstPosition(url, await client.startTime(database)), limit: pageSize };
  }

  function recall<T>(schema: z.ZodType<T>, stored: Json): T {
    const result = schema.safeParse(stored);
    if (result.success) return result.data;
    throw new CursorLost(`The position kept for the database "${database}" can't be understood.`);
  }
}

/** Halves the page until the answer is small enough to be read. */
async function askForWhatFits(client: CouchdbClient, database: string, { since }: Position, limit: number) {
  for (let asked = limit; ; asked = Math.floor(asked / 2)) {
    try {
      return { changes: await client.changes(database, { since, limit: asked, includeDocs: true }), asked };
    } catch (error) {
      if (!(error instanceof ResponseTooLarge)) throw error;
      if (asked === 1) throw await tooLargeByItself(client, database, since);
    }
  }
}

async function tooLargeByItself(client: CouchdbClient, database: string, since: Json): Promise<SourceFailure> {
  const { results } = await client.changes(database, { since, limit: 1, includeDocs: false });
  return new SourceFailure({
    kind: "bad_response",
    message: `The document "${results[0]?.id}" of the database "${database}", the first change after sequence ${JSON.stringify(since)}, is too large to be read. Make it smaller, delete it, or raise MAX_RESPONSE_BYTES.`,
    final: true,
  });
}

/** Reading on from where one already is would never end. */
function refuseLoop(database: string, { since }: Position, { results, last_seq: lastSequence }: Changes): void {
  const isStuck =
    typeof since === "number" && typeof lastSequence === "number"
      ? lastSequence <= since
      : JSON.stringify(lastSequence) === JSON.stringify(since);
  if (results.length === 0 || !isStuck) return;
  throw new SourceFailure({
    kind: "bad_response",
    message: `The changes feed of the database "${database}" goes round in circles: after sequence ${JSON.stringify(since)} it has changes, but its last sequence is ${JSON.stringify(lastSequence)}.`,
    final: true,
  });
}

function recordsAndTombstones(database: string, { results }: Changes): Pick<Page, "records" | "tombstones"> {
  const documents = results.filter(({ id }) => !id.startsWith("_design/"));
  const missing = documents.find((change) => !isGone(change) && change.doc === undefined);
  if (missing !== undefined) {
    throw new SourceFailure({
      kind: "bad_response",
      message: `The changes feed of the database "${database}" came without the document "${missing.id}", although documents were asked for.`,
    });
  }
  return {
    records: documents.filter((change) => !isGone(change)).map(({ doc }) => doc),
    tombstones: documents.filter(isGone).map(({ id }) => id),
  };
}

/** A document that was deleted between its change and its reading comes as null. */
function isGone({ deleted, doc }: Change): boolean {
  return deleted === true || doc === null;
}
