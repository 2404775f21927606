import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { CUSTOM_TYPES, DEFAULT_TYPES } from "./default-types.ts";
import { ManifestError } from "./manifest-error.ts";

const PARAMETERS = "$parameters";

/**
 * Fields that a manifest may come to. Parameters are handed down into copies, so a small manifest can grow: where
 * references share an object, and by each parameter in each component.
 */
const MAX_FIELDS = 500_000;

/** How values that a component has itself and values from parameters meet. */
interface Inheritance {
  /** An outer component's parameters win over the inner one's: for the streams that a template is filled in to. */
  readonly parentsWin: boolean;
  fields: number;
}

type Parameters = ReadonlyMap<string, Json>;

/**
 * Gives every component its type, where it follows from the place, and the `$parameters` of the components around it:
 * each parameter is also the value of the field of its name where the component leaves that empty.
 *
 * A parameter with the name of a field is not handed down into that field, else it would contain itself for ever.
 * JSON schemas are left alone.
 */
export function propagateParameters(
  component: JsonObject,
  {
    place = "",
    parameters = {},
    parentsWin = false,
  }: {
    /** Type and field that the component stands in: `DeclarativeStream.retriever`. */
    readonly place?: string;
    readonly parameters?: JsonObject;
    readonly parentsWin?: boolean;
  } = {},
): JsonObject {
  return propagate(component, place, new Map(Object.entries(parameters)), { parentsWin, fields: 0 });
}

function propagate(component: JsonObject, place: string, inherited: Parameters, inheritance: Inheritance): JsonObject {
  const fields = new Map(Object.entries(component));
  allowFields(1 + fields.size, inheritance);
  const own = fields.get(PARAMETERS);
  fields.delete(PARAMETERS);
  if (!fields.has("type")) {
    const type = (fields.has("class_name") ? CUSTOM_TYPES : DEFAULT_TYPES).get(place);
    if (type !== undefined) fields.set("type", type);
  }
  const ownParameters = isJsonObject(own ?? null) ? Object.entries(own ?? {}) : [];
  const parameters = new Map<string, Json>(
    inheritance.parentsWin ? [...ownParameters, ...inherited] : [...inherited, ...ownParameters],
  );
  allowFields(parameters.size, inheritance);
  const type = fields.get("type");
  if (isSchemaType(type)) return Object.fromEntries(fields);
  if (type === undefined) return Object.fromEntries(propagateIntoPlain(fields, place, parameters, inheritance));

  for (const [name, value] of parameters) {
    const before = fields.get(name);
    fields.set(name, isFilled(before) ? before : value);
  }
  for (const [name, value] of fields) {
    if (!isJsonObject(value) && !Array.isArray(value)) continue;
    const withheld = parameters.get(name);
    parameters.delete(name);
    const inner = `${typeof type === "string" ? type : ""}.${name}`;
    if (Array.isArray(value)) allowFields(value.length, inheritance);
    fields.set(
      name,
      isJsonObject(value)
        ? propagate(value, inner, parameters, inheritance)
        : value.map((item) => (isJsonObject(item) ? propagate(item, inner, parameters, inheritance) : item)),
    );
    if (isFilled(withheld)) parameters.set(name, withheld);
  }
  if (parameters.size > 0) fields.set(PARAMETERS, Object.fromEntries(parameters));
  return Object.fromEntries(fields);
}

function allowFields(more: number, inheritance: Inheritance): void {
  inheritance.fields += more;
  if (inheritance.fields <= MAX_FIELDS) return;
  const message = `With its references and parameters resolved the manifest has more than ${MAX_FIELDS} fields.`;
  throw new ManifestError([{ path: [], message }]);
}

/** An object that is no component may contain some, such as a request parameter that is one. */
function propagateIntoPlain(
  fields: Map<string, Json>,
  place: string,
  parameters: Parameters,
  inheritance: Inheritance,
): Map<string, Json> {
  for (const [name, value] of fields) {
    if (isJsonObject(value) && isFilled(value["type"])) {
      fields.set(name, propagate(value, place, parameters, inheritance));
    }
  }
  return fields;
}

/** `type: object`, a union of types, or a map of properties that has one called "type". */
function isSchemaType(type: Json | undefined): boolean {
  return type === "object" || Array.isArray(type) || isJsonObject(type ?? null);
}

/** Manifests come from Python, where zero, empty text, empty lists and empty objects count as nothing. */
function isFilled(value: Json | undefined): value is Exclude<Json, null> {
  if (value === undefined || value === null || value === false || value === 0 || value === "") return false;
  return Array.isArray(value) ? value.length > 0 : !isJsonObject(value) || Object.keys(value).length > 0;
}
