import { expect, test } from "vitest";

import { inBrowser, isFocused } from "./in-browser.ts";
import { idIn } from "./id-in.ts";

inBrowser("connecting a source", ({ open, openSignedIn, call, apiKey }) => {
  test("begins with a key: a wrong one is told, the good one leads in, and out again", async () => {
    const page = await open();
    await page.goto("/sources");
    expect(new URL(page.url()).pathname).toBe("/sign-in");
    await page.getByLabel("API key").fill("slc_wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Invalid or expired API key").waitFor();
    await page.getByLabel("API key").fill(apiKey);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Sources" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are signed out.").waitFor();
    await page.goto("/");
    expect(new URL(page.url()).pathname).toBe("/sign-in");
  });

  test("goes by the form that its schema makes; its first sync is watched to the end", async () => {
    const page = await openSignedIn();
    await page.getByRole("link", { name: "Sources" }).click();
    await page.getByLabel("Search by name, label or stream").pressSequentially("timed");
    await page.getByRole("listitem").filter({ hasText: "Airtable" }).waitFor({ state: "hidden" });
    await page.getByRole("link", { name: "Timed" }).click();
    await page.getByRole("link", { name: "Connect", exact: true }).click();
    await page.getByLabel("Name").fill("Watched to the end");
    await page.getByLabel("Entity count").fill("60");
    await page.getByLabel("Duration").fill("5");
    await page.getByLabel("Timed key").fill("any");
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByRole("heading", { level: 1, name: "Watched to the end" }).waitFor();
    await page.getByRole("progressbar", { name: "Progress of entities" }).waitFor();
    // With the container that they are in. The page loads itself again once the sync has ended.
    await page.getByRole("cell", { name: "Completed" }).waitFor();
    await page.getByRole("region", { name: "At a glance" }).getByText("61", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Connections" }).first().click();
    const row = page.getByRole("row").filter({ hasText: "Watched to the end" });
    expect(await row.textContent()).toContain("Healthy");
  });

  test("is refused beside the field that is wrong, which gets the focus; what was typed stays, secrets don't", async () => {
    const page = await openSignedIn();
    await page.goto("/sources/couchdb/connect");
    await page.getByLabel("Server address").fill("https://couch.example.com");
    await page.getByLabel("Databases").fill("orders\nNot a name");
    await page.getByLabel("User name", { exact: true }).fill("reader");
    await page.getByLabel("Password", { exact: true }).fill("a secret");
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByText("One field needs another look.").waitFor();
    const databases = page.getByLabel("Databases");
    expect(await databases.getAttribute("aria-invalid")).toBe("true");
    expect(await isFocused(page, databases)).toBe(true);
    const described = (await databases.getAttribute("aria-describedby")) ?? "";
    const [wrong = ""] = described.split(" ");
    expect(await page.locator(`[id="${wrong}"]`).textContent()).toContain("Must begin with a lower-case letter");
    expect(await databases.inputValue()).toBe("orders\nNot a name");
    expect(await page.getByLabel("Server address").inputValue()).toBe("https://couch.example.com");
    expect(await page.getByLabel("Password", { exact: true }).inputValue()).toBe("");
    expect(await page.content()).not.toContain("a secret");
  });

  test("that can't be reached is told on top of the form, which can be sent again", async () => {
    const page = await openSignedIn();
    await page.goto("/sources/couchdb/connect");
    await page.getByLabel("Server address").fill("http://127.0.0.1:1");
    await page.getByLabel("Databases").fill("orders");
    await page.getByLabel("No credentials").check();
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByRole("alert").getByText("127.0.0.1:1").waitFor();
    expect(await page.getByLabel("No credentials").isChecked()).toBe(true);
    expect(await page.getByRole("button", { name: "Connect" }).isEnabled()).toBe(true);
  });

  test("a sync that takes long is cancelled, and another that fails says why", async () => {
    const page = await openSignedIn();
    const slow = await call("POST", "/source-connections", {
      name: "Takes an hour",
      short_name: "timed",
      config: { entity_count: 3600, duration_seconds: 300 },
      authentication: { credentials: { timed_key: "any" } },
      schedule: null,
    });
    await page.goto(`/connections/${idIn(slow)}`);
    await page.getByRole("progressbar").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("cell", { name: "Cancelled" }).waitFor();

    const failing = await call("POST", "/source-connections", {
      name: "Fails each time",
      short_name: "stub",
      config: { entity_count: 30, fail_after: 10 },
      authentication: { credentials: { stub_key: "any" } },
      schedule: null,
      sync_immediately: false,
    });
    await page.goto(`/connections/${idIn(failing)}`);
    await page.getByRole("button", { name: "Sync now" }).click();
    await page.getByRole("cell", { name: "Failed" }).waitFor();
    await page.getByRole("region", { name: "Why the last sync failed" }).waitFor();
    await page.getByRole("link", { name: "Connections" }).first().click();
    const row = page.getByRole("row").filter({ hasText: "Fails each time" });
    expect(await row.textContent()).toContain("Failing");
  });
});
