import type { ApiClient } from "./api-client.ts";
import type { ConnectionItem } from "./api-answers.ts";
import { NotFound, WrongUsage } from "./stopped.ts";
import { oneLine } from "./terminal-text.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Shorter beginnings of ids are likelier to be a mistyped name. */
const LEAST_ID_CHARACTERS = 4;

/**
 * The id of the connection that a person means: by its id, the beginning of it, or its name. Throws NotFound, and
 * WrongUsage where several are meant.
 */
export async function connectionNamed(client: ApiClient, reference: string): Promise<string> {
  if (UUID.test(reference)) return reference.toLowerCase();
  return oneOf(await client.connections.list(), reference).id;
}

/** See `connectionNamed`. */
export function oneOf(connections: readonly ConnectionItem[], reference: string): ConnectionItem {
  const typed = reference.toLowerCase();
  const exact = connections.filter(({ name }) => name === reference);
  const named = exact.length > 0 ? exact : connections.filter(({ name }) => name.toLowerCase() === typed);
  const meant =
    named.length > 0 || typed.length < LEAST_ID_CHARACTERS
      ? named
      : connections.filter(({ id }) => id.startsWith(typed));
  const [first, ...others] = meant;
  if (first === undefined) {
    throw new NotFound(`There is no connection "${reference}". \`sluice connections list\` shows what there is.`);
  }
  if (others.length === 0) return first;
  const list = meant.map(({ id, name }) => `  ${id}  ${oneLine(name)}`).join("\n");
  throw new WrongUsage(`"${reference}" may be any of these; name one by its id:\n${list}`);
}
