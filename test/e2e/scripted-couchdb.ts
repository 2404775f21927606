import { json, startUpstream, type Answer, type SeenRequest } from "#test/support/scripted-upstream";

/** What happens instead of the ordinary answer; null for the ordinary one. */
export type Fault = (request: SeenRequest) => Answer | null;

/** A CouchDB with one database that misbehaves on demand. */
export interface ScriptedCouchdb {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** What the database holds, in the order of its changes. */
  readonly documents: readonly Document[];
  /** Resolves when the next request has arrived. */
  nextRequest(): Promise<SeenRequest>;
  misbehave(fault: Fault): void;
  behave(): void;
  close(): Promise<void>;
}

export interface Document {
  readonly id: string;
  /** As it is sent and stored. */
  readonly body: Readonly<Record<string, unknown>>;
}

export const DATABASE = "docs";

export async function startScriptedCouchdb(size: number): Promise<ScriptedCouchdb> {
  const documents = Array.from({ length: size }, (_, index): Document => {
    const id = `doc-${String(index + 1).padStart(4, "0")}`;
    return { id, body: { _id: id, n: index + 1 } };
  });
  const ordinary = (request: SeenRequest) => ordinaryAnswer(documents, request);
  const upstream = await startUpstream(ordinary);
  return {
    url: upstream.url,
    requests: upstream.requests,
    documents,
    nextRequest: () => upstream.nextRequest(),
    misbehave: (fault) => upstream.handle((request) => fault(request) ?? ordinary(request)),
    behave: () => upstream.handle(ordinary),
    close: () => upstream.close(),
  };
}

/** A fault of pages of changes only, counted from 1; what is asked about the database itself is answered as ever. */
export function onPages(answer: (page: number) => Answer | null): Fault {
  let page = 0;
  return (request) => {
    if (!isPage(request)) return null;
    page += 1;
    return answer(page);
  };
}

export function isPage({ url }: Pick<SeenRequest, "url">): boolean {
  return url.pathname.endsWith("/_changes");
}

/** What a CouchDB with these documents, each written once, answers. */
export function ordinaryAnswer(documents: readonly Document[], { url }: SeenRequest): Answer {
  if (!isPage({ url })) return json({ db_name: DATABASE, instance_start_time: "1" });
  const since = Number.parseInt(url.searchParams.get("since") ?? "0", 10);
  const limit = Number(url.searchParams.get("limit") ?? "1000");
  const results = documents.slice(since, since + limit).map(({ id, body }, index) => ({
    seq: `${since + index + 1}-x`,
    id,
    changes: [{ rev: `1-${id}` }],
    doc: body,
  }));
  const last = since + results.length;
  return json({ results, last_seq: `${last}-x`, pending: documents.length - last });
}
