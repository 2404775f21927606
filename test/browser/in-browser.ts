import { chromium, type Browser, type BrowserContext, type Locator, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, inject } from "vitest";

import { BROWSER_FLAGS, DESKTOP } from "./browser.ts";

/** What the tests of a file share. */
export interface Stage {
  /** A page of a new window, with no cookies. What goes wrong in it fails the test: errors, and what the policy refuses. */
  readonly open: (window?: Window) => Promise<Page>;
  /** The same, signed in with the root key. */
  readonly openSignedIn: (window?: Window) => Promise<Page>;
  /** Asks the API, with the root key; `path` from `/v1` on. Fails where it is refused. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<unknown>;
  readonly address: string;
  readonly apiKey: string;
}

interface Window {
  /** Does it run them? Default true. */
  readonly scripts?: boolean;
}

/** Tests in a real browser, against a Worker that other files' tests use too. Skipped where there is no browser. */
export function inBrowser(title: string, define: (stage: Stage) => void): void {
  const dashboard = inject("dashboard");
  const { address, apiKey } = dashboard ?? { address: "", apiKey: "" };
  describe.skipIf(dashboard === null)(`in a browser, ${title}`, () => {
    let browser: Browser | null = null;
    const contexts: BrowserContext[] = [];
    const faults: string[] = [];

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: dashboard?.chromium ?? "", args: BROWSER_FLAGS });
    });
    afterAll(() => browser?.close());
    afterEach(async () => {
      for (const context of contexts.splice(0)) await context.close();
      expect(faults.splice(0)).toEqual([]);
    });

    const stage: Stage = {
      address,
      apiKey,
      async open({ scripts = true } = {}) {
        if (browser === null) throw new Error("The browser has not been started.");
        const shown = { baseURL: address, viewport: DESKTOP, locale: "en-GB" };
        const context = await browser.newContext({ ...shown, javaScriptEnabled: scripts });
        contexts.push(context);
        const page = await context.newPage();
        collectFaults(page, address, faults);
        return page;
      },
      async openSignedIn(window) {
        const page = await stage.open(window);
        await page.goto("/sign-in");
        await page.getByLabel("API key").fill(apiKey);
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByRole("heading", { level: 1, name: "Connections" }).waitFor();
        return page;
      },
      async call(method, path, body) {
        const response = await fetch(`${address}/v1${path}`, {
          method,
          headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        if (!response.ok)
          throw new Error(`${method} ${path} was answered ${response.status}: ${await response.text()}`);
        return response.json();
      },
    };
    define(stage);
  });
}

/** Has it the focus? */
export async function isFocused(page: Page, target: Locator): Promise<boolean> {
  return (await target.and(page.locator(":focus")).count()) === 1;
}

/** Everything that a person with the console open would wonder about. */
function collectFaults(page: Page, address: string, faults: string[]): void {
  page.on("pageerror", (error) => faults.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    // A form that is refused comes back with a status that says so.
    if (message.type() !== "error" || /status of 4\d\d/.test(message.text())) return;
    faults.push(`${page.url()}: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(`${address}/`) && !request.url().startsWith("data:")) faults.push(request.url());
  });
  page.on("response", (response) => {
    const isAsset = response.url().startsWith(`${address}/assets/`);
    if (response.status() >= 500 || (isAsset && response.status() !== 200)) {
      faults.push(`${response.url()} was answered ${response.status()}`);
    }
  });
}
