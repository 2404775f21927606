import type { ApiDocument, ApiOperation, Schema } from "./api-document.ts";

/** A field of a body or a query that says which thing is meant. */
export interface Reference {
  readonly id: string;
  readonly field: string;
  readonly in: "body" | "query";
  /** What it names; null where it gives a name to what is to be. */
  readonly kind: string | null;
}

/** Every such field of the API: whoever adds one says here what it names. */
export const REFERENCES: readonly Reference[] = [
  { id: "createSourceConnection", field: "readable_collection_id", in: "body", kind: "readable_id" },
  { id: "createSourceConnection", field: "short_name", in: "body", kind: "short_name" },
  { id: "listSourceConnections", field: "collection", in: "query", kind: "readable_id" },
  { id: "createApiKey", field: "organization_id", in: "body", kind: "organization" },
  { id: "listApiKeys", field: "organization_id", in: "query", kind: "organization" },
  { id: "deleteApiKey", field: "organization_id", in: "query", kind: "organization" },
  { id: "createCollection", field: "readable_id", in: "body", kind: null },
  { id: "createCustomSource", field: "short_name", in: "body", kind: null },
];

const NAMING = /(?:^|_)ids?$|short_name$|collection|connection/;

/** Those that the document has, as `operation field`, in order. */
export function referencesOf({ operations, schemas }: ApiDocument): string[] {
  return operations.flatMap((operation) => namingFields(operation, schemas)).toSorted();
}

function namingFields({ id, body, parameters }: ApiOperation, schemas: ApiDocument["schemas"]): string[] {
  const asked = parameters.flatMap(({ in: place, name }) => (place === "query" ? [name] : []));
  return [...asked, ...fieldsOf(body, schemas)].filter((field) => NAMING.test(field)).map((field) => `${id} ${field}`);
}

function fieldsOf(schema: Schema | null, schemas: ApiDocument["schemas"]): string[] {
  if (schema === null) return [];
  const { $ref: ref, properties = {}, anyOf = [], oneOf = [], allOf = [] } = schema;
  const named = ref === undefined ? [] : [schemas[ref.slice(ref.lastIndexOf("/") + 1)] ?? {}];
  const within = [...named, ...anyOf, ...oneOf, ...allOf].flatMap((part) => fieldsOf(part, schemas));
  return [...new Set([...Object.keys(properties), ...within])];
}
