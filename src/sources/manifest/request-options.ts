import { SourceFailure } from "#sources/source";

/** Parts of a request that several components contribute to. */
export interface RequestOptions {
  readonly headers: Readonly<Record<string, unknown>>;
  /** Values are scalars or lists (a list repeats its parameter); null leaves the parameter out. */
  readonly params: Readonly<Record<string, unknown>>;
  /** A form's fields, or the text of the body as it is. */
  readonly bodyData: Readonly<Record<string, unknown>> | string;
  readonly bodyJson: Readonly<Record<string, unknown>>;
}

export const NO_OPTIONS: RequestOptions = { headers: {}, params: {}, bodyData: {}, bodyJson: {} };

/** Where a value goes that a component puts into requests. */
export type InjectInto = "request_parameter" | "header" | "body_data" | "body_json" | "path";

/** For messages. */
const PART: Record<keyof RequestOptions, string> = {
  headers: "header",
  params: "query parameter",
  bodyData: "field of the form body",
  bodyJson: "field of the JSON body",
};

/** Puts contributions together. Two that set the same thing are a mistake in the manifest, and refused. */
export function combineOptions(contributions: readonly RequestOptions[]): RequestOptions {
  return {
    headers: merged("headers", contributions),
    params: merged("params", contributions),
    bodyData: mergedForm(contributions),
    bodyJson: mergedJson(contributions.map(({ bodyJson }) => bodyJson)),
  };
}

function merged(part: "headers" | "params", contributions: readonly RequestOptions[]): Record<string, unknown> {
  const result = new Map<string, unknown>();
  for (const contribution of contributions) {
    for (const [name, value] of Object.entries(contribution[part])) {
      if (result.has(name)) throw setTwice(PART[part], name);
      result.set(name, value);
    }
  }
  return Object.fromEntries(result);
}

function mergedForm(contributions: readonly RequestOptions[]): RequestOptions["bodyData"] {
  const filled = contributions.map(({ bodyData }) => bodyData).filter((body) => !isEmpty(body));
  const texts = filled.filter((body) => typeof body === "string");
  const [first] = texts;
  if (first !== undefined) {
    if (filled.length > 1) throw setTwice("body", "a text");
    return first;
  }
  const result = new Map<string, unknown>();
  for (const fields of filled) {
    for (const [name, value] of Object.entries(fields)) {
      if (result.has(name)) throw setTwice(PART.bodyData, name);
      result.set(name, value);
    }
  }
  return Object.fromEntries(result);
}

/** JSON bodies merge deeply: contributions may meet in nested objects, and even set the same value. */
function mergedJson(bodies: readonly Readonly<Record<string, unknown>>[], path = ""): Record<string, unknown> {
  const result = new Map<string, unknown>();
  for (const body of bodies) {
    for (const [name, value] of Object.entries(body)) {
      const before = result.get(name);
      if (!result.has(name)) result.set(name, value);
      else if (isObject(before) && isObject(value)) result.set(name, mergedJson([before, value], `${path}${name}.`));
      else if (JSON.stringify(before) !== JSON.stringify(value)) throw setTwice(PART.bodyJson, `${path}${name}`);
    }
  }
  return Object.fromEntries(result);
}

export function isEmpty(body: RequestOptions["bodyData"]): boolean {
  return typeof body === "string" ? body === "" : Object.keys(body).length === 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function setTwice(part: string, name: string): SourceFailure {
  return new SourceFailure({
    kind: "bad_request",
    message: `The manifest sets the ${part} ${name} twice for one request. Set it in one place: the requester, its authenticator, the paginator, or the partition's or cursor's request option.`,
    final: true,
  });
}
