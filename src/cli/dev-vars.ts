import { Buffer } from "node:buffer";
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { parseEnv } from "node:util";

/** What a local Worker needs to start. */
export interface DevVars {
  /** The root key: it opens everything in the default organization. */
  readonly apiKey: string;
}

/** Yields `count` unpredictable bytes. */
export type RandomBytes = (count: number) => Uint8Array;

const HEADER = "# Secrets of the local Worker. Made by `npm run dev`, ignored by git; a deployed Worker has its own.\n";

/** Only its owner may read a file of secrets. */
const OWNER_ONLY = 0o600;

/** How each secret is made where it is missing. */
const makers: Record<"SLUICE_API_KEY" | "SLUICE_ENCRYPTION_KEYS", (random: RandomBytes) => string> = {
  SLUICE_API_KEY: (random) => `slc_root_${Buffer.from(random(24)).toString("base64url")}`,
  // The id before the colon is written beside everything that the key seals, so that keys can be rotated.
  SLUICE_ENCRYPTION_KEYS: (random) => `k1:${Buffer.from(random(32)).toString("base64")}`,
};

/**
 * Reads the `.dev.vars` file at `path`, first adding the secrets that it lacks.
 *
 * What is already there stays, byte for byte: a new encryption key would make stored credentials unreadable.
 */
export function ensureDevVars(path: string, random: RandomBytes): DevVars {
  const before = existsSync(path) ? readFileSync(path, "utf8") : HEADER;
  const known = parseEnv(before);
  const missing = Object.entries(makers).filter(([name]) => !known[name]);
  if (missing.length > 0 || !existsSync(path)) {
    const separator = before === "" || before.endsWith("\n") ? "" : "\n";
    const lines = missing.map(([name, make]) => `${name}="${make(random)}"\n`);
    replaceFile(path, before + separator + lines.join(""));
  }
  chmodSync(path, OWNER_ONLY);
  return { apiKey: parseEnv(readFileSync(path, "utf8"))["SLUICE_API_KEY"] ?? "" };
}

/** Replaces the whole file at once: a crash in between leaves the old secrets, not half of them. */
function replaceFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: OWNER_ONLY });
  renameSync(draft, path);
}
