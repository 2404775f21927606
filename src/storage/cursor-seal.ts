import { createHmac, timingSafeEqual } from "node:crypto";

import { z } from "zod";

import type { Documents } from "./documents.ts";

/** Characters of base64url: 96 bits, which nobody guesses. */
const TAG_LENGTH = 16;

/** For the migrations of whatever gives out cursors: a secret of the object's own. */
export const CURSOR_SECRET_ROW = `INSERT INTO documents (key, value) VALUES ('cursor_secret', '"' || lower(hex(randomblob(32))) || '"');`;

/**
 * Signs the places that clients are given to come back with, so that one of another object or list, or one that was
 * made up or damaged, is known for what it is instead of skipping what lies between.
 */
export class CursorSeal {
  readonly #documents: Documents;
  #secret: string | null = null;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  /** @param list names what the place is in: a place in one list is none in another */
  seal(list: string, place: string): string {
    return `${place}.${this.#tag(list, place)}`;
  }

  /** @returns null where this object gave out no such cursor for this list */
  open(list: string, cursor: string): string | null {
    const end = cursor.lastIndexOf(".");
    const place = cursor.slice(0, Math.max(0, end));
    return isSame(cursor.slice(end + 1), this.#tag(list, place)) ? place : null;
  }

  #tag(list: string, place: string): string {
    this.#secret ??= this.#documents.read("cursor_secret", z.string());
    if (this.#secret === null) throw new Error("The object has no secret to sign cursors with.");
    return createHmac("sha256", this.#secret).update(`${list}\n${place}`).digest("base64url").slice(0, TAG_LENGTH);
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => new TextEncoder().encode(text));
  return a !== undefined && b !== undefined && a.length === b.length && timingSafeEqual(a, b);
}
