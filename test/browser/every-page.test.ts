import { gzipSync } from "node:zlib";

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { z } from "zod";

import { CONNECTION_TABS, connectionPath, jobPath } from "#dashboard/connection-path";
import { receiveWebhooks } from "#test/e2e/webhook-receiver";
import { until } from "#test/e2e/until";
import { idIn } from "./id-in.ts";
import { DESKTOP, PHONE } from "./browser.ts";
import { inBrowser, type Stage } from "./in-browser.ts";

/** Of all scripts and stylesheets together, as they are. */
const WEIGHT_LIMIT = 100_000;

/** What WCAG 2.1 asks for on level AA. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

/** Pages with something on each of them. */
async function furnish({ call }: Stage): Promise<string[]> {
  const stub = (name: string, config: object) =>
    call("POST", "/source-connections", {
      name,
      short_name: "stub",
      config,
      authentication: { credentials: { stub_key: "any" } },
      schedule: { cron: "0 6 * * *", timezone: "Europe/Berlin" },
    });
  const healthy = idIn(await stub("On every page", { entity_count: 40 }));
  const failing = idIn(await stub("Failing, with a name that takes a line", { entity_count: 30, fail_after: 10 }));
  const running = idIn(
    await call("POST", "/source-connections", {
      name: "At work for long",
      short_name: "timed",
      config: { entity_count: 3000, duration_seconds: 300 },
      authentication: { credentials: { timed_key: "any" } },
      schedule: null,
    }),
  );
  const jobsSchema = z.array(z.object({ id: z.string(), status: z.string() }));
  const jobOf = (id: string, status: string) =>
    until(`${id} is ${status}`, async () => {
      const jobs = jobsSchema.parse(await call("GET", `/source-connections/${id}/jobs`));
      return jobs.find((job) => job.status === status);
    });
  const [done, failed] = [await jobOf(healthy, "COMPLETED"), await jobOf(failing, "FAILED")];
  await call("POST", "/api-keys", { name: "A key", expires_in_days: 30 });
  const receiver = await receiveWebhooks();
  const subscription = await call("POST", "/webhooks/subscriptions", {
    url: receiver.address,
    event_types: ["collection.created"],
  });
  await call("POST", "/collections", { name: "Told to one" });
  await until("it is delivered", () => receiver.delivered.length > 0);
  await receiver.close();
  const [message] = z
    .array(z.object({ id: z.string() }))
    .parse(await call("GET", "/webhooks/messages?event_types=collection.created&limit=1"));
  return [
    "/",
    "/?q=nothing+is+called+this",
    ...CONNECTION_TABS.map(([tab]) => connectionPath(healthy, tab)),
    connectionPath(failing),
    connectionPath(running),
    jobPath(healthy, done.id),
    jobPath(failing, failed.id),
    "/sources",
    "/sources/gitlab",
    "/sources/couchdb/connect",
    "/sources/shopify/connect",
    "/sources/_new",
    "/keys",
    "/webhooks",
    "/webhooks/new",
    `/webhooks/${idIn(subscription)}`,
    "/webhooks/messages",
    `/webhooks/messages/${message?.id ?? ""}`,
    "/connections/none",
  ];
}

inBrowser("every page", (stage) => {
  test("is accessible in light and dark, fits a phone, and needs little to load", { timeout: 180_000 }, async () => {
    const paths = await furnish(stage);
    const page = await stage.openSignedIn();
    const assets = new Map<string, number>();
    page.on("response", async (response) => {
      const { pathname } = new URL(response.url());
      if (/\.(?:css|js)$/.test(pathname)) assets.set(pathname, (await response.body()).length);
    });
    const findings: string[] = [];
    for (const path of paths) {
      await page.setViewportSize(DESKTOP);
      await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
      await page.goto(path);
      findings.push(...(await findingsOn(page, "light")));
      await page.emulateMedia({ colorScheme: "dark" });
      findings.push(...(await findingsOn(page, "dark")));
      await page.setViewportSize(PHONE);
      const width = Number(await page.evaluate("document.documentElement.scrollWidth"));
      if (width > PHONE.width) findings.push(`${path} is ${width} pixels wide on a phone`);
    }
    expect(findings).toEqual([]);
    const weight = [...assets.values()].reduce((sum, size) => sum + size, 0);
    expect(assets.size).toBeGreaterThanOrEqual(5);
    expect(weight).toBeLessThan(WEIGHT_LIMIT);
  });

  test("of a new account says what to do, and is light", async () => {
    const organization = await stage.call("POST", "/organizations", { name: "New" });
    const made = await stage.call("POST", "/api-keys", { name: "First", organization_id: idIn(organization) });
    const { key } = z.object({ key: z.string() }).parse(made);
    const page = await stage.open();
    await page.goto("/sign-in");
    expect(await findingsOn(page, "light")).toEqual([]);
    await page.getByLabel("API key").fill(key);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Nothing flows yet").waitFor();
    expect(await findingsOn(page, "light")).toEqual([]);
    expect(gzipSync(await page.content()).length).toBeLessThan(4_000);
    await page.goto("/webhooks");
    await page.getByText("Nobody is told yet").waitFor();
    await page.goto("/sources?show=own");
    await page.getByText("You have not brought a source yet").waitFor();
  });
});

/** What axe finds serious or worse. In dark only colours are another matter than in light. */
async function findingsOn(page: Page, scheme: "light" | "dark"): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const { violations } = await (scheme === "dark" ? axe.withRules(["color-contrast"]) : axe.withTags(TAGS)).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) =>
        [new URL(page.url()).pathname, scheme, id, String(target), failureSummary].join(" · "),
      ),
    );
}
