import { spawn } from "node:child_process";
import { once } from "node:events";
import { platform } from "node:os";

import { Argument, Command } from "@commander-js/extra-typings";

import type { Session } from "#cli/session";

const PLACES = { dashboard: "/", docs: "/docs" } as const;

/** `sluice open` */
export function openCommand(session: Session) {
  return new Command("open")
    .summary("open the dashboard, or the documentation of the API, in a browser")
    .addArgument(new Argument("[place]", "what to open").choices(["dashboard", "docs"]).default("dashboard"))
    .option("--print", "print the address instead")
    .action(async (place, { print }) => {
      const { out } = session;
      const address = session.access().url + PLACES[place];
      if (print !== true && out.isTerminal && !(await openInBrowser(address))) out.note("No browser could be started.");
      await out.result({ url: address }, address);
    });
}

/** False where there is none. The address is ours or one that the person chose; no shell sees it. */
async function openInBrowser(address: string): Promise<boolean> {
  const [command, ...args] = OPENERS[platform()] ?? ["xdg-open"];
  if (command === undefined) return false;
  const child = spawn(command, [...args, address], { stdio: "ignore", detached: true });
  try {
    await once(child, "spawn");
    child.unref();
    return true;
  } catch {
    return false;
  }
}

const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};
