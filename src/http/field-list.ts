import { z } from "zod";

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
  type: typeName.optional(),
  const: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
});
const property = variant.extend({
  title: z.string().optional(),
  description: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  items: variant.optional().catch(undefined),
  anyOf: z.array(variant).optional(),
});
const objectSchema = z.object({
  properties: z.record(z.string(), property).default({}),
  required: z.array(z.string()).default([]),
});
const unionSchema = z
  .object({ anyOf: z.array(objectSchema) })
  .or(z.object({ oneOf: z.array(objectSchema) }).transform(({ oneOf }) => ({ anyOf: oneOf })));

/** Lists the fields of an object schema. Of a union, all alternatives' fields: none is required by itself. */
export function fieldsOf(schema: z.ZodType, { secret }: { readonly secret: boolean }): Field[] {
  const described = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" });
  const union = unionSchema.safeParse(described);
  if (!union.success) return fieldsOfObject(objectSchema.parse(described), secret);
  const fields = union.data.anyOf.flatMap((alternative) => fieldsOfObject(alternative, secret));
  const byName = new Map(fields.toReversed().map((field) => [field.name, { ...field, required: false }]));
  return [...byName.values()].toReversed();
}

function fieldsOfObject({ properties, required }: z.infer<typeof objectSchema>, secret: boolean): Field[] {
  return Object.entries(properties).map(([name, described]) => ({
    name,
    title: described.title ?? titleOf(name),
    description: described.description ?? null,
    type: typeOf(described),
    required: required.includes(name),
    items_type: described.items?.type ?? null,
    feature_flag: null,
    is_secret: secret,
    enum_values: enumOf(described),
  }));
}

function typeOf({ type, anyOf, enum: values }: z.infer<typeof property>): string {
  const named =
    type ?? anyOf?.map((alternative) => alternative.type).find((each) => each !== undefined && each !== "null");
  return named ?? (values === undefined ? "object" : "string");
}

function enumOf({ enum: values, const: only }: z.infer<typeof property>): string[] | null {
  if (values !== undefined) return values.map(String);
  return only === undefined ? null : [String(only)];
}

/** `page_size` reads “Page size”. */
function titleOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
