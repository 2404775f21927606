import { createFamily } from "#sources/manifest/family";
import type { ManifestStream } from "#sources/manifest/stream/stream";

/** Says which streams to try to find out whether config and credentials work. */
export interface Check {
  /**
   * Throws SourceFailure where the manifest names streams that there are not. Those that can't run here are left out.
   *
   * @param unsupported names of streams that the manifest has, and that can't run here
   */
  streamsToTry(streams: readonly ManifestStream[], unsupported: ReadonlySet<string>): readonly ManifestStream[];
}

export const check = createFamily<Check>("a check");
