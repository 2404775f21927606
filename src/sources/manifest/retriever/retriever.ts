import type { Json, JsonObject } from "#core/json";
import { createFamily } from "#sources/manifest/family";
import type { Definition } from "#sources/manifest/component";
import type { IncrementalSync } from "#sources/manifest/incremental/incremental-sync";
import type { Transformation } from "#sources/manifest/transformation/transformation";
import type { Page } from "#sources/source";

/** What a retriever is told by the stream that it reads for. */
export interface StreamTerms {
  readonly name: string;
  readonly incremental: Definition<IncrementalSync> | null;
  readonly transformations: readonly Definition<Transformation>[];
  /** The stream's JSON schema, for retrievers whose selector casts values by it; null where there is none. */
  readonly schema: JsonObject | null;
}

export interface Read {
  /** What an earlier job's read ended with; null asks for everything. */
  readonly cursor: Json;
  /** What the last page of this read that was kept had; null at its beginning. */
  readonly checkpoint: Json;
}

/** Reads a stream. */
export interface Retriever {
  read(read: Read): AsyncIterable<Page>;
}

/** The stream's own parts are given when a retriever is built, since the manifest has them beside it, not in it. */
export const retriever = createFamily<(terms: StreamTerms) => Retriever>("a retriever");
