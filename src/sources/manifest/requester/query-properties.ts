import { z } from "zod";

import type { JsonObject } from "#core/json";
import { defineComponent, type Definition } from "#sources/manifest/component";
import { propertiesFromEndpoint, type PropertyList } from "./properties-from-endpoint.ts";
import { chunked, propertyChunking, type PropertyChunking } from "./property-chunking.ts";
import { propertySelector, type SelectedProperties } from "./property-selector.ts";

/**
 * Names of properties that an API wants to be asked for.
 *
 * Who reads a page asks for it once for each chunk, with the chunk as `query_properties` among the slice's
 * `extraFields`. Records of different chunks that have the same merge key are one record.
 */
export interface QueryProperties {
  /**
   * At least one; may ask the API for them first, once.
   *
   * @param schema the stream's JSON schema, whose properties alone are asked for where the manifest says so; null for none
   */
  chunks(schema?: JsonObject | null): Promise<readonly (readonly string[])[]>;
  /** Null where the record is whole as it is. */
  mergeKeyOf(record: Readonly<Record<string, unknown>>): string | null;
}

const propertyList: z.ZodType<Definition<PropertyList>> = z.union([
  z.array(z.string()).transform(
    (names): Definition<PropertyList> =>
      () =>
      async () =>
        names,
  ),
  propertiesFromEndpoint,
]);

/** Which properties to ask for. */
export const queryProperties: z.ZodType<Definition<QueryProperties>> = defineComponent({
  type: "QueryProperties",
  fields: z.object({
    property_list: propertyList.nullish(),
    always_include_properties: z.array(z.string()).nullish(),
    property_chunking: propertyChunking.nullish(),
    property_selector: propertySelector.nullish(),
  }),
  build: (fields, scope) =>
    propertiesOf({
      list: fields.property_list?.(scope) ?? (async () => []),
      always: fields.always_include_properties ?? [],
      chunking: fields.property_chunking ?? null,
      selected: fields.property_selector?.(scope) ?? null,
    }),
}).schema;

/** The older way to write query properties: all that an endpoint lists, in one request. */
export const fetchedProperties: z.ZodType<Definition<QueryProperties>> = propertiesFromEndpoint.transform(
  (list) => (scope) => propertiesOf({ list: list(scope), always: [], chunking: null, selected: null }),
);

interface Parts {
  readonly list: PropertyList;
  readonly always: readonly string[];
  readonly chunking: PropertyChunking | null;
  readonly selected: SelectedProperties | null;
}

function propertiesOf({ list, always, chunking, selected }: Parts): QueryProperties {
  return {
    async chunks(schema = null) {
      const names = await list();
      // Chunks without a limit are not selected from either, with the CDK.
      if (chunking?.limit === null) return chunked(names, always, chunking);
      const wanted = schema === null ? null : (selected?.(schema) ?? null);
      const kept = wanted === null ? names : names.filter((name) => wanted.has(name));
      return chunking === null ? [[...always, ...kept]] : chunked(kept, always, chunking);
    },
    mergeKeyOf: (record) => chunking?.mergeKeyOf(record) ?? null,
  };
}
