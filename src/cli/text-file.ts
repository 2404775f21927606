import { readFileSync } from "node:fs";

import { CannotStart } from "./cannot-start.ts";

/** The text of a file that the person named. Throws CannotStart where it can't be read. */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CannotStart(`Can't read ${path}: ${reason}`);
  }
}
