/** Makes document number n (from 1) of a kind, always the same one. */
export interface DocumentMaker {
  id(n: number): string;
  /** The revision that the document was born with. */
  revision(n: number): string;
  /** The document as JSON text. Written by hand: a benchmark must not wait for its upstream. */
  json(n: number): string;
}

const FIRST_NAMES =
  "Amara Bruno Chiara Dmitri Elif Farid Greta Hana Idris Jonas Keiko Lucía Mateo Noor Oskar Priya".split(" ");
const LAST_NAMES =
  "Almeida Bergström Costa Dubois Eriksen Fischer García Haddad Ivanova Jansen Kowalski Lindqvist Moreau".split(" ");
const CITIES = [
  "Lisbon",
  "Zürich",
  "Kraków",
  "Oslo",
  "Nairobi",
  "Osaka",
  "Montréal",
  "Cusco",
  "Tallinn",
  "Pune",
  "Hobart",
];
const PLANS = ["free", "team", "business"];
const PRODUCTS = ["Desk lamp", "Oak shelf", "Field notebook", "Wool blanket", "Teapot", "Bicycle bell", "Rain jacket"];
const ORDER_STATUSES = ["placed", "paid", "shipped", "delivered", "returned"];

const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2024, 0, 1);

/** Orders refer to the first people only, so that a small sample has no dangling references. */
const CUSTOMERS = 1_000;

export const people: DocumentMaker = {
  id: (n) => `person-${numbered(n)}`,
  revision: (n) => revision(1, n),
  json(n) {
    const hash = scatter(n);
    const first = pick(FIRST_NAMES, hash);
    const last = pick(LAST_NAMES, hash >>> 4);
    return (
      `{"_id":"${this.id(n)}","_rev":"${this.revision(n)}","name":"${first} ${last}",` +
      `"email":"${asciiLower(first)}.${asciiLower(last)}.${n}@example.com","city":"${pick(CITIES, hash >>> 8)}",` +
      `"plan":"${pick(PLANS, hash >>> 12)}","joined_on":"${day(hash >>> 16)}","newsletter":${(hash & 1) === 1}}`
    );
  },
};

export const orders: DocumentMaker = {
  id: (n) => `order-${numbered(n)}`,
  revision: (n) => revision(1, n),
  json(n) {
    const hash = scatter(n);
    const quantity = 1 + (hash % 4);
    const unitPriceCents = 900 + 50 * ((hash >>> 8) % 200);
    return (
      `{"_id":"${this.id(n)}","_rev":"${this.revision(n)}","customer":"${people.id(1 + (hash % CUSTOMERS))}",` +
      `"status":"${pick(ORDER_STATUSES, hash >>> 4)}","placed_on":"${day(hash >>> 16)}","currency":"EUR",` +
      `"lines":[{"product":"${pick(PRODUCTS, hash >>> 12)}","quantity":${quantity},"unit_price_cents":${unitPriceCents}}],` +
      `"total_cents":${quantity * unitPriceCents},"note":null}`
    );
  },
};

/** A revision in CouchDB's form: how often the document was written, and 32 hexadecimal digits. */
export function revision(generation: number, seed: number): string {
  const digits = (scatter(seed + generation) >>> 0).toString(16).padStart(8, "0");
  return `${generation}-${digits}${digits}${digits}${digits}`;
}

function numbered(n: number): string {
  return String(n).padStart(7, "0");
}

/** A hash that sends neighbours far apart (the finalizer of MurmurHash3). Unsigned, 32 bits. */
function scatter(n: number): number {
  let hash = n | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function pick(choices: readonly string[], hash: number): string {
  return choices[hash % choices.length] ?? "";
}

/** A day of 2024 or 2025. */
function day(hash: number): string {
  return DAYS[hash % DAYS.length] ?? "";
}

const DAYS = Array.from({ length: 731 }, (_, index) =>
  new Date(FIRST_DAY_MS + index * DAY_MS).toISOString().slice(0, 10),
);

function asciiLower(name: string): string {
  return name
    .normalize("NFD")
    .replaceAll(/[^A-Za-z]/g, "")
    .toLowerCase();
}
