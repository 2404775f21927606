import type { Json } from "#core/json";
import type { OpenSource, Page, ReadRequest, Stream } from "#sources/source";
import { aPage } from "./builders.ts";

/** One call of the source: asking for the streams, or for a page of one. */
export interface Call {
  /** From 1, over all streams. */
  readonly number: number;
  /** Null for the listing of the streams. */
  readonly request: ReadRequest | null;
}

export interface Script {
  readonly streams: readonly Stream[];
  /** The page after a checkpoint (null: the first); null where the source just stops. */
  page(request: ReadRequest): Page | null;
  /** Awaited before each call is answered: may throw, hang, or change the world. */
  before?(call: Call): Promise<void> | void;
}

export interface ScriptedSource extends OpenSource {
  /** How many calls there have been. */
  calls(): number;
}

/** A source that does what its script says. It reads on after each page, as a source does. */
export function scriptedSource(script: Script): ScriptedSource {
  let calls = 0;
  const arrive = async (request: ReadRequest | null) => {
    calls += 1;
    await script.before?.({ number: calls, request });
  };
  return {
    calls: () => calls,
    async check() {},
    async streams() {
      await arrive(null);
      return script.streams;
    },
    async *read(first) {
      let request = first;
      for (;;) {
        await arrive(request);
        const page = script.page(request);
        if (page === null) return;
        yield page;
        if (page.end !== null) return;
        request = { ...request, checkpoint: page.checkpoint };
      }
    },
  };
}

export function aStreamOf(name: string, stream: Partial<Stream> = {}): Stream {
  return { name, primaryKey: [["id"]], incremental: false, ...stream };
}

/** Pages one after another: each one's checkpoint is how many there have been, and the last one ends the pass. */
export function inOrder(pages: readonly Partial<Page>[], cursor: Json = null): Script["page"] {
  return ({ checkpoint }) => {
    const index = typeof checkpoint === "number" ? checkpoint : 0;
    const page = pages[index];
    if (page === undefined) return null;
    const isLast = index === pages.length - 1;
    return aPage({ checkpoint: index + 1, end: isLast ? { cursor, complete: true } : null, ...page });
  };
}

/** Records `{ id, v }` with these ids. */
export function records(ids: readonly (string | number)[], v: Json = 1): { id: string; v: Json }[] {
  return ids.map((id) => ({ id: String(id), v }));
}

/** A promise that never settles: an upstream that hangs. */
export function hanging(): Promise<never> {
  return new Promise(() => undefined);
}
