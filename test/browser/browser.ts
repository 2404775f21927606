import { existsSync } from "node:fs";

/** A new one each time, that asks nobody but the Worker. */
export const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const DESKTOP = { width: 1440, height: 900 } as const;
export const PHONE = { width: 360, height: 800 } as const;

/** Where distributions put it. `CHROMIUM` names another place. */
export const BROWSER_PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Null where there is none. */
export function browserPath(): string | null {
  return [process.env["CHROMIUM"] ?? "", ...BROWSER_PLACES].find(existsSync) ?? null;
}
