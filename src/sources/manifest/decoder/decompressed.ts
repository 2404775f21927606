import { SourceFailure } from "#sources/source";

/** What an archive may come to: a small one can stand for gigabytes, and an isolate has 128 MB. */
export const MAX_DECOMPRESSED_BYTES = 64_000_000;

export function tooLarge(): SourceFailure {
  return new SourceFailure({
    kind: "bad_response",
    message: `The answer has more than ${MAX_DECOMPRESSED_BYTES / 1_000_000} MB when it is decompressed. Ask for less at a time.`,
    final: true,
  });
}
