import { expect, test } from "vitest";

import { NO_STATISTICS } from "#events/event-statistics";
import { HOUR_MS } from "#test/support/builders";
import { aSyncEvent, withDeliveries } from "#test/support/deliveries";

test("an organization without subscriptions has nothing to deliver", () =>
  withDeliveries(async (world) => {
    await world.publish(aSyncEvent());
    expect(world.statistics()).toEqual(NO_STATISTICS);
  }));

test("deliveries are counted by what came of them, those that fail stay queued and become overdue", () =>
  withDeliveries(async (world) => {
    await world.subscribe("https://good.example/");
    await world.subscribe("https://bad.example/");
    world.answer = ({ url }) => new Response("", { status: url.includes("bad") ? 500 : 200 });
    await world.publish(aSyncEvent());
    expect(world.statistics()).toMatchObject({
      subscriptions: { healthy: 1, degraded: 1 },
      queued: 1,
      overdueSince: null,
      attempts: { delivered: 1, failed: 1 },
    });
    world.now += 2 * HOUR_MS;
    const later = world.statistics();
    expect(later).toMatchObject({ queued: 1, attempts: { delivered: 0, failed: 0 } });
    expect(world.now - (later.overdueSince ?? world.now)).toBeGreaterThan(HOUR_MS);
  }));
