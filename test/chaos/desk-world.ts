import { oneOf, wholeNumber, type SeededRandom } from "#sources/internal/seeded-random";
import { json, type Answer } from "#test/support/scripted-upstream";
import type { FaultKind, Twist } from "./faults.ts";
import type { Listing } from "./listing.ts";
import { NO_SEGMENT } from "./segment.ts";
import { isShown, type Asker, type Sight } from "./sight.ts";
import type { Truth } from "./truth.ts";

type Row = Readonly<Record<string, unknown>>;

/** A row, when it was changed, in seconds of the world's clock, and in which order: rows of one second keep theirs. */
interface Stored {
  readonly row: Row;
  readonly at: number;
  readonly commit: number;
}

const START = Date.UTC(2026, 0, 1) / 1000;

/** Rows of a page that links to the next one. */
const LINKED_PAGE_SIZE = 6;

/** The most that a page has that is asked for by its offset. */
const MOST_BY_OFFSET = 50;

const LOCALES = ["en", "de"] as const;

const INITIAL = { tickets: 24, comments: 36, agents: 34, articles: 16 };

/**
 * A help desk. Tickets are listed by time of change, on pages that link to each other, and each has comments, which
 * change it as they come and go. Agents and articles have no times: they are listed newest first and asked for by
 * offset, so that whoever reads them while one is added sees some twice. Articles are of a locale, and only within it do
 * their numbers mean one of them.
 */
export class DeskWorld {
  #clock = START;
  #commits = 0;
  #nextId = 0;
  readonly #tickets = new Map<string, Stored>();
  /** By id; a comment says whose it is. */
  readonly #comments = new Map<string, Stored & { readonly ticket: string }>();
  readonly #agents = new Map<string, Row>();
  /** By locale and number. */
  readonly #articles = new Map<string, Row>();

  constructor(random: SeededRandom) {
    for (let n = 0; n < INITIAL.tickets; n += 1) this.#putTicket(this.#newId("t"), random);
    for (let n = 0; n < INITIAL.comments; n += 1) this.#putComment(this.#newId("m"), this.#anyTicket(random), random);
    for (let n = 0; n < INITIAL.agents; n += 1) this.addAgent(random);
    for (let n = 0; n < INITIAL.articles; n += 1) for (const locale of LOCALES) this.#putArticle(locale, n, random);
  }

  edit(random: SeededRandom): void {
    // Often not: then several rows have the same time.
    if (random() < 0.25) this.#clock += 1;
    const kind = oneOf(random, ["tickets", "tickets", "comments", "comments", "agents", "articles"]);
    const chance = random();
    if (kind === "tickets") this.#editTicket(chance, random);
    else if (kind === "comments") this.#editComment(chance, random);
    else if (kind === "agents") this.#editAgent(chance, random);
    else this.#editArticle(chance, random);
  }

