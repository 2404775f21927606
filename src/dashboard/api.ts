import { z } from "zod";

import { issueSchema, type Issue } from "./issue.ts";

/** How the API refused something: with a sentence for people, and where a form is wrong. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  readonly status: number;
  readonly issues: readonly Issue[];
  /** The job that stands in the way, where one does. */
  readonly jobId: string | null;

  constructor(status: number, message: string, issues: readonly Issue[] = [], jobId: string | null = null) {
    super(message);
    this.status = status;
    this.issues = issues;
    this.jobId = jobId;
  }
}

/** An answer to something that was asked of the API, for forms: a refusal is shown beside them. */
export type Sent<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: ApiRefusal };

export type Method = "POST" | "PUT" | "PATCH" | "DELETE";

const refusalSchema = z.object({
  detail: z.union([z.string(), z.array(issueSchema)]),
  job: z.object({ id: z.string() }).optional(),
});

/** The API as one caller, as `/docs` describes it. */
export class Api {
  readonly #call: (path: string, init: RequestInit) => Promise<Response>;

  /** `call` gets a path such as `/v1/sources`. */
  constructor(call: (path: string, init: RequestInit) => Promise<Response>) {
    this.#call = call;
  }

  /** Throws ApiRefusal, which becomes an error page. */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return (await this.page(path, schema)).value;
  }

  /** The same, with the cursor of the page after it where the API has it in a header. */
  async page<T>(
    path: string,
    schema: z.ZodType<T>,
  ): Promise<{ readonly value: T; readonly nextCursor: string | null }> {
    const response = await this.#call(path, { method: "GET" });
    if (!response.ok) throw await refusalOf(response);
    return { value: schema.parse(await response.json()), nextCursor: response.headers.get("x-next-cursor") };
  }

  /** Null where there is no such thing; throws ApiRefusal for all else. */
  async find<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
    const response = await this.#call(path, { method: "GET" });
    if (response.status === 404) return null;
    if (!response.ok) throw await refusalOf(response);
    return schema.parse(await response.json());
  }

  /** Asks for a change. A refusal is a value, except those that no form can do anything about. */
  async send<T>(method: Method, path: string, schema: z.ZodType<T>, body?: unknown): Promise<Sent<T>> {
    const response = await this.#call(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    if (response.ok) return { ok: true, value: schema.parse(await response.json()) };
    const refusal = await refusalOf(response);
    if (refusal.status >= 500 && refusal.status !== 502) throw refusal;
    return { ok: false, refusal };
  }

  /** The answer as it comes, for what is passed on: streams and downloads. */
  async raw(path: string, headers: HeadersInit = {}): Promise<Response> {
    return this.#call(path, { method: "GET", headers });
  }
}

/** A path with its parts encoded: ``apiPath`/v1/sources/${name}` ``. */
export function apiPath(texts: TemplateStringsArray, ...parts: readonly string[]): string {
  return texts.reduce((path, text, index) => path + encodeURIComponent(parts[index - 1] ?? "") + text);
}

async function refusalOf(response: Response): Promise<ApiRefusal> {
  const parsed = refusalSchema.safeParse(await response.json().catch(() => null));
  if (!parsed.success) return new ApiRefusal(response.status, "The server could not answer. Try again in a moment.");
  const { detail, job } = parsed.data;
  if (typeof detail === "string") return new ApiRefusal(response.status, detail, [], job?.id ?? null);
  return new ApiRefusal(response.status, detail.map(({ msg }) => msg).join(" "), detail);
}
