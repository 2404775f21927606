import type { JsonObject } from "#core/json";

const PAGE_SIZE = 10;

/** Hosts of the CRM that the custom connection reads, and of that which the one in mid-pass does. */
export const CRM_HOSTS = { custom: "crm.test", pass: "crm-in-pass.test" } as const;

/** Half as long as from the end of a fixture's scenario to the tests that open it. */
const TOKEN_SECONDS = 1_800;

/**
 * A customer database behind the global fetch: tables by path, in their order, ten rows a page. It is read with an
 * access token, for which it takes a refresh token that is good for one use and gives the next.
 */
export class Crm {
  readonly url: string;
  readonly tables: Map<string, readonly JsonObject[]>;
  /** Requests that were answered with rows, as `people?page=2`, in order. */
  readonly asked: string[] = [];
  /** Refresh tokens that it took, in order. */
  readonly spent: string[] = [];
  /** Pages that are not to be had for ten minutes, as `people?page=2`. */
  readonly busyAt = new Set<string>();
  #issued: number;

  /** @param issued how many tokens it has given out before */
  constructor(host: string, tables: ReadonlyMap<string, readonly JsonObject[]>, issued = 0) {
    this.url = `http://${host}`;
    this.tables = new Map(tables);
    this.#issued = issued;
  }

  async answer(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    const path = pathname.slice(1);
    if (path === "token") return this.#exchange(await request.formData());
    if (request.headers.get("authorization") !== `Bearer access-${this.#issued}`) {
      return Response.json({ error: "This access token is not the newest." }, { status: 401 });
    }
    if (this.busyAt.has(path + search)) return new Response(null, { status: 429, headers: { "retry-after": "600" } });
    this.asked.push(path + search);
    const since = searchParams.get("since") ?? "";
    const page = Number(searchParams.get("page") ?? 1);
    const rows = (this.tables.get(path) ?? []).filter(({ updated_at: at }) => typeof at !== "string" || at >= since);
    return Response.json({ data: rows.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE) });
  }

  #exchange(given: FormData): Response {
    const token = given.get("refresh_token");
    if (typeof token !== "string" || token !== `refresh-${this.#issued}`)
      return Response.json({ error: "invalid_grant" }, { status: 400 });
    this.spent.push(token);
    this.#issued += 1;
    const [access_token, refresh_token] = [`access-${this.#issued}`, `refresh-${this.#issued}`];
    return Response.json({ access_token, refresh_token, expires_in: TOKEN_SECONDS });
  }
}
