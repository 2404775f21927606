import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { z } from "zod";

import { parseAnyDatetime } from "#sources/manifest/python/any-datetime";
import { formatDatetime, parseDatetime } from "#sources/manifest/python/datetime";
import { DatetimeMismatch } from "#sources/manifest/python/datetime-mismatch";
import { addDuration, parseDuration, subtractDuration } from "#sources/manifest/python/duration";
import { type Instant, instantAt } from "#sources/manifest/python/instant";
import { parseLiteral } from "#sources/manifest/python/literal";
import { PythonError } from "#sources/manifest/python/python-error";
import { Regex } from "#sources/manifest/python/regex";
import { replaceMatches } from "#sources/manifest/python/regex-replace";
import { repr } from "#sources/manifest/python/text";

const shownInstant = z.object({ micros: z.string(), offset: z.number() });
const orError = <T extends z.ZodType>(schema: T) => z.union([schema, z.literal("error")]);
const shownDuration = z.object({ years: z.number(), months: z.number(), micros: z.string() });

const tables = z
  .object({
    parsed: z.array(z.object({ text: z.string(), format: z.string(), instant: orError(shownInstant) })),
    any: z.array(z.object({ text: z.string(), instant: orError(shownInstant) })),
    formatted: z.array(shownInstant.extend({ format: z.string(), text: z.string() })),
    durations: z.array(z.object({ text: z.string(), duration: orError(shownDuration) })),
    moved: z.array(
      shownInstant.extend({ duration: z.string(), after: orError(shownInstant), before: orError(shownInstant) }),
    ),
    literals: z.array(z.object({ text: z.string(), literal: orError(z.object({ repr: z.string() })) })),
    searches: z.array(
      z.object({ pattern: z.string(), text: z.string(), match: orError(z.array(z.unknown()).nullable()) }),
    ),
    replacements: z.array(
      z.object({ pattern: z.string(), replacement: z.string(), text: z.string(), result: z.string() }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "tables.json"), "utf8")));

function shown({ epochMicros, offsetMinutes }: Instant): unknown {
  return { micros: String(epochMicros), offset: offsetMinutes };
}

function moment({ micros, offset }: z.infer<typeof shownInstant>): Instant {
  return instantAt(BigInt(micros), offset);
}

/** What a call gives, or "error" where it throws what it may throw. */
function outcome(run: () => unknown, allowed: new (...args: never) => Error = PythonError): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof allowed) return "error";
    throw error;
  }
}

describe("datetimes", () => {
  it("are read in a format as the Airbyte CDK reads them", () => {
    const results = tables.parsed.map(({ text, format }) => ({
      text,
      format,
      instant: outcome(() => shown(parseDatetime(text, format)), DatetimeMismatch),
    }));
    expect(results).toEqual(tables.parsed);
  });

  it("are read without a format as ab_datetime_parse reads them", () => {
    const results = tables.any.map(({ text }) => ({
      text,
      instant: outcome(() => shown(parseAnyDatetime(text)), DatetimeMismatch),
    }));
    expect(results).toEqual(tables.any);
  });

  it("are written as the Airbyte CDK writes them", () => {
    const results = tables.formatted.map((row) => ({ ...row, text: formatDatetime(moment(row), row.format) }));
    expect(results).toEqual(tables.formatted);
  });
});

describe("durations", () => {
  it("are read as isodate reads them", () => {
    const results = tables.durations.map(({ text }) => ({
      text,
      duration: outcome(() => {
        const { years, months, micros } = parseDuration(text);
        return { years, months, micros: String(micros) };
      }),
    }));
    expect(results).toEqual(tables.durations);
  });

  it("move datetimes as in Python, at the ends of months too", () => {
    const results = tables.moved.map((row) => {
      const duration = parseDuration(row.duration);
      return {
        ...row,
        after: outcome(() => shown(addDuration(moment(row), duration))),
        before: outcome(() => shown(subtractDuration(moment(row), duration))),
      };
    });
    expect(results).toEqual(tables.moved);
  });
});

describe("literals", () => {
  it("are those of ast.literal_eval, and shown as by repr", () => {
    const results = tables.literals.map(({ text }) => {
      const literal = parseLiteral(text);
      return { text, literal: literal === undefined ? "error" : { repr: repr(literal.value) } };
    });
    expect(results).toEqual(tables.literals);
  });
});

describe("regular expressions", () => {
  it("match what they match in Python", () => {
    const results = tables.searches.map(({ pattern, text }) => ({
      pattern,
      text,
      match: outcome(() => {
        const match = new Regex(pattern).search(Array.from(text));
        if (match === undefined) return null;
        return [match.start, match.end, ...match.groups.slice(1).map((group) => group ?? null)];
      }),
    }));
    expect(results).toEqual(tables.searches);
  });

  it("replace as re.sub does", () => {
    const results = tables.replacements.map((row) => ({
      ...row,
      result: outcome(() => replaceMatches(new Regex(row.pattern), row.replacement, row.text, { steps: 0 })),
    }));
    expect(results).toEqual(tables.replacements);
  });
});
