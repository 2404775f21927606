import { z } from "zod";

import type { Definition } from "#sources/manifest/component";
import { parseDatetime } from "#sources/manifest/python/datetime";
import { isBefore, type Instant } from "#sources/manifest/python/instant";
import { text, type Text } from "#sources/manifest/text";

/** A datetime of the manifest, held between two others. */
export interface MinMaxDatetime {
  /** Does it depend on when it is asked for? */
  readonly readsClock: boolean;
  /** Throws a DatetimeMismatch. `format` is for a datetime that has none of its own. */
  value(format: string): Instant;
}

const fields = z.object({
  datetime: text,
  datetime_format: z.string().nullish(),
  min_datetime: text.nullish(),
  max_datetime: text.nullish(),
});

/** A `MinMaxDatetime`, or only its text. */
export const minMaxDatetime: z.ZodType<Definition<MinMaxDatetime>> = z
  .union([
    text.transform((datetime) => ({ datetime, datetime_format: null, min_datetime: null, max_datetime: null })),
    fields,
  ])
  .transform((parts) => (scope) => {
    const datetime = parts.datetime(scope);
    const min = bound(parts.min_datetime?.(scope));
    const max = bound(parts.max_datetime?.(scope));
    return {
      readsClock: [datetime, min, max].some((part) => part?.readsClock === true),
      value(inherited) {
        // An empty format counts as none.
        const format = parts.datetime_format || inherited;
        let instant = parseDatetime(datetime.text(), format);
        const lowest = limit(min, format);
        if (lowest !== null && isBefore(instant, lowest)) instant = lowest;
        const highest = limit(max, format);
        return highest !== null && isBefore(highest, instant) ? highest : instant;
      },
    };
  });

function bound(part: Text | undefined): Text | null {
  return part === undefined || part.source === "" ? null : part;
}

function limit(part: Text | null, format: string): Instant | null {
  const found = part?.text() ?? "";
  return found === "" ? null : parseDatetime(found, format);
}
