import { z } from "zod";

import { isJsonObject, type JsonObject } from "#core/json";
import type { Definition } from "#sources/manifest/component";
import { transformation } from "#sources/manifest/transformation/transformation";

/** Names of the properties that a stream's JSON schema has. */
export type SelectedProperties = (schema: JsonObject) => ReadonlySet<string>;

/** Picks properties by the stream's schema, whose names may have to be changed to the API's first. */
export const propertySelector: z.ZodType<Definition<SelectedProperties>> = z
  .object({
    type: z.literal("JsonSchemaPropertySelector"),
    transformations: z.array(transformation.schema).nullish(),
  })
  .transform(({ transformations }): Definition<SelectedProperties> => (scope) => {
    const changes = (transformations ?? []).map((change) => change(scope));
    return (schema) => {
      const properties = schema["properties"] ?? {};
      const names: Record<string, unknown> = isJsonObject(properties) ? structuredClone({ ...properties }) : {};
      for (const change of changes) change.apply(names, {});
      return new Set(Object.keys(names));
    };
  });
