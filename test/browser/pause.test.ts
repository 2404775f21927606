import { expect, test } from "vitest";

import { idIn } from "./id-in.ts";
import { inBrowser } from "./in-browser.ts";

inBrowser("a pause", ({ openSignedIn, call }) => {
  test("shows wherever the connection does, and is gone from there once it is resumed", async () => {
    const made = await call("POST", "/source-connections", {
      name: "Paused by its owner",
      short_name: "stub",
      config: { entity_count: 5 },
      authentication: { credentials: { stub_key: "any" } },
      schedule: { cron: "0 6 * * *" },
      sync_immediately: false,
    });
    const page = await openSignedIn();
    const row = page.getByRole("row").filter({ hasText: "Paused by its owner" });
    const nextSync = row.getByRole("cell").nth(2);
    await page.goto(`/connections/${idIn(made)}/settings`);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Paused. Neither the schedule").waitFor();

    await page.goto("/");
    expect(await row.textContent()).toContain("Paused");
    expect(await nextSync.textContent()).toBe("paused");
    await page
      .getByRole("link", { name: /^Paused/ })
      .first()
      .click();
    await page.waitForURL(/show=paused/);
    await row.getByRole("link").click();
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText("Resumed.").waitFor();

    await page.goto("/");
    expect(await row.getByText("Paused", { exact: true }).count()).toBe(0);
    expect(await nextSync.textContent()).toMatch(/^in /);
  });
});
