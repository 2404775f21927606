import type { Json } from "#core/json";
import type { ApiResponse } from "#sources/manifest/api-response";
import { createFamily } from "#sources/manifest/family";
import type { RequestOptions } from "#sources/manifest/request-options";
import type { QueryProperties } from "#sources/manifest/requester/query-properties";
import type { StreamSlice } from "#sources/manifest/stream-slice";

export interface Asked {
  readonly slice: StreamSlice;
  /** The paginator's; null for the first page. */
  readonly token: Json;
  /** Instead of the requester's own path: the next page's, or the one that a component's request option set. */
  readonly path?: string | null;
  /** What paginator, partition and cursor add. */
  readonly options: readonly RequestOptions[];
  /** More names for the requester's templates. */
  readonly occasion?: Readonly<Record<string, unknown>>;
}

/** How a request ended that is not a failure. */
export type Answer =
  | { readonly type: "response"; readonly response: ApiResponse }
  /** The manifest says to go on with what there is of it. */
  | { readonly type: "ignored"; readonly response: ApiResponse; readonly message: string }
  | { readonly type: "reset_pagination" };

/** Sends requests to the API, authenticated, and decides about its answers. */
export interface Requester {
  /** The API wants to be asked for properties by name: a page is asked for once for each chunk of them. */
  readonly queryProperties?: QueryProperties | null;
  /** Throws SourceFailure: to be retried after a while (with `retryAt` where it is known when), or final. */
  send(asked: Asked): Promise<Answer>;
}

export const requester = createFamily<Requester>("a requester");
