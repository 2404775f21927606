import * as fc from "fast-check";
import { expect, test } from "vitest";

import { quietAt } from "#core/debounce";

const times = fc
  .tuple(
    fc.integer({ min: 0, max: 1e12 }),
    fc.integer({ min: 0, max: 36_000_000 }),
    fc.integer({ min: 0, max: 3_600_000 }),
  )
  .map(([firstAt, later, periodMs]) => ({ firstAt, lastAt: firstAt + later, periodMs }));

test("a run waits one quiet period after the last delivery, and never more than ten after the first", () => {
  fc.assert(
    fc.property(times, ({ firstAt, lastAt, periodMs }) => {
      const at = quietAt({ firstAt, lastAt }, periodMs);
      expect(at).toBeLessThanOrEqual(firstAt + 10 * periodMs);
      expect(at).toBeLessThanOrEqual(lastAt + periodMs);
    }),
  );
});

test("the ten periods shorten nobody's wait who came within nine", () => {
  const soon = times.filter(({ firstAt, lastAt, periodMs }) => lastAt - firstAt <= 9 * periodMs);
  fc.assert(
    fc.property(soon, ({ firstAt, lastAt, periodMs }) => {
      expect(quietAt({ firstAt, lastAt }, periodMs)).toBe(lastAt + periodMs);
    }),
  );
});
