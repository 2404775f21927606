import type { JsonObject } from "#core/json";
import { createFamily } from "#sources/manifest/family";

/** Finds out which streams there are, and fills a template in for each. */
export interface ComponentsResolver {
  /** Streams as a manifest would have them. Throws SourceFailure. */
  resolve(template: JsonObject): Promise<readonly JsonObject[]>;
}

export const componentsResolver = createFamily<ComponentsResolver>("a components resolver");
