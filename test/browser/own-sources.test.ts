import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";

import { aManifest, aStreamOf } from "#test/support/a-manifest";
import { inBrowser } from "./in-browser.ts";

const people = aStreamOf("people");
const BROKEN = JSON.stringify(aManifest([{ ...people, retriever: { $ref: "#/definitions/none" } }]), null, 2);
const GOOD = JSON.stringify(
  aManifest([people, { ...aStreamOf("scripted"), retriever: { type: "CustomRetriever", class_name: "crm.Scripted" } }]),
  null,
  2,
);

inBrowser("a source of one's own", ({ openSignedIn }) => {
  let crm: Server | null = null;
  let crmAddress = "";
  beforeAll(async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end('{"data":[{"id":1}]}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bound = server.address();
    crmAddress = `http://127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`;
    crm = server;
  });
  afterAll(() => crm?.close());

  test("is checked where it is broken, registered, connected by its form, and stays while it is used", async () => {
    const page = await openSignedIn();
    await page.goto("/sources");
    await page.getByRole("link", { name: "Bring your own" }).click();
    await page
      .getByLabel("File")
      .setInputFiles({ name: "Browser CRM.json", mimeType: "application/json", buffer: Buffer.from(BROKEN) });
    const text = page.getByLabel("Manifest");
    await expect.poll(() => text.inputValue()).toContain("#/definitions/none");
    expect(await page.getByLabel("Short name").inputValue()).toBe("browser-crm");

    await page.getByRole("button", { name: "Register" }).click();
    await page.getByRole("alert").getByText("streams.0.retriever.$ref").waitFor();

    await text.fill(GOOD);
    await page.getByRole("button", { name: "Check" }).click();
    await page.getByText("It can be used: 1 of 2 streams run.").waitFor();
    const scripted = page.getByRole("row").filter({ hasText: "scripted" });
    await scripted.getByText("Can't run").waitFor();
    await scripted.getByText("streams.1.retriever").waitFor();

    await page.getByRole("textbox", { name: "Name optional", exact: true }).fill("Browser CRM");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByText("It is registered.").waitFor();
    await page.getByRole("link", { name: "Connect", exact: true }).click();
    await page.getByLabel("Start date").fill("2026-01-01");
    await page.getByLabel("Url").fill(crmAddress);
    await page.getByLabel("API key").fill("any");
    // The page of a sync at work loads itself again when it ends, which may be while another is opened.
    await page.getByLabel("Start the first sync at once").uncheck();
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByRole("heading", { level: 1, name: "Browser CRM Connection" }).waitFor();

    await page.goto("/sources/browser-crm");
    page.on("dialog", (dialog) => void dialog.accept());
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("alert").getByText("Source connections use 'browser-crm'").waitFor();

    await page.getByRole("link", { name: "Edit manifest" }).click();
    await page.getByRole("button", { name: "Replace" }).click();
    await page.getByText("Yours, version 2").waitFor();
  });
});
