import { z } from "zod";

import type { PouchdbServer } from "#test/support/pouchdb-server";

const allDocumentsSchema = z.object({
  rows: z.array(z.object({ id: z.string(), doc: z.record(z.string(), z.unknown()) })),
});

/** What the server itself says that a database holds, by id. */
export async function documentsOf(server: PouchdbServer, database: string) {
  const answer = await askAsAdministrator(server, "GET", `/${database}/_all_docs?include_docs=true`);
  return new Map(allDocumentsSchema.parse(answer).rows.map(({ id, doc }) => [id, doc]));
}

/** Makes a user who may read everything, or gives an existing one another password. */
export async function setPassword(server: PouchdbServer, username: string, password: string): Promise<void> {
  await askAsAdministrator(server, "PUT", `/_config/admins/${username}`, password);
}

async function askAsAdministrator(
  { url, credentials: { username, password } }: PouchdbServer,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const response = await fetch(url + path, {
    method,
    headers: { authorization, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
