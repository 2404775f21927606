import { z } from "zod";

import type { Json } from "#core/json";
import { defineComponent } from "#sources/manifest/component";
import { SourceFailure } from "#sources/source";
import { authenticator, type Authenticator } from "./authenticator.ts";
import { valueAt } from "./value-at.ts";

/** One of several, by a value in the config. */
export const selectiveAuthenticator = defineComponent({
  type: "SelectiveAuthenticator",
  fields: z.object({
    authenticator_selection_path: z.array(z.string()).min(1),
    authenticators: z.record(z.string(), authenticator.schema),
  }),
  build: ({ authenticator_selection_path: path, authenticators }, scope): Authenticator => {
    const at = `config at ${path.join(".")}`;
    const selected = valueAt(scope.config, path);
    const names = Object.keys(authenticators).join(", ");
    if (selected === undefined) {
      return refusing(`The ${at} says which authentication to use, and is missing. Set it to one of: ${names}.`);
    }
    const name = nameOf(selected);
    const definition = Object.hasOwn(authenticators, name) ? authenticators[name] : undefined;
    if (definition === undefined) {
      return refusing(`The ${at} selects an authentication that the manifest does not have. Use one of: ${names}.`);
    }
    return definition(scope);
  },
});

/** As Python's `str` has it, since that is what manifests name their authenticators by. */
function nameOf(value: Json): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  return value === null ? "None" : typeof value === "string" ? value : JSON.stringify(value);
}

/** What it is built for may never be read, so that it fails when it is used. */
function refusing(message: string): Authenticator {
  const refuse = async () => {
    throw new SourceFailure({ kind: "bad_request", message, final: true });
  };
  return { options: refuse, renew: async () => false };
}
