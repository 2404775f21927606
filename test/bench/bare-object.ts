import { DurableObject } from "cloudflare:workers";

export interface BareBindings {
  readonly DB: D1Database;
}

/** About as long as an event. */
const EVENT_BODY = "x".repeat(700);

/** A page as the raw upsert takes it: a JSON array of `[id, document as text]`. */
type PackedPage = string;

/** The least that the work of a sync could cost in an object: the other side of every ratio. */
export class BareObject extends DurableObject<BareBindings> {
  #pages: PackedPage[] = [];

  /** What a run cannot do without: one row in the object, one in D1. */
  async run(): Promise<{ id: string; status: string }> {
    const job = { id: crypto.randomUUID(), status: "PENDING" };
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID");
    this.ctx.storage.sql.exec("INSERT INTO jobs (id, value) VALUES (?, ?)", job.id, JSON.stringify(job));
    await this.env.DB.prepare("INSERT INTO bench_jobs (id, status) VALUES (?, ?)").bind(job.id, job.status).run();
    return job;
  }

  /** Sends as many requests as events would be, as many at a time as one receiver gets. */
  async send(url: string, count: number): Promise<void> {
    let left = count;
    const sendSome = async () => {
      while (left > 0) {
        left -= 1;
        await (await fetch(url, { method: "POST", body: EVENT_BODY })).arrayBuffer();
      }
    };
    await Promise.all([sendSome(), sendSome(), sendSome()]);
  }

  /** Fetches pages of changes into memory, so that writing them can be timed alone. Answers with the documents held. */
  async load(urls: readonly string[], authorization: string): Promise<number> {
    const pages = await Promise.all(urls.map((url) => fetchPage(url, authorization)));
    this.#pages = pages.map(({ packed }) => packed);
    return pages.reduce((sum, { count }) => sum + count, 0);
  }

  /** Fetches pages one after the other and parses them, which every sync has to. Answers with the documents seen. */
  async parse(urls: readonly string[], authorization: string): Promise<number> {
    let count = 0;
    for (const url of urls) {
      const response = await fetch(url, { headers: { authorization } });
      const { results } = await response.json<{ results: unknown[] }>();
      count += results.length;
    }
    return count;
  }

  /** Writes the pages held, one transaction each. */
  upsert(): void {
    this.ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS entities (stream INTEGER, id TEXT, data TEXT, PRIMARY KEY (stream, id)) WITHOUT ROWID",
    );
    for (const page of this.#pages) {
      this.ctx.storage.transactionSync(() =>
        this.ctx.storage.sql.exec(
          `INSERT INTO entities (stream, id, data) SELECT 1, value ->> 0, value ->> 1 FROM json_each(?) WHERE true
           ON CONFLICT (stream, id) DO UPDATE SET data = excluded.data`,
          page,
        ),
      );
    }
    this.#pages = [];
  }
}

async function fetchPage(url: string, authorization: string): Promise<{ packed: PackedPage; count: number }> {
  const response = await fetch(url, { headers: { authorization } });
  const { results } = await response.json<{ results: { id: string; doc: unknown }[] }>();
  return { packed: JSON.stringify(results.map(({ id, doc }) => [id, JSON.stringify(doc)])), count: results.length };
}
