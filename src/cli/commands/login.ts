import { text as textOf } from "node:stream/consumers";

import { Command } from "@commander-js/extra-typings";

import { readAccess, writeAccess } from "#cli/access";
import { ApiClient } from "#cli/api-client";
import { askSecret, askText } from "#cli/ask";
import { isExposed, serverAddress } from "#cli/server-address";
import type { Session } from "#cli/session";
import { WrongUsage } from "#cli/stopped";

/** `sluice login` */
export function loginCommand(session: Session) {
  return new Command("login")
    .summary("tell which Sluice to use, and the API key")
    .description(
      "Checks an address and an API key, and keeps them in a file that only you can read.\nSLUICE_URL and SLUICE_API_KEY win over what is kept; with both set no login is needed.",
    )
    .option("--key-stdin", "read the API key from the standard input")
    .addHelpText(
      "after",
      `
Examples:
  $ sluice login                                  asks for both
  $ sluice login --url https://sluice.example.com --key-stdin < key.txt
  $ sluice login --url localhost:8787             for the key that \`npm run dev\` printed`,
    )
    .action(async (options) => {
      const { out, env } = session;
      const kept = session.isInteractive ? readKept(session.accessFile) : null;
      const typed = session.url ?? (env["SLUICE_URL"] || (await askAddress(session, kept)));
      const url = serverAddress(typed);
      if (isExposed(url)) out.note(`Careful: ${url} is not https. The key will cross the network in plain text.`);
      const apiKey = await keyFor(session, options.keyStdin === true);
      await new ApiClient(url, apiKey).connections.list({ limit: 1 });
      const path = session.accessFile;
      writeAccess(path, { url, apiKey });
      await out.result({ url, file: path }, `Logged in to ${url}. The key is in ${path}.`);
    });
}

function readKept(path: string): string | null {
  try {
    return readAccess(path)?.url ?? null;
  } catch {
    // A damaged file is what a new login mends.
    return null;
  }
}

async function askAddress(session: Session, kept: string | null): Promise<string> {
  if (!session.isInteractive) throw new WrongUsage("Give the address: sluice login --url https://sluice.example.com");
  return askText({
    message: "Address of the server",
    placeholder: "https://sluice.example.com",
    initial: kept ?? "",
    check: addressProblem,
  });
}

function addressProblem(answer: string): string | null {
  try {
    serverAddress(answer);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function keyFor(session: Session, fromStdin: boolean): Promise<string> {
  if (fromStdin) {
    const key = (await textOf(process.stdin)).trim();
    if (key !== "") return key;
    throw new WrongUsage("The standard input was empty: it has to hold the API key.");
  }
  if (session.env["SLUICE_API_KEY"]) return session.env["SLUICE_API_KEY"];
  if (!session.isInteractive)
    throw new WrongUsage("Give the key: sluice login --key-stdin < FILE, or set SLUICE_API_KEY.");
  const key = await askSecret({
    message: "API key",
    check: (answer) => (answer.trim() === "" ? "Paste the key." : null),
  });
  return key.trim();
}
