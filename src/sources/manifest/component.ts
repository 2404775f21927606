import { z } from "zod";

import type { JsonObject } from "#core/json";
import { rawIssues } from "./finding.ts";
import type { Scope } from "./scope.ts";

/** A component of a manifest, checked and ready to be built for a connection. */
export type Definition<Built> = (scope: Scope) => Built;

/** A type of component that manifests can name. */
export interface Component<Built> {
  /** As in the manifest's `type`. */
  readonly type: string;
  /** Parses the component's object, `$parameters` included. */
  readonly schema: z.ZodType<Definition<Built>>;
}

const fieldNames = new Map<string, ReadonlySet<string>>();

/** The fields that a type of component has; undefined for types that are not known here. */
export function fieldsOf(type: string): ReadonlySet<string> | undefined {
  return fieldNames.get(type);
}

const parametersSchema = z.object({ $parameters: z.record(z.string(), z.json()).default({}) });

/**
 * Declares a type of component: which fields it has, and what it is built to. Fields that are components themselves
 * are declared with their family's schema, and arrive as definitions to be built with the scope given here.
 */
export function defineComponent<Fields, Built>(component: {
  readonly type: string;
  readonly fields: z.ZodType<Fields>;
  readonly build: (fields: Fields, scope: Scope) => Built;
}): Component<Built> {
  const { type, fields, build } = component;
  if (fields instanceof z.ZodObject) fieldNames.set(type, new Set(Object.keys(fields.shape)));
  const schema = z.unknown().transform((value, context): Definition<Built> => {
    const own = fields.safeParse(value);
    const inherited = parametersSchema.safeParse(value);
    for (const { error } of [own, inherited]) {
      if (error !== undefined) context.issues.push(...rawIssues(error, value));
    }
    if (!own.success || !inherited.success) return z.NEVER;
    const parameters: JsonObject = inherited.data.$parameters;
    return (scope) => build(own.data, { ...scope, parameters });
  });
  return { type, schema };
}
