import type { Json, JsonObject } from "#core/json";
import type { ApiResponse } from "#sources/manifest/api-response";
import type { Decoder } from "#sources/manifest/decoder/decoder";
import type { IncrementalSync } from "#sources/manifest/incremental/incremental-sync";
import type { Paginator } from "#sources/manifest/paginator/paginator";
import type { PartitionRouter } from "#sources/manifest/partition/partition-router";
import { isRecord, setField, type MutableRecord } from "#sources/manifest/record/record";
import type { Requester } from "#sources/manifest/requester/requester";
import type { IsWanted, Selection, Selector } from "#sources/manifest/selector/selector";
import { viewOf, type StreamSlice } from "#sources/manifest/stream-slice";

/** One page of a slice, as far as its stream is concerned. */
export interface FetchedPage {
  readonly records: readonly Record<string, unknown>[];
  readonly misfits: readonly unknown[];
  /** The next page's token; null after the last page of the slice. */
  readonly next: Json;
  /** The manifest said to go on without this answer, or the place of its records is not there: it may have had some. */
  readonly isPartial: boolean;
  /** The API asked to begin with the slice's first page again. */
  readonly isReset: boolean;
  /** Epoch milliseconds before which there is no point in asking for the next page; null where there is none. */
  readonly resumeAt: number | null;
  /** The body, for telling pages that repeat; null where there was none. */
  readonly body: Uint8Array | null;
}

export interface FetchParts {
  readonly requester: Requester;
  readonly decoder: Decoder;
  readonly selector: Selector;
  readonly paginator: Paginator;
  readonly router: PartitionRouter | null;
  readonly incremental: IncrementalSync | null;
  /** The stream's JSON schema; null where it has none. */
  readonly schema: JsonObject | null;
  /** Requests for further pages carry only what the paginator adds. */
  readonly pagesStandAlone: boolean;
}

/** Statuses that say that there is nothing: what an ignored one leaves out does not exist. */
const GONE: ReadonlySet<number> = new Set([404, 410]);

/** There is nothing, and that is what the status says: no body is missing. */
const NO_CONTENT = 204;

export const NOTHING = {
  records: [],
  misfits: [],
  next: null,
  isPartial: false,
  isReset: false,
  resumeAt: null,
  body: null,
};

/**
 * Fetches one page of a slice.
 *
 * @param isWanted is a record one that the read is about, going by its cursor?
 */
export async function fetchPage(
  parts: FetchParts,
  slice: StreamSlice,
  token: Json,
  isWanted: IsWanted,
): Promise<FetchedPage> {
  const { requester, decoder, selector, paginator, incremental } = parts;
  const isFeed = incremental?.isDataFeed === true;
  const context = contextFor(slice);
  const pieces: Selection[] = [];
  let last: { readonly response: ApiResponse; readonly document: unknown } | null = null;
  for (const asked of await slicesToAsk(parts, slice)) {
    const answer = await requester.send({
      slice: asked,
      token,
      path: paginator.path(token),
      options: optionsOf(parts, asked, token),
    });
    if (answer.type === "reset_pagination") return { ...NOTHING, isReset: true };
    if (!isReadable(answer.response.status)) {
      return { ...NOTHING, isPartial: !GONE.has(answer.response.status) };
    }
    const { response } = answer;
    const documents = await decoder.decode(response);
    pieces.push(selector.select(documents, context, isFeed ? () => true : isWanted));
    last = { response, document: firstOf(documents) };
  }
  if (last === null) return NOTHING;
  const selection = merged(pieces, requester);
  const lastRecord = selection.records.at(-1) ?? null;
  const { extractedCount } = selection;
  const recordCount = selection.records.length;
  // A feed comes newest first: what follows a record that is too old is older still.
  const isOver = isFeed && lastRecord !== null && !isWanted(lastRecord);
  const next = isOver ? null : paginator.next({ ...last, extractedCount, recordCount, lastRecord, token, slice });
  return {
    ...NOTHING,
    records: isFeed ? selection.records.filter(isWanted) : selection.records,
    misfits: selection.misfits,
    next,
    isPartial: !selection.isConclusive && last.response.status !== NO_CONTENT,
    body: last.response.bytes,
  };
}

/** As paginators see it: with the Python CDK an empty list is an object without fields. */
function firstOf([document]: readonly unknown[]): unknown {
  return Array.isArray(document) && document.length === 0 ? {} : (document ?? null);
}

function optionsOf({ paginator, router, incremental, pagesStandAlone }: FetchParts, slice: StreamSlice, token: Json) {
  const ofSlice = token !== null && pagesStandAlone ? [] : [router?.options(slice), incremental?.options(slice)];
  return [paginator.options(token), ...ofSlice.filter((options) => options !== undefined)];
}

/** Where an API has to be asked for properties by name, a page is asked for once for each chunk of them. */
async function slicesToAsk(
  { requester: { queryProperties }, schema }: FetchParts,
  slice: StreamSlice,
): Promise<readonly StreamSlice[]> {
  if (queryProperties === undefined || queryProperties === null) return [slice];
  const chunks = await queryProperties.chunks(schema ?? undefined);
  return chunks.map((chunk) => ({ ...slice, extraFields: { ...slice.extraFields, query_properties: [...chunk] } }));
}

/** Records of different chunks that are one record become one. */
function merged(pieces: readonly Selection[], { queryProperties }: Requester): Selection {
  const [only, ...others] = pieces;
  if (only !== undefined && others.length === 0) return only;
  const whole: MutableRecord[] = [];
  const byKey = new Map<string, MutableRecord>();
  for (const record of pieces.flatMap(({ records }) => records)) {
    const key = queryProperties?.mergeKeyOf(record) ?? null;
    const known = key === null ? undefined : byKey.get(key);
    if (known === undefined) {
      const own = { ...record };
      whole.push(own);
      if (key !== null) byKey.set(key, own);
    } else {
      mergeInto(known, record);
    }
  }
  const misfits = pieces.flatMap((piece) => piece.misfits);
  const isConclusive = pieces.every((piece) => piece.isConclusive);
  return { records: whole, misfits, extractedCount: whole.length + misfits.length, isConclusive };
}

function mergeInto(record: MutableRecord, addition: MutableRecord): void {
  for (const [name, value] of Object.entries(addition)) {
    const before = Object.hasOwn(record, name) ? record[name] : undefined;
    if (isRecord(before) && isRecord(value)) {
      const inner = { ...before };
      mergeInto(inner, value);
      setField(record, name, inner);
    } else {
      setField(record, name, value);
    }
  }
}

/** What filters and transformations see; not the page's token, as with the Python CDK. */
export function contextFor(slice: StreamSlice): Record<string, unknown> {
  const view = viewOf(slice);
  return {
    stream_slice: view,
    stream_partition: view,
    stream_interval: view,
    stream_state: {},
    next_page_token: null,
  };
}

/** Python's requests takes a status below 400 for an answer with content. */
function isReadable(status: number): boolean {
  return status < 400;
}
