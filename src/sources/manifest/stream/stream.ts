import type { Json } from "#core/json";
import type { Page, Stream } from "#sources/source";
import type { Read } from "#sources/manifest/retriever/retriever";
import { createFamily } from "#sources/manifest/family";

/** A stream of a manifest, built for a connection. */
export interface ManifestStream extends Stream {
  read(read: Read): AsyncIterable<Page>;
  /** The field that its cursor goes by; null where it is not incremental. */
  readonly cursorField: string | null;
  /**
   * Epoch milliseconds of the newest record that a cursor of this stream is about; null where that says nothing about
   * time. Throws CursorLost for a cursor that is not this stream's.
   */
  newestIn(cursor: Json): number | null;
  /** The dynamic stream that it comes from; null for one that the manifest has itself. */
  readonly origin: string | null;
}

/** The kinds of streams that a manifest's `streams`, and a partition's parents, can name. */
export const stream = createFamily<ManifestStream>("a stream");
