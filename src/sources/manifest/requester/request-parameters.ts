import { z } from "zod";

import { SourceFailure } from "#sources/source";
import type { Definition } from "#sources/manifest/component";
import { rawIssues } from "#sources/manifest/finding";
import type { StreamSlice } from "#sources/manifest/stream-slice";
import type { TemplateContext } from "#sources/manifest/template/template";
import { queryProperties, type QueryProperties } from "./query-properties.ts";
import { formFields, writtenText, type Evaluated } from "./request-values.ts";

/** A requester's own query parameters. */
export interface RequestParameters {
  /** The properties that one of the parameters asks for; null where none does. */
  readonly queryProperties: QueryProperties | null;
  values(context: TemplateContext, slice: StreamSlice): Record<string, unknown>;
}

const ownFields = z.union([formFields, writtenText]);

export const requestParameters: z.ZodType<Definition<RequestParameters>> = z
  .unknown()
  .transform((value, context): Definition<RequestParameters> => {
    const asking = isObject(value) ? Object.entries(value).filter(([, field]) => isQueryProperties(field)) : [];
    const [first, second] = asking;
    if (second !== undefined) {
      const message = "Only one query parameter can be QueryProperties.";
      context.issues.push({ code: "custom", message, path: [second[0]], input: value });
      return z.NEVER;
    }
    const others = isObject(value)
      ? Object.fromEntries(Object.entries(value).filter((entry) => entry[0] !== first?.[0]))
      : value;
    const plain = ownFields.safeParse(others);
    const properties = first === undefined ? null : queryProperties.safeParse(first[1]);
    if (plain.error !== undefined) context.issues.push(...rawIssues(plain.error, value));
    if (properties?.error !== undefined) {
      for (const issue of rawIssues(properties.error, value)) {
        context.issues.push({ ...issue, path: [first?.[0] ?? "", ...issue.path] });
      }
    }
    if (plain.data === undefined || (properties !== null && properties.data === undefined)) return z.NEVER;
    return define(plain.data, first?.[0] ?? "", properties?.data ?? null);
  });

function define(
  plain: Definition<Evaluated>,
  name: string,
  properties: Definition<QueryProperties> | null,
): Definition<RequestParameters> {
  return (scope) => {
    const evaluate = plain(scope);
    return {
      queryProperties: properties?.(scope) ?? null,
      values(context, slice) {
        const value = evaluate(context);
        const own = isObject(value) ? value : {};
        return properties === null ? own : { ...own, [name]: chunkIn(slice).join(",") };
      },
    };
  };
}

function chunkIn({ extraFields }: StreamSlice): readonly unknown[] {
  const chunk = extraFields["query_properties"];
  if (Array.isArray(chunk)) return chunk;
  throw new SourceFailure({
    kind: "bad_request",
    message:
      "A query parameter asks for properties (QueryProperties) in a place where none are read, such as a login or a job. Use it in a stream's own requester.",
    final: true,
  });
}

function isQueryProperties(value: unknown): boolean {
  return isObject(value) && value["type"] === "QueryProperties";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
