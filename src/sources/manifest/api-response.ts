/** An answer of the API, whatever its status. */
export interface ApiResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The address that answered, after redirects. */
  readonly url: string;
  readonly bytes: Uint8Array;
  /** Throws a SourceFailure of kind `bad_response` where the bytes are not text. */
  text(): string;
  /** The body as JSON; `undefined` where it is not. Parsed once. */
  json(): unknown;
}
