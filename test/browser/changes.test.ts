import { expect, test } from "vitest";
import { z } from "zod";

import { until } from "#test/e2e/until";
import { idIn } from "./id-in.ts";
import { inBrowser } from "./in-browser.ts";

const jobsSchema = z.array(z.object({ status: z.string() }));
const changesSchema = z.object({ changes: z.array(z.object({ id: z.string() })) });

inBrowser("the change feed", ({ openSignedIn, call }) => {
  test("begins with what changed last, leads back to what was first, and from there on to the end", async () => {
    const id = idIn(
      await call("POST", "/source-connections", {
        name: "Looked through",
        short_name: "stub",
        config: { entity_count: 39 },
        authentication: { credentials: { stub_key: "any" } },
        schedule: null,
      }),
    );
    await until("it has synced", async () => {
      const [job] = jobsSchema.parse(await call("GET", `/source-connections/${id}/jobs`));
      return job?.status === "COMPLETED";
    });
    const { changes } = changesSchema.parse(await call("GET", `/source-connections/${id}/changes`));
    const feed = changes.map((change) => change.id);
    // Two pages of the dashboard.
    expect(feed.length).toBeGreaterThan(25);
    expect(feed.length).toBeLessThanOrEqual(50);
    const page = await openSignedIn();
    const shown = async () =>
      page.getByRole("region", { name: "Changes" }).locator("summary > .mono").allTextContents();

    await page.goto(`/connections/${id}`);
    await page.getByRole("link", { name: "Changes" }).click();
    await page.getByText("the newest first").waitFor();
    expect(await shown()).toEqual(feed.toReversed().slice(0, 25));
    await page.getByRole("link", { name: "Older changes" }).click();
    await page.getByRole("link", { name: "The newest" }).waitFor();
    expect(await shown()).toEqual(feed.toReversed().slice(25));
    expect(await page.getByRole("link", { name: "Older changes" }).count()).toBe(0);

    await page.getByRole("link", { name: "From the beginning" }).click();
    await page.getByText("the oldest first").waitFor();
    expect(await shown()).toEqual(feed.slice(0, 25));
    await page.getByRole("link", { name: "Next changes" }).click();
    await page.getByRole("link", { name: "What comes after these" }).click();
    await page.getByText("This is the end of the feed").waitFor();
  });
});
