import { z } from "zod";

import { SourceFailure } from "#sources/source";
import type { Definition } from "#sources/manifest/component";
import { str } from "#sources/manifest/python/text";
import { admit } from "#sources/manifest/python/value";
import { retriever, type Retriever } from "#sources/manifest/retriever/retriever";
import { text } from "#sources/manifest/text";

/** Names of properties, asked for when they are first needed. */
export type PropertyList = () => Promise<readonly string[]>;

/** APIs with hundreds of properties are known; their names have to fit into requests. */
const MAX_PROPERTIES = 10_000;

/** The properties that an endpoint of the API lists, read once. */
export const propertiesFromEndpoint: z.ZodType<Definition<PropertyList>> = z
  .object({
    type: z.literal("PropertiesFromEndpoint"),
    property_field_path: z.array(text).min(1),
    retriever: retriever.schema,
  })
  .transform(({ property_field_path: path, retriever: definition }): Definition<PropertyList> => (scope) => {
    const names = path.map((segment) => segment(scope));
    const terms = { name: "properties", incremental: null, transformations: [], schema: null };
    const listing = definition(scope)(terms);
    let listed: Promise<readonly string[]> | null = null;
    return () => {
      listed ??= namesIn(
        listing,
        names.map((name) => name.text()),
      ).catch((error: unknown) => {
        listed = null;
        throw error;
      });
      return listed;
    };
  });

async function namesIn(listing: Retriever, path: readonly string[]): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const page of listing.read({ cursor: null, checkpoint: null })) {
    names.push(...page.records.map((record) => valueAt(record, path)).filter((name) => name !== null));
    if (names.length > MAX_PROPERTIES) {
      throw new SourceFailure({
        kind: "bad_response",
        message: `The API lists more than ${MAX_PROPERTIES} properties to ask for. Check property_list in the manifest's query properties.`,
        final: true,
      });
    }
    if (page.resumeAt !== undefined) {
      const message = "The API's list of properties to ask for is not ready yet.";
      throw new SourceFailure({ kind: "transient", message, retryAt: page.resumeAt });
    }
  }
  return names;
}

function valueAt(record: unknown, path: readonly string[]): string | null {
  let value: unknown = record;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return null;
    value = new Map<string, unknown>(Object.entries(value)).get(name);
  }
  return value === undefined || value === null ? null : str(admit(value));
}
