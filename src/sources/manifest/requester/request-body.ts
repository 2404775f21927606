import { z } from "zod";

import { isJsonObject } from "#core/json";
import { SourceFailure } from "#sources/source";
import type { Definition } from "#sources/manifest/component";
import type { RequestOptions } from "#sources/manifest/request-options";
import type { Scope } from "#sources/manifest/scope";
import type { TemplateContext } from "#sources/manifest/template/template";
import { document, formFields, writtenText, type Evaluated } from "./request-values.ts";

export type RequestBody = (occasion: TemplateContext) => Pick<RequestOptions, "bodyData" | "bodyJson">;

const graphQl = z
  .unknown()
  .superRefine((value, context) => {
    if (isJsonObject(value) && typeof value["query"] === "string") return;
    context.addIssue({ code: "custom", path: ["query"], message: "Required: the GraphQL query, a text." });
  })
  .pipe(document);

const typed = z.discriminatedUnion("type", [
  z.object({ type: z.literal("RequestBodyPlainText"), value: writtenText }),
  z.object({ type: z.literal("RequestBodyUrlEncodedForm"), value: formFields }),
  z.object({ type: z.literal("RequestBodyJsonObject"), value: document }),
  z.object({ type: z.literal("RequestBodyGraphQL"), value: graphQl }),
]);

/** The fields of a requester that give a body: one of them at most. */
export const bodyFields = {
  request_body: typed.nullish(),
  request_body_data: z.union([writtenText, formFields]).nullish(),
  request_body_json: document.nullish(),
};

interface BodyFields {
  readonly request_body?: z.output<typeof typed> | null | undefined;
  readonly request_body_data?: Definition<Evaluated> | null | undefined;
  readonly request_body_json?: Definition<Evaluated> | null | undefined;
}

/** What is wrong with them together; null where nothing is. */
export function bodyConflict(fields: BodyFields): string | null {
  const { request_body: body, request_body_data: data, request_body_json: json } = fields;
  const given = [body, data, json].filter((one) => one !== undefined && one !== null);
  if (given.length <= 1) return null;
  return "A request has one body: give one of request_body, request_body_json and request_body_data.";
}

export function bodyOf(fields: BodyFields, scope: Scope): RequestBody {
  const { data, json } = partsOf(fields);
  const dataValue = data?.(scope) ?? null;
  const jsonValue = json?.(scope) ?? null;
  return (occasion) => ({
    bodyData: dataValue === null ? {} : formOf(dataValue(occasion)),
    bodyJson: jsonValue === null ? {} : jsonOf(jsonValue(occasion)),
  });
}

interface Parts {
  readonly data?: Definition<Evaluated> | null | undefined;
  readonly json?: Definition<Evaluated> | null | undefined;
}

function partsOf(fields: BodyFields): Parts {
  const { request_body: body, request_body_data: data, request_body_json: json } = fields;
  switch (body?.type) {
    case "RequestBodyPlainText":
    case "RequestBodyUrlEncodedForm":
      return { data: body.value };
    case "RequestBodyJsonObject":
    case "RequestBodyGraphQL":
      return { json: body.value };
    case undefined:
      return { data, json };
  }
}

/** A text that reads as a dict is a form's fields. */
function formOf(value: unknown): RequestOptions["bodyData"] {
  if (isJsonObject(value)) return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
  return typeof value === "string" ? value : {};
}

function jsonOf(value: unknown): RequestOptions["bodyJson"] {
  if (isJsonObject(value)) return value;
  if (value === "" || value === null) return {};
  throw new SourceFailure({
    kind: "bad_request",
    message: "The requester's request_body_json came out as something that is no object. Correct it in the manifest.",
    final: true,
  });
}
