import { Validator } from "@cfworker/json-schema";

import { isDashboardPath } from "#dashboard/sections";
import type { ApiDocument, ApiOperation, Schema } from "./api-document.ts";

/** An answer as it came. Names of headers are in lower case. */
export interface FuzzAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** What any address may be answered with where it is not the operation's own. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 413, 414, 415, 422, 429]);

const SOURCE_UNREACHABLE = 502;

const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A stack, a path of the machine that built it, or a database's words. */
const INSIDES = /\n\s+at |\.[jt]s:\d|node_modules|\/src\/|SQLITE_|SELECT .* FROM|D1_ERROR|ZodError|\[object Object\]/;

/** Holds answers against the document. */
export class AnswerCheck {
  readonly #document: ApiDocument;
  readonly #validators = new Map<Schema, Validator>();

  constructor(document: ApiDocument) {
    this.#document = document;
  }

  /** The operation that a request came to; null where its address or method is no operation's. */
  operationAt(method: string, address: string): ApiOperation | null {
    const wanted = method === "HEAD" ? "GET" : method;
    const segments = pathOf(address)
      .replace(/(?<=.)\/$/, "")
      .split("/");
    const found = this.#document.operations.filter((operation) => matches(operation.path, segments));
    const literal = found.filter((operation) => !operation.path.includes("{"));
    return (literal.length === 0 ? found : literal).find(({ method: own }) => own === wanted) ?? null;
  }

  /** What is wrong with an answer, in sentences. */
  faultsOf(method: string, address: string, answer: FuzzAnswer): string[] {
    const { status, headers, text } = answer;
    const faults: string[] = [];
    const operation = this.operationAt(method, address);
    // A source that can't be reached is no fault of the server, and is documented where a source is asked.
    const isOfSource = status === SOURCE_UNREACHABLE && operation?.answers.has(status) === true;
    if (status >= 500 && !isOfSource) faults.push(`${status} is a fault of the server`);
    if (!REQUEST_ID.test(headers["x-request-id"] ?? "")) faults.push("there is no x-request-id");
    if (status >= 400 && INSIDES.test(text)) faults.push("it shows insides");
    if (status === 401 && headers["www-authenticate"] === undefined) faults.push("401 without www-authenticate");
    if (status === 429 && headers["retry-after"] === undefined) faults.push("429 without retry-after");
    if (status === 405 && headers["allow"] === undefined) faults.push("405 without allow");
    if (method === "HEAD") return text === "" ? faults : [...faults, "HEAD has a body"];
    if (operation === null) return [...faults, ...this.#faultsElsewhere(address, answer)];
    return [...faults, ...this.#faultsAgainst(operation, answer)];
  }

  #faultsElsewhere(address: string, { status, headers, text }: FuzzAnswer): string[] {
    // Pages for people, and the document itself, are no operations.
    if (status < 400) return [];
    if (!REFUSALS.has(status)) return [`${status} is no refusal`];
    // A page refuses with a page.
    if (isDashboardPath(pathOf(address)) && headers["content-type"]?.startsWith("text/html") === true) return [];
    return isRefusal(headers, text) ? [] : [`${status} is not {"detail": …} in JSON`];
  }

  #faultsAgainst(operation: ApiOperation, { status, headers, text }: FuzzAnswer): string[] {
    const content = operation.answers.get(status);
    if (content === undefined) return [`${operation.id} does not document ${status}`];
    if (status === 414) return [];
    if (content.size === 0) return text === "" ? [] : [`${status} of ${operation.id} has a body`];
    const type = headers["content-type"]?.split(";", 1)[0]?.trim() ?? "";
    const schema = content.get(type);
    if (schema === undefined) return [`${status} of ${operation.id} is not documented as "${type}"`];
    if (type === "application/x-ndjson")
      return lines(text).flatMap((line) => this.#mismatches(operation, schema, line));
    return type === "application/json" ? this.#mismatches(operation, schema, text) : [];
  }

  #mismatches({ id }: ApiOperation, schema: Schema, text: string): string[] {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return [`what ${id} answers is not JSON`];
    }
    const { valid, errors } = this.#validator(schema).validate(value);
    if (valid) return [];
    const last = errors.at(-1);
    return [`what ${id} answers is not as documented at ${last?.instanceLocation ?? "#"}: ${last?.error ?? ""}`];
  }

  #validator(schema: Schema): Validator {
    const known = this.#validators.get(schema);
    if (known !== undefined) return known;
    const whole = { ...schema, components: { schemas: this.#document.schemas } };
    const made = new Validator(JSON.parse(JSON.stringify(whole)), "2020-12", false);
    this.#validators.set(schema, made);
    return made;
  }
}

/** As servers and clients read it: without dots. */
function pathOf(address: string): string {
  return URL.parse(address, "http://sluice.test")?.pathname ?? "";
}

function matches(pattern: string, segments: readonly string[]): boolean {
  const expected = pattern.split("/");
  return (
    expected.length === segments.length &&
    expected.every((segment, at) => (segment.startsWith("{") ? segments[at] !== "" : segment === segments[at]))
  );
}

function isRefusal(headers: Readonly<Record<string, string>>, text: string): boolean {
  if (headers["content-type"]?.startsWith("application/json") !== true) return false;
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null && "detail" in value;
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
