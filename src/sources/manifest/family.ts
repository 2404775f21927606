import { z } from "zod";

import type { Component, Definition } from "./component.ts";
import { rawIssues } from "./finding.ts";
import { nearestName } from "./nearest-name.ts";

/** Components that can stand in the same place of a manifest. */
export interface Family<Built> {
  /** For a field that takes one of them. */
  readonly schema: z.ZodType<Definition<Built>>;
  /** Called once, by the registry. */
  join(members: readonly Component<Built>[]): void;
}

const typedSchema = z.object({ type: z.string(), class_name: z.string().optional() });

/**
 * A family starts empty and is filled by the registry, since components name families and families contain components.
 *
 * A component that needs custom code is an issue with `params.customClass`, so that whoever reads the issues can tell
 * what can't run here from what is wrong.
 */
export function createFamily<Built>(name: string): Family<Built> {
  const members = new Map<string, Component<Built>>();
  const schema = z.unknown().transform((value, context): Definition<Built> => {
    const refuse = (message: string, params: Record<string, string> = {}) => {
      context.issues.push({ code: "custom", message, params, input: value });
      return z.NEVER;
    };
    const typed = typedSchema.safeParse(value);
    if (!typed.success) {
      return refuse(`${lackOf(value)} expected ${name}, an object with a "type", one of ${listed(members)}.`);
    }
    const { type, class_name: customClass } = typed.data;
    const member = members.get(type);
    if (member === undefined) {
      return type.startsWith("Custom")
        ? refuse(`${type} ${customClass ?? ""} needs Python code, which Sluice does not run.`.replace("  ", " "), {
            customClass: customClass ?? type,
          })
        : refuse(`${type} is not known as ${name} here${meant(type, members)}: use one of ${listed(members)}.`, {
            unknownType: type,
          });
    }
    const parsed = member.schema.safeParse(value);
    if (parsed.success) return parsed.data;
    context.issues.push(...rawIssues(parsed.error, value));
    return z.NEVER;
  });
  return {
    schema,
    join: (components) => {
      for (const component of components) members.set(component.type, component);
    },
  };
}

function listed(members: ReadonlyMap<string, unknown>): string {
  return [...members.keys()].join(", ");
}

function meant(type: string, members: ReadonlyMap<string, unknown>): string {
  const name = nearestName(type, members.keys());
  return name === null ? "" : ` (did you mean ${name}?)`;
}

/** Most characters of a text that stands where a component should. */
const SHOWN_CHARACTERS = 80;

function lackOf(value: unknown): string {
  if (value === undefined || value === null) return "Required:";
  if (typeof value !== "string") return "Wrong:";
  const shown = JSON.stringify(value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value);
  const hint = /[/.]/.test(value) ? ' (a "$ref" begins with "#/")' : "";
  return `${shown} is a text${hint}:`;
}
