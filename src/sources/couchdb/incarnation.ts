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
export const positionSchema = z.object({
  since: sequenceSchema,
  server: z.string(),
  startTime: z.string(),
  witnesses: z.array(z.object({ seq: z.number(), id: z.string(), rev: z.string() })),
});
export type Position = z.infer<typeof positionSchema>;
type Witness = Position["witnesses"][number];

/** Enough that documents which change all the time do not leave a database without a witness in its place. */
const WITNESSES = 16;

export function firstPosition(server: string, startTime: string): Position {
  // "0" is the beginning in every version.
  return { since: "0", server, startTime, witnesses: [] };
}

/**
 * Where the feed goes on after this page. Only after a page that was verified do its changes become witnesses: those
 * that are not must not take the place of those that could prove them false.
 *
 * Throws CursorLost where the page shows that the feed started over.
 */
export function advance(position: Position, { results, last_seq: since }: Changes, isVerified: boolean): Position {
  const reached = leadingNumber(position.since);
  const first = leadingNumber(results[0]?.seq);
  const last = leadingNumber(since);
  if (reached !== null && ((first !== null && first <= reached) || (last !== null && last < reached))) {
    throw new CursorLost("The changes feed started over: the database was created anew since it was last read.");
  }
  if (!isVerified) return { ...position, since };
  const news = new Set(results.map(({ id }) => id));
  const witnesses = [...position.witnesses.filter(({ id }) => !news.has(id)), ...results.flatMap(witnessOf)];
  return { ...position, since, witnesses: witnesses.slice(-WITNESSES) };
}

/**
 * Asks the server whether its database is still the one of this position. Throws CursorLost if not. Asked after a
 * page has arrived, it holds for that page, and for all that was read since the position's witnesses were seen.
 */
export async function verify(
  client: CouchdbClient,
  server: string,
  database: string,
  position: Position,
): Promise<void> {
  if (position.server !== server) {
    throw new CursorLost(`The database "${database}" was last read from another server, ${position.server}.`);
  }
  const startTime = await client.startTime(database);
  if (startTime !== position.startTime) {
    throw new CursorLost(`The database "${database}" was created, or its server started, since it was last read.`);
  }
  const [first] = position.witnesses;
  if (first === undefined) return;
  const window = await client.changes(database, { since: first.seq - 1, limit: WITNESSES, includeDocs: false });
  if (!(await testify(client, database, position.witnesses, window.results.flatMap(witnessOf)))) {
    throw new CursorLost(`The database "${database}" has another history than when it was last read.`);
  }
}

async function testify(
  client: CouchdbClient,
  database: string,
  witnesses: readonly Witness[],
  found: readonly Witness[],
): Promise<boolean> {
  const keyOf = ({ seq, id, rev }: Witness) => JSON.stringify([seq, id, rev]);
  const known = new Set(witnesses.map(keyOf));
  const end = witnesses.at(-1)?.seq ?? 0;
  if (found.some((change) => change.seq <= end && !known.has(keyOf(change)))) return false;
  const present = new Set(found.map(keyOf));
  const moved = witnesses.filter((witness) => !present.has(keyOf(witness)));
  if (moved.length === 0) return true;
  return client.knowsRevisions(database, Object.fromEntries(moved.map(({ id, rev }) => [id, [rev]])));
}

function witnessOf({ seq, id, changes: [change] }: Change): Witness[] {
  return typeof seq === "number" && change !== undefined ? [{ seq, id, rev: change.rev }] : [];
}

/** The number that a string sequence begins with: `12-g1AAAAB5…`. */
function leadingNumber(sequence: unknown): number | null {
  const digits = typeof sequence === "string" ? /^\d+(?=-|$)/.exec(sequence)?.[0] : undefined;
  return digits === undefined ? null : Number(digits);
}
