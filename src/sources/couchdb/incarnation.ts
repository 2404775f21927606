import { z } from "zod";

import { CursorLost } from "#sources/source";
import { sequenceSchema, type Change, type Changes, type CouchdbClient } from "./client.ts";

/**
 * Is this still the database that a position was taken in, or another one that was created under its name since?
 *
 * A position of the old one means nothing in the new one: what the new one holds before it would be missed, and what
 * the old one held and the new one does not would be kept for ever. No server gives a database an identity, so
 * three signs are read, of which every server shows at least one:
 *
 * - The server's address and `instance_start_time` must be the same. CouchDB 3 says there when the database was
 *   created. CouchDB 1 and PouchDB Server say when they opened it or were started, so a restart looks like a
 *   new database; that costs a full read and loses nothing.
 * - String sequences (CouchDB 2 and later, Cloudant) begin with a number that grows along the feed. They also hold an
 *   identity of every shard, and a server that does not find it starts over from the beginning: the number falls.
 * - Number sequences (CouchDB 1, PouchDB Server) are not repeated: a change stays where it is until its document
 *   changes again. The newest changes seen are witnesses; where one is missing from its place, the database must
 *   still know its revision, and no stranger may stand among them.
 */
const witnessSchema = z.object({ seq: z.number(), id: z.string(), rev: z.string() });
type Witness = z.infer<typeof witnessSchema>;

export const positionSchema = z
  .object({
    since: sequenceSchema,
    server: z.string(),
    startTime: z.string(),
    /** The newest changes when the database was last verified, without a gap between them. */
    witnesses: z.array(witnessSchema),
    /** The newest changes. They become the witnesses when the present ones have proven them true. */
    newest: z.array(witnessSchema).optional(),
  })
  // The first release kept one list, of the newest changes.
  .transform(({ newest, ...position }) => ({ ...position, newest: newest ?? position.witnesses }));
export type Position = z.infer<typeof positionSchema>;

/** Enough that documents which change all the time do not leave a database without a witness in its place. */
const WITNESSES = 16;

/** In every version. */
const BEGINNING = "0";

export function firstPosition(server: string, startTime: string): Position {
  return { since: BEGINNING, server, startTime, witnesses: [], newest: [] };
}

/** Was nothing read yet, so that nothing can prove later that the database is still the same? */
export function isAtBeginning({ since }: Position): boolean {
  return since === BEGINNING;
}

/** Where the feed goes on after this page. Throws CursorLost where the page shows that the feed started over. */
export function advance(position: Position, { results, last_seq: since }: Changes): Position {
  const reached = leadingNumber(position.since);
  const first = leadingNumber(results[0]?.seq);
  const last = leadingNumber(since);
  if (reached !== null && ((first !== null && first <= reached) || (last !== null && last < reached))) {
    throw new CursorLost("The changes feed started over: the database was created anew since it was last read.");
  }
  const added = results.slice(-WITNESSES).flatMap(witnessOf);
  if (added.length === WITNESSES) return { ...position, since, newest: added };
  // Here the page is short, or there are no witnesses at all: sequences are strings.
  const kept = position.newest.filter(({ id }) => !results.some((change) => change.id === id));
  const newest = [...kept, ...added];
  return { ...position, since, newest: newest.slice(-WITNESSES) };
}

/**
 * Asks the server whether its database is still the one of this position, and gives the position new witnesses. Throws
 * CursorLost if it is not. What was read before this was asked, from the same position on, was read from that database.
 */
export async function verify(
  client: CouchdbClient,
  server: string,
  database: string,
  position: Position,
): Promise<Position> {
  if (position.server !== server) {
    throw new CursorLost(`The database "${database}" was last read from another server, ${position.server}.`);
  }
  const startTime = await client.startTime(database);
  if (startTime !== position.startTime) {
    throw new CursorLost(`The database "${database}" was created, or its server started, since it was last read.`);
  }
  if (!(await haveWitnesses(client, database, position.witnesses))) {
    throw new CursorLost(`The database "${database}" has another history than when it was last read.`);
  }
  return { ...position, witnesses: position.newest };
}

async function haveWitnesses(client: CouchdbClient, database: string, witnesses: readonly Witness[]): Promise<boolean> {
  const first = witnesses[0];
  const last = witnesses.at(-1);
  if (first === undefined || last === undefined) return true;
  const window = await client.changes(database, { since: first.seq - 1, limit: WITNESSES, includeDocs: false });
  const found = window.results.flatMap(witnessOf);
  const known = new Set(witnesses.map(keyOf));
  if (found.some((change) => change.seq <= last.seq && !known.has(keyOf(change)))) return false;
  const present = new Set(found.map(keyOf));
  const moved = witnesses.filter((witness) => !present.has(keyOf(witness)));
  if (moved.length === 0) return true;
  return client.knowsRevisions(database, Object.fromEntries(moved.map(({ id, rev }) => [id, [rev]])));
}

function keyOf({ seq, id, rev }: Witness): string {
  return JSON.stringify([seq, id, rev]);
}

function witnessOf({ seq, id, changes: [change] }: Change): Witness[] {
  return typeof seq === "number" && change !== undefined ? [{ seq, id, rev: change.rev }] : [];
}

/** The number that a string sequence begins with: `12-g1AAAAB5…`. */
function leadingNumber(sequence: unknown): number | null {
  const digits = typeof sequence === "string" ? /^\d+(?=-|$)/.exec(sequence)?.[0] : undefined;
  return digits === undefined ? null : Number(digits);
}
