import type { RouteConfig, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";

import type { ErrorCode } from "#core/errors";
import type { AppEnv } from "./app-env.ts";
import { STATUS } from "./error-response.ts";
import { jsonBody } from "./middleware/json-body.ts";
import { jobRefusalSchema, refusalSchema, validationRefusalSchema } from "./schemas/refusal.ts";

/** The parts of a request that are validated. `json(schema)` makes a body. */
interface RequestParts {
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: ReturnType<typeof json>;
}

interface Spec<Path extends string, Request extends RequestParts> {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  readonly path: Path;
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly request: Request;
  /** What a 200 carries, by media type, or the schema of its JSON. */
  readonly answer: z.ZodType | Readonly<Record<string, { readonly schema: z.ZodType }>>;
  /** What this operation in particular may be refused with, besides what any may. */
  readonly refusals?: readonly ErrorCode[];
  /** What success is: 202 where the work is yet to be done. Default 200. */
  readonly success?: 200 | 202;
  /** Needs no key. */
  readonly open?: boolean;
  /** Where a body may be larger than those of other operations. */
  readonly maxBodyBytes?: number;
}

/** What `OpenAPIHono.openapi` wants; answers are typed by the functions that make them. */
type Operation<Path extends string, Request extends RequestParts> = {
  method: Spec<Path, Request>["method"];
  path: Path;
  request: Request;
  responses: RouteConfig["responses"];
};

const MEANING: Readonly<Record<number, string>> = {
  400: "The source refuses the request or its credentials, nothing answers at its address, or the request can't be understood.",
  401: "No API key was sent, or a delivery's signature is wrong.",
  403: "The API key is unknown, expired, or may not do this.",
  404: "There is no such thing, or it belongs to another organization.",
  409: "The state does not allow it.",
  413: "The body is too large.",
  414: "The address is too long. The platform says this, before Sluice sees the request.",
  415: "The body is not declared as JSON.",
  422: "The request is malformed.",
  429: "Too many requests; come back after `Retry-After` seconds.",
  500: "A fault of the server. Says nothing but the request id.",
  502: "The source answers with a fault of its own, or not in time.",
  503: "The server is not set up, or restarting.",
};

/** A request body that is one JSON document of this shape. */
export function json<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } };
}

/** Describes a route once, for the validators, the router and the OpenAPI document. */
export function operation<const Path extends string, Request extends RequestParts>(
  spec: Spec<Path, Request>,
): Operation<Path, Request> {
  const middleware: MiddlewareHandler<AppEnv>[] = spec.request.body === undefined ? [] : [jsonBody(spec.maxBodyBytes)];
  const described = {
    method: spec.method,
    path: spec.path,
    operationId: spec.id,
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    security: spec.open === true ? [] : [{ bearer: [] }, { apiKey: [] }],
    request: spec.request,
    responses: responsesOf(spec),
    middleware,
  };
  return described;
}

function responsesOf(spec: Spec<string, RequestParts>): RouteConfig["responses"] {
  const content = "parse" in spec.answer ? { "application/json": { schema: spec.answer } } : spec.answer;
  const refusals = Object.fromEntries(
    refusalsOf(spec).map((code) => [
      STATUS[code],
      { description: MEANING[STATUS[code]] ?? "", content: { "application/json": { schema: refusalShape(code) } } },
    ]),
  );
  const fault = { description: MEANING[500] ?? "", content: { "application/json": { schema: refusalSchema } } };
  const success = spec.success ?? 200;
  return {
    [success]: { description: success === 200 ? "Done." : "Accepted.", content: { ...content } },
    ...refusals,
    414: { description: MEANING[414] ?? "" },
    500: fault,
  };
}

function refusalsOf(spec: Spec<string, RequestParts>): ErrorCode[] {
  const { params, query, headers, body } = spec.request;
  const common: ErrorCode[] = spec.open === true ? [] : ["unauthenticated", "forbidden", "rate_limited", "unavailable"];
  const validated: ErrorCode[] = [params, query, headers, body].every((part) => part === undefined) ? [] : ["invalid"];
  const withBody: ErrorCode[] = body === undefined ? [] : ["body_too_large", "unsupported_media_type"];
  return [...common, ...validated, ...withBody, ...(spec.refusals ?? [])];
}

function refusalShape(code: ErrorCode): z.ZodType {
  if (code === "invalid") return validationRefusalSchema;
  return code === "job_active" || code === "job_finished" ? jobRefusalSchema : refusalSchema;
}
