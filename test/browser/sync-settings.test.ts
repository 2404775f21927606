import { expect, test } from "vitest";
import { z } from "zod";

import { idIn } from "./id-in.ts";
import { inBrowser, isFocused } from "./in-browser.ts";
import { tabTo } from "./tab-to.ts";

const settingsSchema = z.object({ sync_settings: z.record(z.string(), z.number()) });

inBrowser("the settings of syncs", ({ openSignedIn, call }) => {
  async function connect(name: string) {
    const made = await call("POST", "/source-connections", {
      name,
      short_name: "stub",
      config: { entity_count: 3 },
      authentication: { credentials: { stub_key: "any" } },
      schedule: null,
      sync_immediately: false,
      sync_settings: { job_deadline_seconds: 5_400 },
    });
    const path = `/source-connections/${idIn(made)}`;
    const settings = async () => settingsSchema.parse(await call("GET", path)).sync_settings;
    return { page: `/connections/${idIn(made)}/settings`, settings };
  }

  test("are changed by the keyboard alone, and what is out of bounds is not even sent", async () => {
    const connection = await connect("Set by keyboard");
    const page = await openSignedIn();
    await page.goto(connection.page);
    const percent = page.getByLabel("Deletes are held back above");
    const form = page.getByRole("region", { name: "Syncs" });
    await tabTo(page, percent);
    await page.keyboard.type("150");
    await page.keyboard.press("Enter");
    expect(await percent.evaluate((input) => input.matches(":invalid"))).toBe(true);
    expect(await isFocused(page, percent)).toBe(true);
    expect(await connection.settings()).toEqual({ job_deadline_seconds: 5_400 });

    await page.keyboard.press("Control+A");
    await page.keyboard.type("12.5");
    await tabTo(page, page.getByLabel("A sync gives up after"));
    expect(await page.getByLabel("A sync gives up after").inputValue()).toBe("90");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("2");
    await tabTo(page, page.getByLabel("In", { exact: true }));
    await page.keyboard.type("hours");
    await tabTo(page, form.getByRole("button", { name: "Save" }));
    await page.keyboard.press("Enter");
    await page.getByText("Saved.").waitFor();
    expect(await connection.settings()).toEqual({ delete_guard_ratio: 0.125, job_deadline_seconds: 7_200 });
    expect(await percent.inputValue()).toBe("12.5");
  });

  test("are changed in a browser that runs no scripts, and a refusal is read out with its field", async () => {
    const connection = await connect("Set without scripts");
    const page = await openSignedIn({ scripts: false });
    await page.goto(connection.page);
    const form = page.getByRole("region", { name: "Syncs" });
    await page.getByLabel("In streams that have at least").fill("40");
    await page.getByLabel("A sync gives up after").fill("31");
    await page.getByLabel("In", { exact: true }).selectOption("days");
    await form.getByRole("button", { name: "Save" }).click();
    const deadline = page.getByRole("spinbutton", { name: "A sync gives up after", description: /30 days at most/ });
    expect(await deadline.getAttribute("aria-invalid")).toBe("true");
    expect(await deadline.inputValue()).toBe("31");

    await deadline.fill("");
    await form.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();
    expect(await connection.settings()).toEqual({ delete_guard_min_entities: 40 });
  });
});
