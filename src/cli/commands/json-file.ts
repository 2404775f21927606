import { text as textOf } from "node:stream/consumers";

import { readTextFile } from "#cli/text-file";
import { parseExactly } from "#core/exact-json";
import { isJsonObject, type JsonObject } from "#core/json";
import { WrongUsage } from "#cli/stopped";

/** The JSON object in a file, or in the standard input for `-`. */
export async function readJsonObject(path: string): Promise<JsonObject> {
  return jsonObjectIn(
    path === "-" ? await textOf(process.stdin) : readTextFile(path),
    path === "-" ? "The input" : path,
  );
}

/** `what` names the text in the refusal, which doesn't quote it: it may hold secrets. */
export function jsonObjectIn(text: string, what: string): JsonObject {
  try {
    const value = parseExactly(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Said below, for everything that is no object.
  }
  throw new WrongUsage(`${what} has to be a JSON object, such as {"name": "value"}.`);
}
