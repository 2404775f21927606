import { z } from "zod";

import { isJsonObject, type Json } from "#core/json";
import type { SourceHttp, SourceRequest, SourceResponse } from "#sources/http-client";
import { SourceFailure } from "#sources/source";
import type { CouchdbConfig, CouchdbCredentials } from "./config.ts";

/** A position in a database's history. A number in PouchDB Server and CouchDB 1, otherwise a string; opaque in both. */
export const sequenceSchema = z.json();
export type Sequence = Json;

const databaseInfoSchema = z.object({
  db_name: z.string(),
  instance_start_time: z.union([z.string(), z.number()]).transform(String).optional(),
});

export interface Change {
  readonly id: string;
  readonly seq?: Sequence;
  /** The winning revision first, where there are conflicts. */
  readonly changes: readonly [{ readonly rev: string }, ...unknown[]];
  readonly deleted?: boolean;
  /** Present where documents were asked for; null where the document is gone by now. */
  readonly doc?: unknown;
}

function isChange(value: unknown): value is Change {
  if (!isJsonObject(value) || typeof value["id"] !== "string") return false;
  const { changes, deleted } = value;
  const winner: unknown = Array.isArray(changes) ? changes[0] : undefined;
  const hasRevision = isJsonObject(winner) && typeof winner["rev"] === "string";
  return hasRevision && (deleted === undefined || typeof deleted === "boolean");
}

const changesSchema = z.object({
  /** By hand, since there are thousands in a page: schemas take as long for them as parsing the JSON. */
  results: z.custom<readonly Change[]>((value) => Array.isArray(value) && value.every(isChange), "not changes"),
  last_seq: sequenceSchema,
  /** How many changes follow; CouchDB 2 and later. */
  pending: z.number().optional(),
});
export type Changes = z.infer<typeof changesSchema>;

export interface ChangesRequest {
  readonly since: Sequence;
  readonly limit: number;
  readonly includeDocs: boolean;
}

export interface CouchdbClient {
  /**
   * What the server says about when the database, or the server, came into being; `""` where it says nothing.
   * Fails with `not_found` naming the database.
   */
  startTime(database: string): Promise<string>;
  /** The changes after `since`, oldest first, each document once, with its newest change. */
  changes(database: string, request: ChangesRequest): Promise<Changes>;
  /** Does the database know all of these revisions, as current ones or as ancestors? */
  knowsRevisions(database: string, revisions: Readonly<Record<string, readonly string[]>>): Promise<boolean>;
}

export function createCouchdbClient(
  http: SourceHttp,
  { url }: Pick<CouchdbConfig, "url">,
  credentials: CouchdbCredentials,
): CouchdbClient {
  const authorization = authorizationOf(credentials);
  const addressOf = (database: string) => `${url}/${encodeURIComponent(database)}`;

  return {
    async startTime(database) {
      const response = await send({ url: addressOf(database), expectedStatuses: [404] });
      if (response.status === 404) {
        throw new SourceFailure({
          kind: "not_found",
          message: `There is no database "${database}" at ${url}. Create it, or take it out of the connection's databases.`,
        });
      }
      const { instance_start_time: startTime } = parse(databaseInfoSchema, response);
      // CouchDB 2 and Cloudant answer "0" for every database.
      return startTime === undefined || startTime === "0" ? "" : startTime;
    },

    async changes(database, { since, limit, includeDocs }) {
      const query = new URLSearchParams({
        since: typeof since === "string" ? since : JSON.stringify(since),
        limit: String(limit),
        include_docs: String(includeDocs),
      });
      return parse(changesSchema, await send({ url: `${addressOf(database)}/_changes?${query.toString()}` }));
    },

    async knowsRevisions(database, revisions) {
      const response = await send({
        method: "POST",
        url: `${addressOf(database)}/_revs_diff`,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(revisions),
      });
      return Object.keys(parse(z.record(z.string(), z.unknown()), response)).length === 0;
    },
  };

  function send(request: SourceRequest): Promise<SourceResponse> {
    return http.request({ ...request, headers: { ...authorization, ...request.headers } });
  }
}

function authorizationOf(credentials: CouchdbCredentials): Record<string, string> {
  if ("token" in credentials) return { authorization: `Bearer ${credentials.token}` };
  if ("anonymous" in credentials) return {};
  const bytes = new TextEncoder().encode(`${credentials.username}:${credentials.password}`);
  return { authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

function parse<T>(schema: z.ZodType<T>, response: SourceResponse): T {
  const result = schema.safeParse(response.json());
  if (result.success) return result.data;
  const { origin, pathname } = new URL(response.url);
  const [issue] = result.error.issues;
  throw new SourceFailure({
    kind: "bad_response",
    message: `${origin}${pathname} did not answer as CouchDB does: ${issue?.path.join(".") ?? "the body"} is not what it should be. Is this the address of a CouchDB server?`,
  });
}
