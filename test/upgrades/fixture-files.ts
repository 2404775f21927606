import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

export const FIXTURES_FOLDER = join(import.meta.dirname, "fixtures");

/** What earlier releases have stored, oldest first. */
export function readFixtures(): { release: string; text: string }[] {
  const files = readdirSync(FIXTURES_FOLDER).toSorted(
    (one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10),
  );
  return files.map((file) => ({
    release: basename(file, ".sql"),
    text: readFileSync(join(FIXTURES_FOLDER, file), "utf8"),
  }));
}
