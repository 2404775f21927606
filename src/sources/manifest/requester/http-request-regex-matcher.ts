import { z } from "zod";

import { SourceFailure } from "#sources/source";
import { defineComponent } from "#sources/manifest/component";
import { PythonError } from "#sources/manifest/python/python-error";
import { Regex } from "#sources/manifest/python/regex";
import { str } from "#sources/manifest/python/text";
import { admit } from "#sources/manifest/python/value";
import { text } from "#sources/manifest/text";
import type { CallMatcher } from "./call-matcher.ts";

const regex = z.string().transform((source, context): Regex => {
  try {
    return new Regex(source);
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    context.issues.push({ code: "custom", message: error.message, input: source });
    return z.NEVER;
  }
});

const values = z.record(z.string(), z.json());

/** By method, host, a pattern in the path, and query parameters and headers that have to be there. */
export const httpRequestRegexMatcher = defineComponent({
  type: "HttpRequestRegexMatcher",
  fields: z.object({
    method: z.string().nullish(),
    url_base: z.string().nullish(),
    url_path_pattern: regex.nullish(),
    params: values.nullish(),
    headers: values.nullish(),
    weight: text.nullish(),
  }),
  build(fields, scope): CallMatcher {
    const base = fields.url_base?.replace(/\/+$/, "") ?? "";
    const params = Object.entries(fields.params ?? {}).map(([name, value]) => [name, str(admit(value))] as const);
    const headers = Object.entries(fields.headers ?? {}).map(
      ([name, value]) => [name.toLowerCase(), str(admit(value))] as const,
    );
    return {
      weight: weight(fields.weight?.(scope).value()),
      matches(call) {
        const { origin, pathname, searchParams } = new URL(call.url);
        const sent = new Map(Object.entries(call.headers).map(([name, value]) => [name.toLowerCase(), value]));
        return (
          (!fields.method || fields.method.toUpperCase() === call.method) &&
          (base === "" || base === origin) &&
          (!fields.url_path_pattern || isIn(pathname.replace(/\/+$/, ""), fields.url_path_pattern)) &&
          params.every(([name, value]) => searchParams.getAll(name).at(-1) === value) &&
          headers.every(([name, value]) => sent.get(name) === value)
        );
      },
    };
  },
});

function isIn(path: string, pattern: Regex): boolean {
  return pattern.search(Array.from(path)) !== undefined;
}

function weight(value: unknown): number {
  if (value === undefined) return 1;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return value;
  throw new SourceFailure({
    kind: "bad_request",
    message: "A weight in the manifest's api_budget is no whole number from 1. Correct it in the manifest.",
    final: true,
  });
}
