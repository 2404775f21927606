import { z } from "zod";

import { defineComponent, type Definition } from "#sources/manifest/component";
import { rawIssues } from "#sources/manifest/finding";
import { NO_OPTIONS, type InjectInto, type RequestOptions } from "#sources/manifest/request-options";
import { text } from "#sources/manifest/text";
import { requestPath } from "./request-path.ts";

/** Puts one value into requests, under a name that is known. */
export interface RequestOption {
  readonly injectInto: InjectInto;
  /** A part of a request with the value in its place; nothing where the place is the path, which the requester sets. */
  inject(value: unknown): RequestOptions;
}

const fields = z
  .object({
    inject_into: z.enum(["request_parameter", "header", "body_data", "body_json"]),
    field_name: text.nullish(),
    field_path: z.array(text).min(1).nullish(),
  })
  .superRefine(({ inject_into: into, field_name: name, field_path: path }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    if (isUnset(name) && isUnset(path)) refuse("field_name", "Required: field_name, or field_path for a nested field.");
    if (!isUnset(name) && !isUnset(path)) refuse("field_path", "Give field_name or field_path, not both.");
    if (!isUnset(path) && into !== "body_json") {
      refuse("field_path", "Only a JSON body has nested fields: use field_name, or inject_into: body_json.");
    }
  });

/** Where a component's value goes: a query parameter, a header, a field of a form or (nested) of a JSON body. */
export const requestOption: z.ZodType<Definition<RequestOption>> = defineComponent({
  type: "RequestOption",
  fields,
  build({ inject_into: injectInto, field_name: name, field_path: path }, scope): RequestOption {
    const segments = [name ?? path ?? []].flat().map((segment) => segment(scope));
    return {
      injectInto,
      inject(value) {
        const names = segments.map((segment) => segment.text());
        return placed(injectInto, names, value);
      },
    };
  },
}).schema;

/** Where a page token goes: it can also be the path, or the whole address, of the next page. */
export const pageTokenOption: z.ZodType<Definition<RequestOption>> = z
  .unknown()
  .transform((value, context): Definition<RequestOption> => {
    const parsed = isRequestPath(value) ? requestPath.safeParse(value) : requestOption.safeParse(value);
    if (parsed.success) return parsed.data;
    context.issues.push(...rawIssues(parsed.error, value));
    return z.NEVER;
  });

function placed(injectInto: Exclude<InjectInto, "path">, names: readonly string[], value: unknown): RequestOptions {
  const part = names.reduceRight<unknown>((inner, name) => Object.fromEntries([[name, inner]]), value);
  const fieldsOf = isObject(part) ? part : {};
  switch (injectInto) {
    case "request_parameter":
      return { ...NO_OPTIONS, params: fieldsOf };
    case "header":
      return { ...NO_OPTIONS, headers: fieldsOf };
    case "body_data":
      return { ...NO_OPTIONS, bodyData: fieldsOf };
    case "body_json":
      return { ...NO_OPTIONS, bodyJson: fieldsOf };
  }
}

function isRequestPath(value: unknown): boolean {
  return isObject(value) && value["type"] === "RequestPath";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isUnset(field: unknown): boolean {
  return field === undefined || field === null;
}
