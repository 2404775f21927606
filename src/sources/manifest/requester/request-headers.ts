import { z } from "zod";

import { isJsonObject } from "#core/json";
import { SourceFailure } from "#sources/source";
import type { Definition } from "#sources/manifest/component";
import type { TemplateContext } from "#sources/manifest/template/template";
import { text } from "#sources/manifest/text";
import { writtenText } from "./request-values.ts";

export type RequestHeaders = (context: TemplateContext) => Readonly<Record<string, unknown>>;

/** An expression that comes out empty, or that uses what is not there, is None. */
const OR_NONE = { default: null };

/** Names and texts. They are shown as Python's `str` shows their value: a version "1.0" stays that. */
const headerFields = z.record(z.string(), text.nullable()).transform((record, context): Definition<RequestHeaders> => {
  const fields = Object.entries(record).flatMap(([name, value]) => {
    const parsed = text.safeParse(name);
    for (const { message } of parsed.error?.issues ?? []) {
      context.issues.push({ code: "custom", message, path: [name], input: name });
    }
    return parsed.success && value !== null ? [[parsed.data, value] as const] : [];
  });
  return (scope) => {
    const built = fields.map(([name, value]) => [name(scope), value(scope)] as const);
    return (evaluation) =>
      Object.fromEntries(
        built
          .map(([name, value]) => [name.text(evaluation, OR_NONE), value.text(evaluation, OR_NONE)] as const)
          .filter(([, value]) => value !== "None"),
      );
  };
});

/** The same as one text, which reads as a dict. */
const headersText = writtenText.transform((definition): Definition<RequestHeaders> => {
  return (scope) => {
    const evaluate = definition(scope);
    return (context) => {
      const value = evaluate(context);
      if (isJsonObject(value)) return value;
      if (value === "" || value === null) return {};
      throw new SourceFailure({
        kind: "bad_request",
        message: "The requester's request_headers came out as something that is no object. Correct it in the manifest.",
        final: true,
      });
    };
  };
});

/** A requester's own headers. */
export const requestHeaders: z.ZodType<Definition<RequestHeaders>> = z.union([headerFields, headersText]);
