import { z } from "zod";

import type { FuzzAnswer } from "./answer-check.ts";
import type { ApiDocument, ApiOperation } from "./api-document.ts";
import type { FuzzWorld } from "./fuzz-history.ts";
import { addressOf, kindOfParameter } from "./fuzz-request.ts";
import { rightRequest } from "./right-request.ts";

/** A list that goes on where a parameter says. */
interface Listing {
  readonly operation: ApiOperation;
  readonly parameter: string;
}

/** Whose lists are read, and of what. */
interface Place {
  readonly key: string;
  readonly names: ReadonlyMap<string, string>;
}

interface Where {
  readonly listing: Listing;
  readonly place: Place;
}

const idSchema = z.object({ id: z.string() });
const toldSchema = z.object({ next_cursor: z.string().nullish(), older_cursor: z.string().nullish() }).catch({});
const STUB = {
  short_name: "stub",
  config: { entity_count: 3 },
  authentication: { credentials: { stub_key: "key" } },
  schedule: null,
  sync_immediately: false,
};

/** Every list of the document that takes a cursor, whatever the parameter is called. */
export function listingsOf({ operations }: ApiDocument): Listing[] {
  return operations.flatMap((operation) =>
    operation.parameters
      .filter((each) => each.in === "query" && kindOfParameter(operation.path, each.name) === "cursor")
      // `since` of a recovery is a time, and stands in its body.
      .map(({ name: parameter }) => ({ operation, parameter })),
  );
}

/**
 * Asks every list for its second page, with the cursor that it gave out and with such as it never did. A cursor is good
 * in the list that it is from: damaged, or from another list, connection or organization it is a 422.
 *
 * @returns what was otherwise, in sentences
 */
export async function cursorFaults(world: FuzzWorld, document: ApiDocument): Promise<string[]> {
  const listings = listingsOf(document);
  const [owner, stranger] = await placesIn(world);
  const [own, beside, foreign] = [owner.first, owner.second, stranger];
  const before = await world.state();
  const faults: string[] = [];
  for (const listing of listings) {
    const where = { listing, place: own };
    const cursor = await cursorAt(where);
    const others = listings.filter(({ operation }) => operation.id !== listing.operation.id);
    const wrong = damaged(cursor);
    for (const other of others) {
      wrong.set(`of ${other.operation.id}`, await cursorAt({ listing: other, place: own }));
    }
    if (listing.operation.path.includes("{"))
      wrong.set("of another connection", await cursorAt({ listing, place: beside }));
    wrong.set("of another organization", await cursorAt({ listing, place: foreign }));
    const good = await read(where, cursor);
    if (good.status !== 200) faults.push(`${said(listing)} refused its own cursor: ${good.status} ${good.text}`);
    for (const [how, text] of wrong) {
      const { status, text: answer } = await read(where, text);
      if (status !== 422 || !answer.includes('"cursor_unknown"'))
        faults.push(`${said(listing)} took a cursor that is ${how}: ${status} ${answer.slice(0, 200)}`);
    }
  }
  const after = await world.state();
  if (after.text !== before.text && Date.now() < before.restlessFrom) faults.push("Reading changed something.");
  return faults;

  async function cursorAt(where: Where): Promise<string> {
    const { status, text, headers } = await read(where, null);
    const { next_cursor: next, older_cursor: older } = status === 200 ? toldSchema.parse(JSON.parse(text)) : {};
    const cursor = (where.listing.parameter === "before" ? older : next) ?? headers["x-next-cursor"];
    if (cursor === undefined) throw new Error(`${said(where.listing)} has no second page: ${status} ${text}`);
    return cursor;
  }

  function read({ listing: { operation, parameter }, place }: Where, cursor: string | null): Promise<FuzzAnswer> {
    const { path } = rightRequest(operation, world.receiver, 0);
    const order = parameter === "before" ? [["order", "newest_first"] as const] : [];
    const from = cursor === null ? [] : [[parameter, encodeURIComponent(cursor)] as const];
    const query = [["limit", "1"] as const, ...order, ...from];
    const address = addressOf({ path, query }, ({ kind }) => place.names.get(kind) ?? "none");
    return world.send({ method: "GET", address, headers: { "x-api-key": place.key }, body: null });
  }
}

function said({ operation, parameter }: Listing): string {
  return `${operation.id} (${parameter})`;
}

/** One character of it is another: at its ends, in the middle, and on both sides of what it is signed with. */
function damaged(cursor: string): Map<string, string> {
  const places = [0, Math.floor(cursor.length / 2), cursor.lastIndexOf(".") - 1, cursor.lastIndexOf(".") + 1, -1];
  return new Map(
    places.map((place) => {
      const at = (place + cursor.length) % cursor.length;
      return [`damaged at ${at}`, cursor.slice(0, at) + (cursor[at] === "1" ? "2" : "1") + cursor.slice(at + 1)];
    }),
  );
}

/** Connections of which each has more than one page of everything: two of the owner, one of the stranger. */
async function placesIn(world: FuzzWorld): Promise<[{ first: Place; second: Place }, Place]> {
  const { owner } = world.keys;
  const [ownId = "", foreignId = ""] = world.names.get("source-connections") ?? [];
  const made = idSchema.parse(await post(owner, "/v1/source-connections", STUB));
  return [
    { first: await placeAt(owner, ownId), second: await placeAt(owner, made.id) },
    await placeAt(world.strangerKey, foreignId),
  ];

  async function placeAt(key: string | null, id: string): Promise<Place> {
    const run = () => post(key, `/v1/source-connections/${id}/run?force_full_sync=true`);
    await run();
    await world.settle();
    const job = idSchema.parse(await run()).id;
    await world.settle();
    return {
      key: key ?? "",
      names: new Map([
        ["source-connections", id],
        ["job_id", job],
      ]),
    };
  }

  async function post(key: string | null, address: string, json?: object): Promise<unknown> {
    const type: Record<string, string> = json === undefined ? {} : { "content-type": "application/json" };
    const body = json === undefined ? null : JSON.stringify(json);
    const answer = await world.send({
      method: "POST",
      address,
      headers: { authorization: `Bearer ${key ?? ""}`, ...type },
      body,
    });
    if (answer.status !== 200) throw new Error(`POST ${address} answered ${answer.status}: ${answer.text}`);
    return JSON.parse(answer.text);
  }
}
