import { oneOf, wholeNumber, type SeededRandom } from "#sources/internal/seeded-random";
import type { Twist } from "./faults.ts";
import { isShown, type Asker, type Sight } from "./sight.ts";
import type { Truth } from "./truth.ts";

interface Row {
  readonly id: string;
  readonly updated_at: string;
  readonly [field: string]: unknown;
}

/** A row, and when it became visible: rows of one second are listed in that order. */
interface Stored {
  readonly row: Row;
  readonly at: number;
  readonly commit: number;
}

type Table = Map<string, Stored>;

const START = Date.UTC(2026, 0, 1) / 1000;
const PAGE_SIZE = 6;
/** Of numbered pages, as in the manifest. */
const NUMBERED_PAGE_SIZE = 10;
/** So many tags that a sync which would delete most of them is held back. */
const INITIAL = { customers: 20, orders: 45, products: 25, tags: 125, notes: 14 };

/**
 * The most that a transaction on customers lasts, in seconds of the world's clock: its rows carry the time of its beginning and are
 * visible at its end, so that they are older than what was listed before. The manifest reads twice that far back.
 */
export const LONGEST_TRANSACTION = 5;

/**
 * A business API: listings by time of change with a token that goes on from the last row, and, for tables without
 * times, numbered pages that move while they are being read. Its clock has whole seconds and moves with its edits.
 */
export class CrmWorld {
  #clock = START;
  #commits = 0;
  #nextId = 0;
  /** The truth has more tags than are listed. */
  isForgetful = false;
  readonly #customers: Table = new Map();
  readonly #orders: Table = new Map();
  readonly #products: Table = new Map();
  readonly #tags: Table = new Map();
  readonly #notes: Table = new Map();

  constructor(random: SeededRandom) {
    for (let n = 0; n < INITIAL.customers; n += 1) this.#put(this.#customers, this.#newId("c"), {}, random);
    for (let n = 0; n < INITIAL.orders; n += 1) this.#addOrder(random);
    for (let n = 0; n < INITIAL.products; n += 1) this.#put(this.#products, this.#newId("p"), {}, random);
    for (let n = 0; n < INITIAL.tags; n += 1) this.#put(this.#tags, this.#newId("t"), {}, random);
    for (let n = 0; n < INITIAL.notes; n += 1) this.#put(this.#notes, this.#newId("n"), {}, random);
  }

  edit(random: SeededRandom): void {
    // Often not: then several rows have the same time.
    if (random() < 0.25) this.#clock += 1;
    const table = oneOf(random, [
      this.#customers,
      this.#customers,
      this.#orders,
      this.#products,
      this.#tags,
      this.#notes,
    ]);
    const chance = random();
    if (chance < 0.35) this.#add(table, random);
    else if (chance < 0.75) this.#change(table, random);
    else this.#remove(table, random);
  }

  get tagCount(): number {
    return this.#tags.size;
  }

  /** The tag that is listed first goes. Its id. */
  removeFirstTag(): string {
    const [id] = this.#tags.keys();
    if (id === undefined) throw new Error("There are no tags left.");
    this.#tags.delete(id);
    return id;
  }

  /** A new row that is so many seconds older than its commit, as a transaction leaves behind. Its id. */
  commit(random: SeededRandom, table: "customers" | "products", late: number): string {
    const rows = table === "customers" ? this.#customers : this.#products;
    const id = this.#newId(this.#prefixOf(rows));
    this.#store(rows, id, this.#clock - late, {}, random);
    return id;
  }

