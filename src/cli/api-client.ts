import { z } from "zod";

/** The parts of the API's answers that the command line looks at. */
const collectionSchema = z.object({ readable_id: z.string(), name: z.string() });
const connectionSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  status: z.string(),
  entities: z.object({ total_entities: z.number() }).nullable(),
});
const jobSchema = z.object({
  id: z.uuid(),
  status: z.enum(["PENDING", "RUNNING", "COMPLETED", "FAILED", "CANCELLING", "CANCELLED"]),
  duration_seconds: z.number().nullable(),
  entities_inserted: z.number(),
  entities_updated: z.number(),
  entities_deleted: z.number(),
  entities_kept: z.number(),
  entities_failed: z.number(),
  sync_mode: z.string(),
  error: z.string().nullable(),
});
const changeSchema = z.object({
  op: z.enum(["upsert", "delete"]),
  stream: z.string(),
  id: z.string(),
  entity: z.record(z.string(), z.unknown()).nullable(),
});
const changesSchema = z.object({ changes: z.array(changeSchema), next_cursor: z.string(), has_more: z.boolean() });
const refusalSchema = z.object({ detail: z.unknown(), job: jobSchema.optional() });

export type Connection = z.infer<typeof connectionSchema>;
export type Job = z.infer<typeof jobSchema>;
export type Change = z.infer<typeof changeSchema>;

export interface NewConnection {
  readonly name: string;
  readonly short_name: string;
  readonly readable_collection_id: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, unknown>>;
  readonly sync_immediately: boolean;
  readonly schedule?: Readonly<Record<string, unknown>> | null;
}

/** An answer other than 2xx. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  /** The job that stands in the way, where the answer names one. */
  readonly job: Job | null;

  constructor(request: string, status: number, body: string) {
    const refusal = refusalSchema.safeParse(parseJson(body));
    super(`${request} answered ${status}: ${refusal.success ? sentence(refusal.data.detail) : body.slice(0, 300)}`);
    this.status = status;
    this.job = refusal.data?.job ?? null;
  }
}

/** A job is asked for this often while it runs: often enough for a lively progress bar. */
const POLL_INTERVAL_MS = 100;

/** Sluice's HTTP API, as far as the command line uses it. Answers that don't fit throw Refused or ZodError. */
export class ApiClient {
  readonly #base: string;
  readonly #key: string;

  /** `address` without a path: `http://127.0.0.1:8787`. */
  constructor(address: string, key: string) {
    this.#base = `${address}/v1`;
    this.#key = key;
  }

  createCollection(name: string) {
    return this.#ask(collectionSchema, "POST", "/collections", { name });
  }

  createConnection({ credentials, ...rest }: NewConnection): Promise<Connection> {
    return this.#ask(connectionSchema, "POST", "/source-connections", { ...rest, authentication: { credentials } });
  }

  connection(id: string): Promise<Connection> {
    return this.#ask(connectionSchema, "GET", `/source-connections/${id}`);
  }

  deleteConnection(id: string): Promise<Connection> {
    return this.#ask(connectionSchema, "DELETE", `/source-connections/${id}`);
  }

  run(connectionId: string, forceFullSync = false): Promise<Job> {
    const query = forceFullSync ? "?force_full_sync=true" : "";
    return this.#ask(jobSchema, "POST", `/source-connections/${connectionId}/run${query}`);
  }

  cancel(connectionId: string, jobId: string): Promise<Job> {
    return this.#ask(jobSchema, "POST", `/source-connections/${connectionId}/jobs/${jobId}/cancel`);
  }

  job(connectionId: string, jobId: string): Promise<Job> {
    return this.#ask(jobSchema, "GET", `/source-connections/${connectionId}/jobs/${jobId}`);
  }

  /** Follows a job to its end, showing it to `onProgress` on the way. */
  async untilFinished(connectionId: string, jobId: string, onProgress?: (job: Job) => void): Promise<Job> {
    for (;;) {
      const job = await this.job(connectionId, jobId);
      onProgress?.(job);
      if (["COMPLETED", "FAILED", "CANCELLED"].includes(job.status)) return job;
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
    }
  }

  /** Reads the change feed from `since` (null: from its beginning) to its end. */
  async changes(connectionId: string, since: string | null): Promise<{ changes: Change[]; cursor: string }> {
    const changes: Change[] = [];
    let cursor = since;
    for (;;) {
      const query = new URLSearchParams({ limit: "1000", ...(cursor === null ? {} : { since: cursor }) });
      const page = await this.#ask(
        changesSchema,
        "GET",
        `/source-connections/${connectionId}/changes?${query.toString()}`,
      );
      changes.push(...page.changes);
      cursor = page.next_cursor;
      if (!page.has_more) return { changes, cursor };
    }
  }

  async #ask<Answer>(schema: z.ZodType<Answer>, method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(this.#base + path, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Refused(`${method} /v1${path}`, response.status, text);
    return schema.parse(parseJson(text));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function sentence(detail: unknown): string {
  return typeof detail === "string" ? detail : JSON.stringify(detail);
}
