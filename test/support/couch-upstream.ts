import { vi } from "vitest";

/** One request to the upstream, before it is answered. */
export interface UpstreamCall {
  /** From 1. */
  readonly number: number;
  readonly view: "info" | "changes";
  readonly url: URL;
  readonly method: string;
  readonly authorization: string | null;
}

/** Answers a call instead of the upstream, or throws; undefined lets the upstream answer. */
export type Interference = (call: UpstreamCall) => Response | Promise<Response | undefined> | undefined;

/** A CouchDB database behind the global fetch of the isolate, where objects under test find it. */
export class CouchUpstream {
  static readonly url = "http://couch.test";
  readonly #changes = new Map<string, { readonly seq: number; readonly doc: object | null }>();
  #seq = 0;
  calls = 0;
  interfere: Interference = () => undefined;

  /** Takes the place of the global fetch until mocks are restored. */
  install(): this {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const request = new Request(input, init);
      this.calls += 1;
      const { method } = request;
      const url = new URL(request.url);
      const view = url.pathname.endsWith("/_changes") ? "changes" : "info";
      const authorization = request.headers.get("authorization");
      return (
        (await this.interfere({ number: this.calls, view, url, method, authorization })) ??
        this.#answer(request.url, view)
      );
    });
    return this;
  }

  put(id: string, fields: object = {}): void {
    this.#write(id, (seq) => ({ _id: id, _rev: `1-${seq}`, ...fields }));
  }

  /** Documents `d0`, `d1`, …, each padded to a few hundred bytes. */
  fill(count: number): this {
    for (let index = 0; index < count; index += 1) this.put(`d${index}`, { index, text: "x".repeat(200) });
    return this;
  }

  remove(id: string): void {
    this.#write(id, () => null);
  }

  /** What there is: documents by id. */
  documents(): Map<string, object> {
    return new Map([...this.#changes].flatMap(([id, { doc }]) => (doc === null ? [] : [[id, doc]])));
  }

  #write(id: string, make: (seq: number) => object | null): void {
    this.#seq += 1;
    this.#changes.delete(id);
    this.#changes.set(id, { seq: this.#seq, doc: make(this.#seq) });
  }

  #answer(url: string, view: UpstreamCall["view"]): Response {
    if (view === "info") return Response.json({ db_name: "db", instance_start_time: "1" });
    const query = new URL(url).searchParams;
    const since = Number.parseInt(query.get("since") ?? "0", 10);
    const limit = Number(query.get("limit"));
    const rest = [...this.#changes].filter(([, { seq }]) => seq > since);
    const some = rest.slice(0, limit);
    return Response.json({
      results: some.map(([id, { seq, doc }]) => ({
        seq: `${seq}-x`,
        id,
        changes: [{ rev: `1-${seq}` }],
        ...(doc === null ? { deleted: true, doc: { _id: id, _deleted: true } } : { doc }),
      })),
      last_seq: `${some.at(-1)?.[1].seq ?? since}-x`,
      pending: rest.length - some.length,
    });
  }
}

/** A request that is never answered. */
export function neverAnswered(): Promise<Response> {
  return new Promise(() => undefined);
}
