import type { ApiDocument, ApiOperation, Schema } from "./api-document.ts";
import type { FuzzRequest } from "./fuzz-request.ts";
import { rightBody } from "./right-body.ts";
import { rightRequest } from "./right-request.ts";

/** Texts over which readers and databases stumble, as JSON spells them. */
const TEXTS = ['"a\\u0000b"', '"\\ud800"'] as const;

/** How deep fields are looked for: what is deeper belongs to sources. */
const DEPTH = 3;

type Place = readonly string[];

/**
 * The right request again and again, each time with another field of its body saying something that no text should.
 * Chance would take long to come to each of them.
 */
export function hostileFields(operation: ApiOperation, { schemas }: ApiDocument, receiver: string): FuzzRequest[] {
  if (operation.body === null) return [];
  const right = rightBody(operation, receiver) ?? {};
  const request = rightRequest(operation, receiver, 0);
  return placesIn(operation.body, schemas, DEPTH).flatMap((place) =>
    TEXTS.map((text) => ({ ...request, body: withText(right, place, text) })),
  );
}

function placesIn(schema: Schema, schemas: ApiDocument["schemas"], depth: number): Place[] {
  if (depth === 0) return [];
  const { $ref: ref, properties = {}, anyOf = [], oneOf = [], allOf = [] } = schema;
  const named = ref === undefined ? [] : [schemas[ref.slice(ref.lastIndexOf("/") + 1)] ?? {}];
  const within = [...named, ...anyOf, ...oneOf, ...allOf].flatMap((part) => placesIn(part, schemas, depth));
  const own = Object.entries(properties).flatMap(([name, property]): Place[] => [
    [name],
    ...placesIn(property, schemas, depth - 1).map((place) => [name, ...place]),
  ]);
  return [...within, ...own];
}

function withText(right: object, place: Place, text: string): string {
  const hole = "a place for a text";
  return JSON.stringify(filled(right, place, hole)).replace(JSON.stringify(hole), () => text);
}

function filled(object: object, [name = "", ...rest]: Place, value: string): object {
  const before: unknown = Reflect.get(object, name);
  const inside = typeof before === "object" && before !== null ? before : {};
  return { ...object, [name]: rest.length === 0 ? value : filled(inside, rest, value) };
}
