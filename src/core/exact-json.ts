import type { Json } from "./json.ts";

declare global {
  // In V8 since 11.4; TypeScript's library does not know them yet.
  interface JSON {
    parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): Json;
    rawJSON(text: string): object;
    isRawJSON(value: unknown): value is { readonly rawJSON: string };
  }
}

/**
 * Where a number may be one that a double can't hold: an integer from 2^53 up has 16 digits and begins with a 9, or has
 * more; a fraction has more than 17 digits; an exponent has three. Anchored to what can stand before a number, since
 * the search goes over every page, and what it finds costs several times as much to parse.
 */
const RISKY = /[[:,\s]-?(?:9\d{15}|\d{17}|\d[\d.]{19}|[\d.]+[eE]\+?\d{3})/;

/** Digits that a double holds whatever they are. */
const SAFE_DIGITS = 15;

/**
 * Parses JSON without changing its numbers. One that a double can't hold, such as a 64-bit id, stays the text that it
 * was, as a raw JSON value: it is written out again unchanged.
 */
export function parseExactly(text: string): Json {
  return RISKY.test(text) ? JSON.parse(text, keepNumber) : JSON.parse(text);
}

function keepNumber(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== "number" || source === undefined) return value;
  const isHeld = Number.isFinite(value) && (digitsIn(source) <= SAFE_DIGITS || String(value) === source);
  return isHeld ? value : JSON.rawJSON(source);
}

function digitsIn(source: string): number {
  return source.replaceAll(/\D/g, "").length;
}
