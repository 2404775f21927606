import { expect, test } from "vitest";

import { inBrowser, isFocused } from "./in-browser.ts";
import { tabTo } from "./tab-to.ts";

inBrowser("the keyboard alone", ({ open, apiKey }) => {
  test("signs in, finds a source, connects it and starts a sync", async () => {
    const page = await open();
    await page.goto("/sign-in");
    // The field has the focus already.
    await page.keyboard.type(apiKey);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Connections" }).waitFor();

    await page.keyboard.press("Tab");
    const skip = page.getByRole("link", { name: "Skip to content" });
    expect(await isFocused(page, skip)).toBe(true);
    await tabTo(page, page.getByRole("link", { name: "Sources" }));
    await page.keyboard.press("Enter");

    await page.getByRole("heading", { level: 1, name: "Sources" }).waitFor();
    await tabTo(page, page.getByRole("searchbox"));
    await page.keyboard.type("incremental stub");
    await tabTo(page, page.getByRole("link", { name: "Incremental Stub" }));
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("link", { name: "Connect", exact: true }));
    await page.keyboard.press("Enter");

    await tabTo(page, page.getByLabel("Name"));
    await page.keyboard.type("By keyboard");
    await tabTo(page, page.getByLabel("Start the first sync at once"));
    await page.keyboard.press("Space");
    await tabTo(page, page.getByRole("button", { name: "Connect" }));
    await page.keyboard.press("Enter");

    await page.getByRole("heading", { level: 1, name: "By keyboard" }).waitFor();
    await tabTo(page, page.getByRole("button", { name: "Sync now" }));
    await page.keyboard.press("Enter");
    await page.getByRole("cell", { name: "Completed" }).waitFor();
  });
});
