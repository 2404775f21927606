import type { TestProject } from "vitest/node";

import { preparedPlace } from "#test/e2e/prepare-state";
import { startSluice } from "#test/e2e/sluice";
import { BROWSER_PLACES, browserPath } from "./browser.ts";

/** The Worker that all browser tests share. */
export interface Dashboard {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  /** The root key. */
  readonly apiKey: string;
  /** Absolute path. */
  readonly chromium: string;
}

declare module "vitest" {
  interface ProvidedContext {
    /** Null where there is no browser to test with. */
    readonly dashboard: Dashboard | null;
  }
}

const MISSING = `There is no Chromium in ${BROWSER_PLACES.join(", ")}. Install it (apt-get install chromium), or set CHROMIUM to where it is.`;

/** Starts the Worker, where there is a browser to look at it with. Vitest calls what it returns at the end. */
export default async function serve({ provide }: TestProject): Promise<(() => Promise<void>) | undefined> {
  const chromium = browserPath();
  if (chromium === null) {
    if (process.env["CI"] !== undefined) throw new Error(MISSING);
    console.warn(`\nThe browser tests are skipped. ${MISSING}\n`);
    provide("dashboard", null);
    return undefined;
  }
  const { stateDirectory, remove } = await preparedPlace();
  const sluice = await startSluice({}, stateDirectory);
  provide("dashboard", { address: sluice.address, apiKey: sluice.apiKey, chromium });
  return async () => {
    await sluice.close();
    remove();
  };
}
