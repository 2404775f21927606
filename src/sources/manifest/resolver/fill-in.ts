import type { JsonObject } from "#core/json";
import type { MutableRecord } from "#sources/manifest/record/record";
import { z } from "zod";

import type { ComponentMapping } from "./component-mapping.ts";

const objectSchema = z.record(z.string(), z.json());

/** A copy of the template with the mappings' values in it. */
export function fillIn(
  template: JsonObject,
  mappings: readonly ComponentMapping[],
  values: { readonly components_values: unknown; readonly stream_slice?: unknown },
): JsonObject {
  const filled: MutableRecord = structuredClone(template);
  for (const mapping of mappings) mapping.fill(filled, { ...values, stream_template_config: template });
  return objectSchema.parse(filled);
}
