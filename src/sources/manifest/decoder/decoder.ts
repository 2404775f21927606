import type { ApiResponse } from "#sources/manifest/api-response";
import { createFamily } from "#sources/manifest/family";

/** Turns the bytes of an answer into the documents in it: one for JSON, one a line for JSON lines, and so on. */
export interface Decoder {
  /** Throws a SourceFailure of kind `bad_response` that says what is wrong with the body, with its beginning. */
  decode(response: Pick<ApiResponse, "bytes" | "headers" | "url">): Promise<readonly unknown[]>;
}

export const decoder = createFamily<Decoder>("a decoder");
