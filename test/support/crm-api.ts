import { readFileSync } from "node:fs";
import { join } from "node:path";

import { json, startUpstream, text, type Answer, type SeenRequest } from "./scripted-upstream.ts";

/** The manifest of the API below. */
export const CRM_MANIFEST = readFileSync(join(import.meta.dirname, "crm.yaml"), "utf8");

export const CRM_KEY = "crm_SECR3T_0123456789";

const PAGE_SIZE = 10;

export interface Row {
  readonly id: string;
  readonly updated_at: string;
  readonly [field: string]: unknown;
}

/** A customer database on the loopback: tables by path, ten rows a page, people also by when they changed. */
export class CrmApi {
  readonly tables = new Map<string, Row[]>();
  /** Requests that were answered with rows, as `people?since=…&page=1`. */
  readonly asked: string[] = [];
  /** Happens before a request is answered; may answer it. */
  before: (asked: string, request: SeenRequest) => Promise<Answer | undefined> | Answer | undefined = () => undefined;
  #close: () => Promise<void> = async () => {};
  url = "";

  static async start(): Promise<CrmApi> {
    const api = new CrmApi();
    const upstream = await startUpstream((request) => api.#answer(request));
    api.url = upstream.url;
    api.#close = () => upstream.close();
    return api;
  }

  /** Rows `PREFIX-1`, `PREFIX-2`, …, an hour apart from each other in the order of their numbers. */
  fill(path: string, count: number): this {
    const prefix = path.replaceAll("/", "-");
    const rows = Array.from({ length: count }, (_, index) => ({
      id: `${prefix}-${index + 1}`,
      updated_at: new Date(Date.UTC(2026, 0, 1, index)).toISOString().replace(".000", ""),
    }));
    this.tables.set(path, rows);
    return this;
  }

  close(): Promise<void> {
    return this.#close();
  }

  async #answer(request: SeenRequest): Promise<Answer> {
    const { url, headers } = request;
    const path = url.pathname.slice(1);
    const asked = path + url.search;
    const instead = await this.before(asked, request);
    if (instead !== undefined) return instead;
    if (headers["authorization"] !== `Bearer ${CRM_KEY}`) return json({ error: "unknown key" }, { status: 401 });
    const rows = this.tables.get(path);
    if (rows === undefined) return text("There is no such table.", { status: 404 });
    this.asked.push(asked);
    const since = url.searchParams.get("since") ?? "";
    const page = Number(url.searchParams.get("page") ?? 1);
    const wanted = rows.filter(({ updated_at: at }) => at >= since);
    return json({ data: wanted.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE) });
  }
}
