import * as fc from "fast-check";

import type { ApiDocument, ApiOperation, Parameter } from "./api-document.ts";
import { hostileJson, hostileSegment } from "./hostile-text.ts";
import { jsonValue, type Hints } from "./json-arbitrary.ts";
import type { KnownName } from "./known-name.ts";
import { rightBodies } from "./right-body.ts";
import type { Signing } from "./signed-delivery.ts";

/** A part of an address: as it is, or the name of something that exists. */
export type Part = string | KnownName;

/** A request, right or wrong, before the names of what exists are filled in. */
export interface FuzzRequest {
  /** The operation that it is made from; the address may have been spoilt. */
  readonly operationId: string;
  readonly method: string;
  /** Segments between slashes. */
  readonly path: readonly Part[];
  readonly query: readonly (readonly [name: string, value: Part])[];
  readonly headers: Readonly<Record<string, string>>;
  /** The event of a job's stream after which to go on; sent where it is said. */
  readonly lastEvent?: KnownName;
  /** A text may have names in it as `nameInBody` in known-name.ts writes them. */
  readonly body: string | Uint8Array | null;
  /** Whose key is sent. */
  readonly caller: "owner" | "root" | "nobody" | "wrong";
  /** In which of the two headers that may carry it; the first where it is not said. */
  readonly keyHeader?: (typeof KEY_HEADERS)[number];
  /** How the body is signed when it is sent; not at all where it is not said. */
  readonly signing?: Signing;
}

const KEY_HEADERS = ["authorization", "x-api-key"] as const;

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

const CONTENT_TYPES = [
  "application/json; charset=utf-8",
  "APPLICATION/JSON",
  "application/json; charset=utf-16",
  "application/problem+json",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "text/json",
  "",
  "application/json, text/plain",
] as const;

const ODD_HEADERS: readonly Readonly<Record<string, string>>[] = [
  { "idempotency-key": " " },
  { "idempotency-key": "x".repeat(255) },
  { "idempotency-key": "x".repeat(5_000) },
  { "idempotency-key": "'; DROP TABLE idempotency" },
  { "last-event-id": "999999.999999" },
  { "last-event-id": "%ff%fe; 1.1" },
  { accept: "application/x-ndjson" },
  { accept: "image/png;q=0.1, */*;q=0" },
  { "x-request-id": "chosen by the client" },
  { "x-http-method-override": "DELETE" },
  { "content-encoding": "gzip" },
  { "x-forwarded-host": "evil.example" },
  { cookie: "a=b" },
  { range: "bytes=0-1" },
  { "if-none-match": "*" },
];

/** Which kind of thing a parameter names; null where any text is as good as another. */
export function kindOfParameter(path: string, name: string): string | null {
  if (name === "cursor" || name === "since" || name === "before") return "cursor";
  if (name !== "id") return name;
  const collection = /^\/v1\/(?:webhooks\/)?([\w-]+)\/\{id\}/.exec(path)?.[1];
  return collection ?? null;
}

/** Requests for an operation: most as it wants them, some nearly so, some from nowhere. Something answers at `receiver`. */
export function requestFor(
  operation: ApiOperation,
  document: ApiDocument,
  hints: Hints,
  receiver: string,
): fc.Arbitrary<FuzzRequest> {
  const vocabulary = { schemas: document.schemas, hints };
  const right = fc.constantFrom(...rightBodies(operation, receiver));
  const valid = operation.body === null ? null : mostly(jsonValue(operation.body, vocabulary), right, 4);
  const body = valid === null ? mostly(fc.constant(null), fc.constantFrom("{}", "[", "x")) : bodyFor(valid);
  const path = fc
    .tuple(
      ...operation.path
        .split("/")
        .slice(1)
        .map((segment) => segmentFor(operation, segment)),
    )
    .chain((parts) => mostly(fc.constant(parts), spoiltPath(parts), 15));
  const plain = fc.record({
    operationId: fc.constant(operation.id),
    method: mostly(fc.constant(operation.method), fc.constantFrom(...METHODS), 12),
    path,
    query: queryFor(operation),
    headers: fc
      .tuple(
        mostly(fc.constant("application/json"), fc.constantFrom(...CONTENT_TYPES), 8),
        mostly(fc.constant({}), fc.constantFrom(...ODD_HEADERS), 5),
        fc.constant(valid !== null),
      )
      .map(([type, odd, hasBody]) => ({ ...(hasBody && type !== "" ? { "content-type": type } : {}), ...odd })),
    body,
    caller: mostly(fc.constant("owner" as const), fc.constantFrom("root", "root", "nobody", "wrong"), 8),
    keyHeader: fc.constantFrom(...KEY_HEADERS),
  });
  return fc.tuple(plain, lastEventFor(operation)).map(([request, more]) => ({ ...request, ...more }));
}

