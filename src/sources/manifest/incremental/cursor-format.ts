import { formatDatetime, parseDatetime } from "#sources/manifest/python/datetime";
import { DatetimeMismatch } from "#sources/manifest/python/datetime-mismatch";
import type { Instant } from "#sources/manifest/python/instant";
import type { CursorValue } from "./incremental-sync.ts";

/** Values compared again and again: the newest so far, and the boundaries. */
const MAX_KNOWN = 500;

/** Reads and writes the values of a datetime cursor. */
export class CursorFormat {
  readonly #format: string;
  readonly #recordFormats: readonly string[];
  readonly #stateFormats: readonly string[];
  readonly #keepsOffset: boolean;
  readonly #known = new Map<CursorValue, Instant>();

  /** @param others formats that records may have, tried before `format` */
  constructor(format: string, others: readonly string[]) {
    this.#format = format;
    this.#recordFormats = [...new Set([...others, format])];
    // What another version of the manifest wrote can be in one of the others.
    this.#stateFormats = [...new Set([format, ...others])];
    this.#keepsOffset = format.includes("%z");
  }

  /** Null for a value that is in none of the formats. */
  ofRecord(value: unknown): Instant | null {
    return parsed(plain(value), this.#recordFormats);
  }

  /** Null for a value that this cursor did not write. */
  ofState(value: CursorValue): Instant | null {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const instant = parsed(value, this.#stateFormats);
    if (instant === null) return null;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(value, instant);
    return instant;
  }

  /** As a request carries it: what a clock in the instant's own offset shows. */
  forRequest(instant: Instant): CursorValue {
    return formatDatetime(instant, this.#format);
  }

  /** As state keeps it. Where the format has no offset it is read back as UTC, so it has to be written in UTC. */
  forState({ epochMicros, offsetMinutes }: Instant): CursorValue {
    return formatDatetime({ epochMicros, offsetMinutes: this.#keepsOffset ? offsetMinutes : 0 }, this.#format);
  }
}

function parsed(value: string | number | null, formats: readonly string[]): Instant | null {
  if (value === null) return null;
  for (const format of formats) {
    try {
      return parseDatetime(value, format);
    } catch (error) {
      if (!(error instanceof DatetimeMismatch)) throw error;
    }
  }
  return null;
}

function plain(value: unknown): string | number | null {
  if (typeof value === "string" || typeof value === "number") return value;
  return JSON.isRawJSON(value) ? value.rawJSON : null;
}
