import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";

import { serverAddress } from "./server-address.ts";
import { NotLoggedIn, WrongUsage } from "./stopped.ts";

/** Which server, and the key that opens it. */
export interface Access {
  /** As `serverAddress` spells it. */
  readonly url: string;
  readonly apiKey: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Only its owner may read a file with a key in it. */
const OWNER_ONLY = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;

const fileSchema = z.object({ url: z.url(), api_key: z.string().min(1) });

/** Where `sluice login` keeps what it was told: `SLUICE_CONFIG`, or in the user's directory for configuration. */
export function accessFile(env: Environment): string {
  if (env["SLUICE_CONFIG"]) return env["SLUICE_CONFIG"];
  return join(env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "sluice", "config.json");
}

/** Null where nobody has logged in. Throws WrongUsage for a file that is something else. */
export function readAccess(path: string): Access | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new WrongUsage(`Can't read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = fileSchema.safeParse(parseOrNull(text));
  if (!parsed.success) throw new WrongUsage(`${path} is damaged. \`sluice login\` writes it anew.`);
  return { url: parsed.data.url, apiKey: parsed.data.api_key };
}

/** Replaces the file as a whole. It is never readable for others, not for a moment. */
export function writeAccess(path: string, { url, apiKey }: Access): void {
  mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify({ url, api_key: apiKey }, null, 2)}\n`, { mode: OWNER_ONLY });
  chmodSync(draft, OWNER_ONLY);
  renameSync(draft, path);
}

/** True where there was one. */
export function forgetAccess(path: string): boolean {
  const existed = readFileOrNull(path) !== null;
  rmSync(path, { force: true });
  return existed;
}

/**
 * Which server to talk to, and with which key: an option wins over the environment, the environment over what `login`
 * kept. A kept key goes to the server that it was kept for, and to no other. Throws NotLoggedIn and WrongUsage.
 */
export function chooseAccess(option: string | undefined, env: Environment, kept: Access | null): Access {
  const typed = option ?? (env["SLUICE_URL"] || undefined);
  const url = typed === undefined ? kept?.url : serverAddress(typed);
  if (url === undefined) {
    throw new NotLoggedIn("Which Sluice? Run `sluice login`, or set SLUICE_URL and SLUICE_API_KEY.");
  }
  const apiKey = env["SLUICE_API_KEY"] || (kept?.url === url ? kept.apiKey : undefined);
  if (apiKey === undefined) {
    throw new NotLoggedIn(`There is no key for ${url}. Run \`sluice login --url ${url}\`, or set SLUICE_API_KEY.`);
  }
  return { url, apiKey };
}

function readFileOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
