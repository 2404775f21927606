import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";

import { ApiClient } from "#cli/api-client";
import { CannotStart } from "#cli/cannot-start";
import { runCommand } from "#cli/command";
import { ensureDevVars } from "#cli/dev-vars";
import { isFinal } from "#cli/job-end";
import { freePort } from "#cli/port";
import { serveSampleCouchDb } from "#cli/sample-couchdb";
import { SampleDatabase } from "#cli/sample-database";
import { orders, people } from "#cli/sample-documents";
import { startWorker } from "#cli/worker-process";
import { until } from "#test/e2e/until";
import { BROWSER_FLAGS, browserPath, PHONE } from "./browser.ts";

const FOLDER = join(import.meta.dirname, "../../src/dashboard/screenshots");
const WINDOW = { width: 1180, height: 760 };
const CREDENTIALS = { username: "reader", password: "sample" };

/** `npm run screenshots`: the pictures in the README, of a Worker that really syncs what they show. */
await runCommand(async (onEnd) => {
  const executablePath = browserPath();
  if (executablePath === null) throw new CannotStart("There is no Chromium to make pictures with.");
  const directory = mkdtempSync(join(tmpdir(), "sluice-screenshots-"));
  onEnd(() => rmSync(directory, { recursive: true, force: true }));
  const secretsFile = join(directory, ".dev.vars");
  const { apiKey } = ensureDevVars(secretsFile, randomBytes);
  const worker = await startWorker({
    port: await freePort(),
    stateDirectory: join(directory, "state"),
    secretsFile,
    vars: { ENABLE_INTERNAL_SOURCES: "true", ALLOW_PRIVATE_UPSTREAMS: "true" },
  });
  onEnd(() => worker.kill());
  const running = await furnish(new ApiClient(worker.address, apiKey), onEnd);

  const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
  onEnd(() => browser.close());
  if (!existsSync(FOLDER)) mkdirSync(FOLDER);
  const look = async (colorScheme: "light" | "dark", viewport: { width: number; height: number }) => {
    const context = await browser.newContext({ baseURL: worker.address, viewport, colorScheme, locale: "en-GB" });
    const page = await context.newPage();
    await page.goto("/sign-in");
    await page.getByLabel("API key").fill(apiKey);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Connections" }).waitFor();
    return page;
  };
  const light = await look("light", WINDOW);
  await take(light, "connections");
  await light.goto(`/connections/${running}`);
  await light.getByText("Records a second").waitFor();
  await take(light, "connection");
  const dark = await look("dark", WINDOW);
  await dark.goto("/sources/stripe/connect");
  await dark.getByRole("heading", { level: 1 }).waitFor();
  await take(dark, "connect");
  await take(await look("dark", PHONE), "phone");
  return 0;
});

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  console.log(`${name}.png`);
}

/** Connections with a history, one that fails, and one that is at work, whose id this answers with. */
async function furnish(client: ApiClient, onEnd: (undo: () => unknown) => void): Promise<string> {
  const databases = [new SampleDatabase("orders", orders, 12_400), new SampleDatabase("people", people, 3_150)];
  const upstream = await serveSampleCouchDb({ databases, ...CREDENTIALS });
  onEnd(() => upstream.close());
  const connect = async (name: string, shortName: string, config: object, credentials: Record<string, unknown>) => {
    const { id } = await client.connections.create({
      name,
      short_name: shortName,
      readable_collection_id: undefined,
      config: { ...config },
      credentials,
      sync_immediately: false,
      schedule: { cron: "0 6 * * MON-FRI", timezone: "Europe/Berlin" },
    });
    return id;
  };
  const sync = async (id: string) => {
    const { id: jobId } = await client.jobs.run(id);
    await until("the sync has ended", async () => isFinal(await client.jobs.get(id, jobId)));
  };
  const shop = await connect(
    "Shop",
    "couchdb",
    { url: upstream.address, databases: ["orders", "people"] },
    CREDENTIALS,
  );
  for (const changes of [0, 240, 35, 410, 0, 120, 330, 60]) {
    for (let n = 1; n <= changes; n += 1) databases[0]?.put(`order-${n}`, { status: "shipped", round: changes });
    await sync(shop);
  }
  const stubs = { stub_key: "sample" };
  const tickets = await connect("Support tickets", "stub", { entity_count: 1_800 }, stubs);
  for (let n = 0; n < 3; n += 1) await sync(tickets);
  await sync(await connect("Product wiki", "stub", { entity_count: 420, seed: 7 }, stubs));
  await sync(await connect("Billing", "stub", { entity_count: 900, fail_after: 350 }, stubs));
  const archive = { entity_count: 20_000, duration_seconds: 240 };
  const running = await connect("Archive", "timed", archive, { timed_key: "sample" });
  const { id: jobId } = await client.jobs.run(running);
  await until("it has begun", async () => (await client.jobs.get(running, jobId)).entities_inserted > 1_000);
  return running;
}
