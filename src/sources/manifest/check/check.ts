import { createFamily } from "#sources/manifest/family";
import type { ManifestStream } from "#sources/manifest/stream/stream";

/** Says which streams to try to find out whether config and credentials work. */
export interface Check {
  /** Throws SourceFailure where the manifest names streams that there are not. */
  streamsToTry(streams: readonly ManifestStream[]): readonly ManifestStream[];
}

export const check = createFamily<Check>("a check");
