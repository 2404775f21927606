/** What a source answers to a request that it understands. */
export interface Listing {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** A listing as it goes over the wire. */
export interface Packed {
  readonly bytes: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}
