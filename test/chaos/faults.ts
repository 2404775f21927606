import { oneOf, type SeededRandom } from "#sources/internal/seeded-random";
import { begin, json, reset, stall, text, type Answer } from "#test/support/scripted-upstream";
import type { Packed } from "./listing.ts";

/** What an upstream does instead of answering, whatever was asked. */
export const REFUSALS = [
  "429_seconds",
  "429_date",
  "500",
  "503",
  "503_retry_after",
  "reset",
  "stall",
  "reset_midway",
  "stall_midway",
  "truncated",
  "empty",
  "html",
  "other_shape",
] as const;

/** Sound JSON with the status of success that is no page: gateways and caches say such things. */
export const OTHER_SHAPES = [{}, { hello: "world" }, [], null, "ok", { error: { code: 503 } }] as const;

/** What it makes of the page that was asked for: wrong in ways that only its reader can notice. */
export const TWISTS = ["duplicated", "reordered", "overlapping", "token_loop"] as const;

export type Refusal = (typeof REFUSALS)[number];
export type Twist = (typeof TWISTS)[number];
export type FaultKind = Refusal | Twist;

export const FAULT_KINDS: readonly [FaultKind, ...FaultKind[]] = [...REFUSALS, ...TWISTS];

export function isTwist(kind: FaultKind): kind is Twist {
  return TWISTS.some((twist) => twist === kind);
}

/**
 * The refusal of a request that would have been answered with `page`.
 *
 * @param sent what came with the request and is a secret: an upstream without manners says it back
 */
export function refuse(kind: Refusal, page: Packed, sent: string, random: SeededRandom, now: number): Answer {
  const echo = { "x-request-echo": sent };
  const said = { error: "unavailable", message: `You sent ${sent}`, reason: sent };
  const { bytes, headers } = page;
  const cut = bytes.slice(0, Math.max(1, Math.floor(bytes.length * random())));
  switch (kind) {
    case "429_seconds":
      return json(said, { status: 429, headers: { ...echo, "retry-after": oneOf(random, ["0", "1", "2"]) } });
    case "429_date":
      return json(said, { status: 429, headers: { ...echo, "retry-after": new Date(now + 2_000).toUTCString() } });
    case "500":
      return text(`<html><body>Fatal error for ${sent}</body></html>`, { status: 500 });
    case "503":
      return json(said, { status: 503, headers: echo });
    case "503_retry_after":
      return json(said, { status: 503, headers: { "retry-after": "1" } });
    case "reset":
      return reset;
    case "stall":
      return stall;
    case "reset_midway":
      return begin(cut, "reset", { headers });
    case "stall_midway":
      return begin(cut, "stall", { headers });
    case "truncated":
      // Without its last character no JSON object is whole.
      return text(cut.length === bytes.length ? cut.slice(0, -1) : cut, { headers });
    case "empty":
      return text("");
    case "html":
      return text(`<html><body>Please log in again, ${sent}</body></html>`, {
        headers: { "content-type": "text/html" },
      });
    case "other_shape":
      return json(oneOf<unknown>(random, OTHER_SHAPES));
  }
}
