import { expect, test } from "vitest";

import { isMet } from "./finding.ts";
import { flat } from "./scale.ts";

const sizesOf = (...figures: number[]) => figures.map((found, place) => ({ label: `size ${place}`, found }));
const show = (value: number) => String(value);
const RATE = { what: "rate", of: "things", target: { atLeast: 0.6 }, best: Math.max, show };
const TIME = { what: "time", of: "things", target: { atMost: 1.5 }, best: Math.min, show };

test("the largest is held to the best of those before it, so that a fall from there shows", () => {
  const [rate] = flat(sizesOf(10, 100, 50), RATE, (found) => found);
  expect(rate).toMatchObject({
    value: 0.5,
    name: "rate: size 2 things / the best of fewer",
    from: "50 / 100 of size 1",
  });
  expect(rate === undefined || isMet(rate)).toBe(false);
});

test("the best of times is the shortest", () => {
  const [time] = flat(sizesOf(4, 2, 8), TIME, (found) => found);
  expect(time).toMatchObject({ value: 4, from: "8 / 2 of size 1" });
});

test("of one size nothing is said", () => {
  expect(flat(sizesOf(1), RATE, (found) => found)).toEqual([]);
});
