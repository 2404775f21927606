import type { Json } from "#core/json";
import type { ApiResponse } from "#sources/manifest/api-response";
import { createFamily } from "#sources/manifest/family";
import type { RequestOptions } from "#sources/manifest/request-options";
import type { StreamSlice } from "#sources/manifest/stream-slice";

/** What a paginator learns from a page. */
export interface PageRead {
  readonly response: ApiResponse;
  /** The documents that the decoder found in it; templates see the first as `response`. */
  readonly document: unknown;
  /** Records that the extractor found, before any filter. */
  readonly extractedCount: number;
  /** Records after the filter. */
  readonly recordCount: number;
  /** The last record after filter and transformations; null where there was none. */
  readonly lastRecord: Record<string, unknown> | null;
  /** The token that this page was asked for with; null for the first. */
  readonly token: Json;
  readonly slice: StreamSlice;
}

/** Knows how the pages of an answer follow each other. Has no state: a token says all. */
export interface Paginator {
  /** The first request's token; null where it has none. */
  readonly initialToken: Json;
  /** The next page's token; null after the last page. */
  next(page: PageRead): Json;
  options(token: Json): RequestOptions;
  /** Where the token is the next page's address or path. */
  path(token: Json): string | null;
}

export const paginator = createFamily<Paginator>("a paginator");
