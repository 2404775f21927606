import { z } from "zod";

import type { JsonObject } from "#core/json";

/** A field of a source's configuration or credentials, as the catalogue shows it. */
export interface Field {
  readonly name: string;
  readonly title: string;
  readonly description: string | null;
  readonly type: string;
  readonly required: boolean;
  readonly items_type: string | null;
  readonly feature_flag: string | null;
  readonly is_secret: boolean;
  readonly enum_values: string[] | null;
}

/** JSON Schema writes a nullable type as a list. */
const typeName = z.union([
  z.string(),
  z.array(z.string()).transform((names) => names.find((name) => name !== "null") ?? "null"),
]);
const variant = z.object({
  type: typeName.optional().catch(undefined),
  const: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional().catch(undefined),
});

interface Property extends z.infer<typeof variant> {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly enum?: unknown[] | undefined;
  readonly items?: z.infer<typeof variant> | undefined;
  readonly anyOf?: Property[] | undefined;
  readonly oneOf?: Property[] | undefined;
  readonly properties?: Record<string, Property> | undefined;
  readonly required?: string[] | undefined;
}

const property: z.ZodType<Property> = variant.extend({
  title: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  enum: z.array(z.unknown()).optional().catch(undefined),
  items: variant.optional().catch(undefined),
  get anyOf() {
    return z.array(property).optional().catch(undefined);
  },
  get oneOf() {
    return z.array(property).optional().catch(undefined);
  },
  get properties() {
    return z.record(z.string(), property).optional().catch(undefined);
  },
  required: z.array(z.string()).optional().catch(undefined),
});

/** Objects in objects are listed that deep: schemas of custom sources are anybody's. */
const DEPTH_LIMIT = 5;

/**
 * Lists the fields of an object schema. Fields of an object in it follow that object, named with the path:
 * `credentials.client_id`. Of alternatives all fields are listed, and required is what every one of them requires.
 */
export function fieldsOf(schema: z.ZodType, { secret }: { readonly secret: boolean }): Field[] {
  return fieldsIn(property.parse(jsonSchemaOf(schema)), { secret, prefix: "", depth: 0 });
}

const jsonObjectSchema: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** What an input has to be, as JSON Schema says it. */
export function jsonSchemaOf(schema: z.ZodType): JsonObject {
  const described = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" });
  return jsonObjectSchema.parse(JSON.parse(JSON.stringify(described)));
}

interface Within {
  readonly secret: boolean;
  /** Of the names: the path of the object that the fields are in. */
  readonly prefix: string;
  readonly depth: number;
}

function fieldsIn(schema: Property, within: Within): Field[] {
  const own = fieldsOfObject(schema, within);
  const alternatives = choicesIn(schema).map((choice) => fieldsOfObject(choice, within));
  const byName = new Map(own.map((field) => [field.name, field]));
  for (const field of alternatives.flat()) {
    const before = byName.get(field.name);
    const isAlways = alternatives.every((fields) =>
      fields.some(({ name, required }) => name === field.name && required),
    );
    const isOwn = own.some(({ name }) => name === field.name);
    byName.set(field.name, {
      ...(before ?? field),
      required: isOwn ? before?.required === true : isAlways,
      enum_values: merged(before?.enum_values ?? null, field.enum_values),
    });
  }
  return [...byName.values()];
}

function fieldsOfObject({ properties = {}, required = [] }: Property, { secret, prefix, depth }: Within): Field[] {
  return Object.entries(properties).flatMap(([name, described]) => {
    const inner =
      depth < DEPTH_LIMIT ? fieldsIn(described, { secret, prefix: `${prefix}${name}.`, depth: depth + 1 }) : [];
    // An object that holds secrets is none.
    return [
      {
        ...fieldOf(name, described),
        name: prefix + name,
        required: required.includes(name),
        is_secret: secret && inner.length === 0,
      },
      ...inner,
    ];
  });
}

function fieldOf(name: string, described: Property): Omit<Field, "required" | "is_secret"> {
  return {
    name,
    title: described.title ?? titleOf(name),
    description: described.description ?? null,
    type: typeOf(described),
    items_type: described.items?.type ?? null,
    feature_flag: null,
    enum_values: enumOf(described),
  };
}

function choicesIn({ anyOf = [], oneOf = [] }: Property): Property[] {
  return [...anyOf, ...oneOf].filter(({ properties }) => properties !== undefined);
}

function merged(a: readonly string[] | null, b: readonly string[] | null): string[] | null {
  return a === null && b === null ? null : [...new Set([...(a ?? []), ...(b ?? [])])];
}

function typeOf({ type, anyOf, enum: values, const: only }: Property): string {
  const named =
    type ?? anyOf?.map((alternative) => alternative.type).find((each) => each !== undefined && each !== "null");
  return named ?? (values === undefined && only === undefined ? "object" : "string");
}

function enumOf({ enum: values, const: only }: Property): string[] | null {
  if (values !== undefined) return values.map(String);
  return only === undefined ? null : [String(only)];
}

/** `page_size` reads “Page size”. */
function titleOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