  /** Agents as they are listed. */
  agentIds(): readonly string[] {
    return [...this.#agents.keys()].toReversed();
  }

  /** Comes first in the listing: all others move back by one. */
  addAgent(random: SeededRandom): void {
    const id = this.#newId("a");
    this.#agents.set(id, this.#fresh({ id }, random));
  }

  /** All there is for who asks. Comments are asked for by their tickets. */
  truth(asker: Asker): Truth {
    const comments = this.#commentsFor(asker).filter(({ ticket }) => isShown(ticket, asker));
    return new Map<string, ReadonlyMap<string, Row>>([
      ["tickets", rowsOf(this.#ticketsFor(asker))],
      ["comments", rowsOf(comments)],
      ["agents", new Map(shownOf(this.#agents, asker).map((row) => [String(row["id"]), row]))],
      ["articles", new Map(shownOf(this.#articles, asker).map((row) => [idOf(row), row]))],
    ]);
  }

  /** @param base the source's address, which links begin with */
  answer(base: string, path: string, query: URLSearchParams, twist: Twist | null, sight: Sight): Listing | null {
    const [name = "", ticket = "", child = ""] = path.split("/");
    const asker = { sight, without: query.get("without") };
    if (name === "tickets" && child === "comments") {
      if (!this.#tickets.has(ticket) || !isShown(ticket, { ...asker, without: null })) return null;
      const own = this.#commentsFor(asker).filter((comment) => comment.ticket === ticket);
      return byLink(`${base}/${path}`, own, query, twist);
    }
    if (name === "tickets") return byLink(`${base}/${path}`, this.#ticketsFor(asker), query, twist);
    if (name === "agents") return byOffset(shownOf(this.#agents, asker).toReversed(), query, twist);
    if (name !== "articles") return null;
    const ofLocale = shownOf(this.#articles, asker).filter(({ locale }) => locale === query.get("locale"));
    return byOffset(ofLocale.toReversed(), query, twist);
  }

  /** Some refusals come with a status that says all is well. Null for the others. */
  refuseInBody(kind: FaultKind, sent: string): Answer | null {
    const said = { ok: false, message: `You sent ${sent}` };
    if (kind === "503") return json({ ...said, error: "unavailable" });
    if (kind === "429_seconds") return json({ ...said, error: "ratelimited" }, { headers: { "retry-after": "1" } });
    return null;
  }

  #ticketsFor(asker: Asker): readonly Stored[] {
    return [...this.#tickets].filter(([id]) => isShown(id, asker)).map(([, ticket]) => ticket);
  }

  #commentsFor(asker: Asker): readonly (Stored & { readonly ticket: string })[] {
    return [...this.#comments].filter(([id]) => isShown(id, asker)).map(([, comment]) => comment);
  }

  #editTicket(chance: number, random: SeededRandom): void {
    if (chance < 0.35) this.#putTicket(this.#newId("t"), random);
    else if (chance < 0.8) this.#putTicket(this.#anyTicket(random), random);
    else if (this.#tickets.size > 1) {
      const id = this.#anyTicket(random);
      this.#tickets.delete(id);
      for (const [comment, { ticket }] of this.#comments) if (ticket === id) this.#comments.delete(comment);
    }
  }

  #editComment(chance: number, random: SeededRandom): void {
    const id = anyOf([...this.#comments.keys()], random);
    const ticket = this.#comments.get(id ?? "")?.ticket ?? this.#anyTicket(random);
    if (id === null || chance < 0.4) this.#putComment(this.#newId("m"), this.#anyTicket(random), random);
    else if (chance < 0.75) this.#putComment(id, ticket, random);
    else {
      this.#comments.delete(id);
      this.#putTicket(ticket, random);
    }
  }

  #editAgent(chance: number, random: SeededRandom): void {
    const id = anyOf([...this.#agents.keys()], random);
    if (id === null || chance < 0.4) this.addAgent(random);
    else if (chance < 0.75) this.#agents.set(id, this.#fresh({ id }, random));
    else this.#agents.delete(id);
  }

  #editArticle(chance: number, random: SeededRandom): void {
    const locale = oneOf(random, LOCALES);
    const id = wholeNumber(random, 0, INITIAL.articles + 8);
    if (chance < 0.75) this.#putArticle(locale, id, random);
    else this.#articles.delete(`${locale} ${id}`);
  }

  #putTicket(id: string, random: SeededRandom): void {
    const row = this.#fresh({ id, updated_at: isoOf(this.#clock) }, random);
    this.#tickets.set(id, { row, at: this.#clock, commit: this.#commits });
  }

  #putComment(id: string, ticket: string, random: SeededRandom): void {
    const row = this.#fresh({ id, ticket, updated_at: isoOf(this.#clock) }, random);
    this.#comments.set(id, { row, ticket, at: this.#clock, commit: this.#commits });
    this.#putTicket(ticket, random);
  }

  #putArticle(locale: string, id: number, random: SeededRandom): void {
    this.#articles.set(`${locale} ${id}`, this.#fresh({ locale, id }, random));
  }

  /** The row with what makes it another than it was. */
  #fresh(fields: Row, random: SeededRandom): Row {
    this.#commits += 1;
    return { ...fields, text: `text ${wholeNumber(random, 0, 9_999)}`, n: this.#commits };
  }

  /** There is always one. */
  #anyTicket(random: SeededRandom): string {
    return anyOf([...this.#tickets.keys()], random) ?? this.#newId("t");
  }

  #newId(prefix: string): string {
    this.#nextId += 1;
    return `${prefix}${this.#nextId}`;
  }
}

function shownOf(rows: ReadonlyMap<string, Row>, asker: Asker): readonly Row[] {
  return [...rows.values()].filter(({ id }) => isShown(String(id), asker));
}

function rowsOf(rows: readonly Stored[]): ReadonlyMap<string, Row> {
  return new Map(rows.map(({ row }) => [String(row["id"]), row]));
}

/** A key of several fields. */
function idOf({ locale, id }: Row): string {
  return JSON.stringify([locale, String(id)]);
}

function anyOf(ids: readonly string[], random: SeededRandom): string | null {
  return ids[Math.floor(random() * ids.length)] ?? null;
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000", "");
}

/** The next page is where the header says. */
function byLink(address: string, rows: readonly Stored[], query: URLSearchParams, twist: Twist | null): Listing {
  const asked = query.get("cursor");
  const [afterAt = -1, afterCommit = -1] = (asked ?? "").split("-").filter(Boolean).map(Number);
  const since = query.get("since");
  const from = since === null ? 0 : Date.parse(since) / 1000;
  const isAfter = ({ at, commit }: Stored) => at > afterAt || (at === afterAt && commit > afterCommit);
  const listed = rows.filter(({ at }) => at >= from).toSorted((a, b) => a.at - b.at || a.commit - b.commit);
  const left = listed.filter(isAfter);
  const shown = left.slice(0, LINKED_PAGE_SIZE);
  const last = shown.at(-1);
  const before = twist === "overlapping" ? listed.filter((stored) => !isAfter(stored)).slice(-3) : [];
  const data = [...before, ...shown].map(({ row }) => row);
  const hasMore = left.length > shown.length && last !== undefined;
  const cursor = twist === "token_loop" && asked !== null ? asked : hasMore ? `${last.at}-${last.commit}` : null;
  const always = {
    without: query.get("without") ?? NO_SEGMENT,
    ...(since === null ? {} : { since }),
  };
  const linkTo = (parameters: Readonly<Record<string, string>>, rel: string) =>
    `<${address}?${new URLSearchParams({ ...always, ...parameters }).toString()}>; rel="${rel}"`;
  const links = [linkTo({}, "first"), ...(cursor === null ? [] : [linkTo({ cursor }, "next")])];
  return { body: { data: twisted(data, twist) }, headers: { link: links.join(", ") } };
}

function byOffset(rows: readonly Row[], query: URLSearchParams, twist: Twist | null): Listing {
  const offset = Number(query.get("offset") ?? "0");
  const limit = Math.min(Number(query.get("limit") ?? "10"), MOST_BY_OFFSET);
  // The next offset is counted by what came: a page that repeats rows would hide others, and nobody could tell.
  const data = rows.slice(offset, offset + limit);
  return { body: { data: twist === "reordered" ? data.toReversed() : data }, headers: {} };
}

function twisted<T>(data: readonly T[], twist: Twist | null): readonly T[] {
  if (twist === "duplicated") return [...data, ...data];
  return twist === "reordered" ? data.toReversed() : data;
}