/** One in `rarity` is the other. */
function mostly<A, B>(usual: fc.Arbitrary<A>, other: fc.Arbitrary<B>, rarity = 6): fc.Arbitrary<A | B> {
  return fc.oneof({ weight: rarity - 1, arbitrary: usual }, { weight: 1, arbitrary: other });
}

function bodyFor(valid: fc.Arbitrary<unknown>): fc.Arbitrary<string | Uint8Array | null> {
  return fc.oneof(
    { weight: 6, arbitrary: valid.map((value) => JSON.stringify(value)) },
    { weight: 5, arbitrary: hostileJson(valid) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
}

/** Where the operation goes on after an event, most requests name one that an answer has told. */
function lastEventFor({ parameters }: ApiOperation): fc.Arbitrary<Pick<FuzzRequest, "lastEvent">> {
  const goesOn = parameters.some((each) => each.in === "header" && each.name === "last-event-id");
  const told = fc.constantFrom(0, -1, -1).map((index) => ({ lastEvent: { kind: "event", index } }));
  return goesOn ? mostly(told, fc.constant({}), 3) : fc.constant({});
}

function segmentFor(operation: ApiOperation, segment: string): fc.Arbitrary<Part> {
  const name = /^\{(\w+)\}$/.exec(segment)?.[1];
  if (name === undefined) return fc.constant(segment);
  const parameter = operation.parameters.find((each) => each.in === "path" && each.name === name);
  return parameter === undefined ? hostileSegment : valueFor(operation, parameter);
}

function queryFor(operation: ApiOperation): fc.Arbitrary<FuzzRequest["query"]> {
  const parameters = operation.parameters.filter((parameter) => parameter.in === "query");
  const one = (parameter: Parameter) =>
    valueFor(operation, parameter).map((value): [string, Part] => [parameter.name, value]);
  const known = parameters.map((parameter) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.array(one(parameter), { maxLength: 2 }) },
    ),
  );
  const stray = mostly(
    fc.constant<[string, Part][]>([]),
    fc.tuple(hostileSegment, hostileSegment).map((pair): [string, Part][] => [pair]),
    20,
  );
  return fc.tuple(...known, stray).map((lists) => lists.flat());
}

/** The name of something that exists, a value such as the document describes, or anything. */
function valueFor(operation: ApiOperation, { name, schema }: Parameter): fc.Arbitrary<Part> {
  const kind = kindOfParameter(operation.path, name);
  const described = jsonValue(schema, { schemas: {}, hints: {} }).map((value) => encodeURIComponent(String(value)));
  const known = fc.nat(20).map((index): Part => ({ kind: kind ?? name, index }));
  return fc.oneof(
    { weight: kind === null ? 0 : 6, arbitrary: known },
    { weight: 3, arbitrary: described },
    { weight: 2, arbitrary: hostileSegment },
  );
}

function spoiltPath(parts: readonly Part[]): fc.Arbitrary<readonly Part[]> {
  return fc.oneof(
    fc.constant([...parts, ""]),
    fc.constant([...parts, "", ""]),
    fc.constant(["", ...parts]),
    fc.constant(parts.slice(0, -1)),
    fc.constant(parts.map((part) => (typeof part === "string" ? part.toUpperCase() : part))),
    fc.tuple(fc.nat(parts.length), hostileSegment).map(([at, segment]) => parts.toSpliced(at, 0, segment)),
  );
}

/** The address as it is sent. `nameOf` says what exists is called. */
export function addressOf(
  { path, query }: Pick<FuzzRequest, "path" | "query">,
  nameOf: (known: KnownName) => string,
): string {
  const spelled = (part: Part) => (typeof part === "string" ? part : encodeURIComponent(nameOf(part)));
  const search = query.map(([name, value]) => `${name}=${spelled(value)}`).join("&");
  return `/${path.map(spelled).join("/")}${search === "" ? "" : `?${search}`}`;
}