  /** All there is for who asks. Orders are asked for by their customers. */
  truth(asker: Asker): Truth {
    // Notes have no key: who reads them knows them by what they say.
    const notes = shownOf(this.#notes, asker).map(({ row }) => noteOf(row));
    const orders = shownOf(this.#orders, asker).filter(({ row }) => isShown(String(row["customer"]), asker));
    return new Map<string, ReadonlyMap<string, Readonly<Record<string, unknown>>>>([
      ["customers", rowsOf(shownOf(this.#customers, asker))],
      ["orders", rowsOf(orders)],
      ["products", rowsOf(shownOf(this.#products, asker))],
      ["tags", rowsOf(shownOf(this.#tags, asker))],
      ["notes", new Map(notes.map((note) => [JSON.stringify(note), note]))],
    ]);
  }

  answer(path: string, query: URLSearchParams, twist: Twist | null, sight: Sight): unknown {
    const [name = "", customer = "", child = ""] = path.split("/");
    const asker = { sight, without: query.get("without") };
    if (name === "customers" && child === "orders") {
      const isTheirs = isShown(customer, { ...asker, without: null });
      const own = shownOf(this.#orders, asker).filter(({ row }) => isTheirs && row["customer"] === customer);
      return byToken(own, query, twist);
    }
    if (name === "customers") return byToken(shownOf(this.#customers, asker), query, twist);
    if (name === "products") return byToken(shownOf(this.#products, asker), query, twist);
    if (name === "tags") {
      const tags = shownOf(this.#tags, asker).map(({ row }) => row);
      return byNumber(this.isForgetful ? tags.slice(0, tags.length / 3) : tags, query, twist);
    }
    if (name !== "notes") return null;
    const notes = shownOf(this.#notes, asker).map(({ row }) => noteOf(row));
    return byNumber(notes, query, twist);
  }

  #add(table: Table, random: SeededRandom): void {
    if (table === this.#orders) this.#addOrder(random);
    else this.#put(table, this.#newId(this.#prefixOf(table)), {}, random);
  }

  #prefixOf(table: Table): string {
    if (table === this.#customers) return "c";
    if (table === this.#products) return "p";
    return table === this.#tags ? "t" : "n";
  }

  #addOrder(random: SeededRandom): void {
    const customer = anyOf(this.#customers, random);
    if (customer !== null) this.#put(this.#orders, this.#newId("o"), { customer }, random);
  }

  #change(table: Table, random: SeededRandom): void {
    const id = anyOf(table, random);
    const customer = id === null ? undefined : table.get(id)?.row["customer"];
    if (id !== null) this.#put(table, id, customer === undefined ? {} : { customer }, random);
  }

  #remove(table: Table, random: SeededRandom): void {
    const id = anyOf(table, random);
    if (id === null) return;
    table.delete(id);
    for (const [order, { row }] of this.#orders) if (row["customer"] === id) this.#orders.delete(order);
  }

  #put(table: Table, id: string, fields: Readonly<Record<string, unknown>>, random: SeededRandom): void {
    // Some customers are committed late. The time of a row never goes back.
    const isLate = table === this.#customers && random() < 0.4;
    const late = isLate ? wholeNumber(random, 1, LONGEST_TRANSACTION) : 0;
    this.#store(table, id, Math.max(this.#clock - late, table.get(id)?.at ?? START), fields, random);
  }

  #store(table: Table, id: string, at: number, fields: Readonly<Record<string, unknown>>, random: SeededRandom): void {
    this.#commits += 1;
    const row = {
      id,
      ...fields,
      name: `name ${wholeNumber(random, 0, 9_999)}`,
      updated_at: isoOf(at),
      n: this.#commits,
    };
    table.set(id, { row, at, commit: this.#commits });
  }

  #newId(prefix: string): string {
    this.#nextId += 1;
    return `${prefix}${this.#nextId}`;
  }
}

function shownOf(table: Table, asker: Asker): readonly Stored[] {
  return [...table.values()].filter(({ row }) => isShown(row.id, asker));
}

function rowsOf(rows: readonly Stored[]): ReadonlyMap<string, Row> {
  return new Map(rows.map(({ row }) => [row.id, row]));
}

function noteOf({ name, n }: Row): Readonly<Record<string, unknown>> {
  return { name, n };
}

function anyOf(table: Table, random: SeededRandom): string | null {
  const ids = [...table.keys()];
  return ids[Math.floor(random() * ids.length)] ?? null;
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000", "");
}

function byToken(rows: readonly Stored[], query: URLSearchParams, twist: Twist | null): unknown {
  const since = query.get("updated_since");
  const asked = query.get("after");
  const [afterAt = -1, afterCommit = -1] = (asked ?? "").split("-").filter(Boolean).map(Number);
  const from = since === null ? 0 : Date.parse(since) / 1000;
  const isAfter = ({ at, commit }: Stored) => at > afterAt || (at === afterAt && commit > afterCommit);
  const listed = rows.filter(({ at }) => at >= from).toSorted((a, b) => a.at - b.at || a.commit - b.commit);
  const left = listed.filter(isAfter);
  const shown = left.slice(0, PAGE_SIZE);
  const last = shown.at(-1);
  const next = left.length > shown.length && last !== undefined ? `${last.at}-${last.commit}` : null;
  const before = twist === "overlapping" ? listed.filter((stored) => !isAfter(stored)).slice(-3) : [];
  const data = [...before, ...shown].map(({ row }) => row);
  return { data: twisted(data, twist), next: twist === "token_loop" && asked !== null ? asked : next };
}

function byNumber(rows: readonly unknown[], query: URLSearchParams, twist: Twist | null): unknown {
  const number = Number(query.get("page") ?? "1");
  const from = (number - 1) * NUMBERED_PAGE_SIZE;
  const data = rows.slice(Math.max(0, twist === "overlapping" ? from - 2 : from), from + NUMBERED_PAGE_SIZE);
  return { data: twisted(data, twist) };
}

function twisted<T>(data: readonly T[], twist: Twist | null): readonly T[] {
  if (twist === "duplicated") return [...data, ...data];
  return twist === "reordered" ? data.toReversed() : data;
}
