import type { Locator, Page } from "playwright-core";

import { isFocused } from "./in-browser.ts";

/** No page has as many controls before the one that is looked for. */
const MOST_TABS = 120;

/** Goes there as somebody does who has no mouse. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let count = 0; count < MOST_TABS; count += 1) {
    if (await isFocused(page, target)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${String(target)}.`);
}
