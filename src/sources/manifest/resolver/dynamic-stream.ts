import { createFamily } from "#sources/manifest/family";
import type { ManifestStream } from "#sources/manifest/stream/stream";

/** Streams that only the config or the API tells. */
export interface DynamicStream {
  /** Asks for them; throws SourceFailure. */
  streams(): Promise<readonly ManifestStream[]>;
}

export const dynamicStream = createFamily<DynamicStream>("a dynamic stream");
