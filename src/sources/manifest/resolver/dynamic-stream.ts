import { createFamily } from "#sources/manifest/family";
import type { ManifestStream } from "#sources/manifest/stream/stream";

/** Streams of one dynamic stream. More would make listing them, and their state, a burden. */
export const MAX_DYNAMIC_STREAMS = 1_000;

/** Streams that only the config or the API tells. */
export interface DynamicStream {
  /** Asks for them; throws SourceFailure. */
  streams(): Promise<readonly ManifestStream[]>;
}

export const dynamicStream = createFamily<DynamicStream>("a dynamic stream");
