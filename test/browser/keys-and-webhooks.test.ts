import { afterAll, beforeAll, expect, test } from "vitest";

import { receiveWebhooks, type WebhookReceiver } from "#test/e2e/webhook-receiver";
import { inBrowser } from "./in-browser.ts";

inBrowser("keys and webhooks", ({ open, openSignedIn, call }) => {
  let receiver: WebhookReceiver | null = null;
  beforeAll(async () => {
    receiver = await receiveWebhooks();
  });
  afterAll(() => receiver?.close());

  test("a key is shown once, works, and is refused as soon as it is revoked", async () => {
    const page = await openSignedIn();
    await page.getByRole("link", { name: "API keys" }).click();
    await page.getByLabel("Name").fill("For the browser");
    await page.getByLabel("Expires").selectOption("After 7 days");
    await page.getByRole("button", { name: "Create a key" }).click();
    const shown = page.getByLabel("it is never shown again");
    const key = await shown.inputValue();
    expect(key).toMatch(/^slc_/);
    await page.getByRole("button", { name: "Copy" }).waitFor();
    await page.goto("/keys");
    expect(await page.content()).not.toContain(key);

    const other = await open();
    await other.goto("/sign-in");
    await other.getByLabel("API key").fill(key);
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.getByRole("heading", { level: 1, name: "Connections" }).waitFor();

    page.on("dialog", (dialog) => void dialog.accept());
    await page.getByRole("button", { name: "Revoke For the browser" }).click();
    await page.getByText("The key is revoked.").waitFor();
    await other.goto("/keys");
    expect(new URL(other.url()).pathname).toBe("/sign-in");
  });

  test("an address is subscribed, hears of what happens, and is told again, switched off and deleted", async () => {
    const address = receiver?.address ?? "";
    const page = await openSignedIn();
    await page.goto("/webhooks/new");
    await page.getByLabel("Address").fill("http://127.0.0.1:1/nobody");
    await page.getByLabel("collection.created").check();
    await page.getByRole("button", { name: "Subscribe" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Address").fill(address);
    expect(await page.getByLabel("collection.created").isChecked()).toBe(true);
    await page.getByRole("button", { name: "Subscribe" }).click();
    expect(await page.getByLabel("The signing secret").inputValue()).toMatch(/^whsec_/);

    await call("POST", "/collections", { name: "For the browser" });
    await expect.poll(() => receiver?.delivered.length, { timeout: 20_000 }).toBe(1);
    await page.goto("/webhooks");
    await page.getByRole("link", { name: address }).click();
    await page.getByRole("row").filter({ hasText: "200" }).first().waitFor();
    await page.getByRole("button", { name: "Deliver again" }).click();
    // Other tests' messages may be among those that this receiver has not had.
    await page.getByText(/(?:nothing to deliver|delivered) again\.$/).waitFor();
    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByText("It is disabled").waitFor();
    await page.getByRole("button", { name: "Enable" }).click();
    await page.getByText("It is enabled").waitFor();

    await page.goto("/webhooks/messages");
    await page.getByRole("link", { name: "collection.created" }).first().click();
    await page.getByText('"event_type": "collection.created"').waitFor();
    await page.getByRole("row").filter({ hasText: "200" }).first().waitFor();

    await page.goto("/webhooks");
    await page.getByRole("link", { name: address }).click();
    page.on("dialog", (dialog) => void dialog.accept());
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByText("The subscription is deleted.").waitFor();
  });
});
