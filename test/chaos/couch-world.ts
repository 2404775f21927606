import { oneOf, wholeNumber, type SeededRandom } from "#sources/internal/seeded-random";
import type { Truth } from "./truth.ts";
import type { Twist } from "./faults.ts";

type Document = Readonly<Record<string, unknown>>;

/** A change as CouchDB keeps it: of each document only the newest. */
interface Change {
  readonly seq: number;
  readonly revision: number;
  /** Null once it is deleted. */
  readonly document: Document | null;
}

interface Database {
  /** Another one when it is created anew. */
  incarnation: number;
  lastSeq: number;
  readonly changes: Map<string, Change>;
}

const INITIAL_DOCUMENTS = 160;

/** Databases of a CouchDB 3: what they hold, and what they answer. */
export class CouchWorld {
  readonly #databases = new Map<string, Database>();

  constructor(names: readonly string[], random: SeededRandom) {
    for (const name of names) {
      const database: Database = { incarnation: 1, lastSeq: 0, changes: new Map() };
      this.#databases.set(name, database);
      for (let n = 0; n < INITIAL_DOCUMENTS; n += 1) put(database, `doc-${n}`, random);
    }
  }

  /** Adds, changes, deletes, and brings back what was deleted. */
  edit(random: SeededRandom): void {
    const database = this.#any(random);
    const id = `doc-${wholeNumber(random, 0, database.changes.size + 10)}`;
    const alive = database.changes.get(id)?.document ?? null;
    if (alive !== null && random() < 0.3) drop(database, id);
    else put(database, id, random);
  }

  /**
   * One database is created anew under its name, with other documents. Most are there again, also after several times:
   * a sync that lost half of them would be held back, and rightly.
   */
  recreate(random: SeededRandom): void {
    const database = this.#any(random);
    database.incarnation += 1;
    database.lastSeq = 0;
    const kept = [...database.changes.keys()].filter(() => random() < 0.9);
    database.changes.clear();
    for (const id of kept) put(database, id, random);
  }

  truth(): Truth {
    const streams = [...this.#databases].map(([name, { changes }]) => {
      const alive = [...changes].flatMap(([id, { document }]) => (document === null ? [] : [[id, document] as const]));
      return [name, new Map(alive)] as const;
    });
    return new Map(streams);
  }

  /** What is answered to a request for `path` (from the server's address on); null where there is nothing. */
  answer(path: string, query: URLSearchParams, twist: Twist | null): unknown {
    const [name = "", endpoint = ""] = path.split("/");
    const database = this.#databases.get(decodeURIComponent(name));
    if (database === undefined) return null;
    if (endpoint === "") return { db_name: name, instance_start_time: String(1_700_000_000 + database.incarnation) };
    return endpoint === "_changes" ? page(database, query, twist) : null;
  }

  #any(random: SeededRandom): Database {
    const [first, ...others] = this.#databases.values();
    if (first === undefined) throw new Error("A world without databases can't be edited.");
    return oneOf(random, [first, ...others]);
  }
}

function put(database: Database, id: string, random: SeededRandom): void {
  const revision = (database.changes.get(id)?.revision ?? 0) + 1;
  const rev = `${revision}-${Math.floor(random() * 2 ** 32).toString(16)}`;
  // A document is of another size each time: an edit that is lost shows.
  const document = { _id: id, _rev: rev, n: wholeNumber(random, 0, 1_000), text: "lorem ".repeat(random() * 12) };
  database.lastSeq += 1;
  database.changes.set(id, { seq: database.lastSeq, revision, document });
}

function drop(database: Database, id: string): void {
  const revision = (database.changes.get(id)?.revision ?? 0) + 1;
  database.lastSeq += 1;
  database.changes.set(id, { seq: database.lastSeq, revision, document: null });
}

function page({ changes, lastSeq }: Database, query: URLSearchParams, twist: Twist | null): unknown {
  const since = Number.parseInt(query.get("since") ?? "0", 10);
  const limit = Number(query.get("limit") ?? "25");
  const from = twist === "overlapping" ? Math.max(0, since - 5) : since;
  const after = [...changes].filter(([, { seq }]) => seq > from).toSorted(([, a], [, b]) => a.seq - b.seq);
  const shown = after.slice(0, limit);
  const results = shown.map(([id, { seq, revision, document }]) => ({
    seq: `${seq}-x`,
    id,
    changes: [{ rev: typeof document?.["_rev"] === "string" ? document["_rev"] : `${revision}-gone` }],
    ...(document === null ? { deleted: true, doc: { _id: id, _deleted: true } } : { doc: document }),
  }));
  const pending = after.length - shown.length;
  const last = pending === 0 ? Math.max(lastSeq, since) : (shown.at(-1)?.[1].seq ?? since);
  return {
    results: twist === "duplicated" ? [...results, ...results] : twist === "reordered" ? results.toReversed() : results,
    last_seq: `${twist === "token_loop" ? since : last}-x`,
    pending,
  };
}
