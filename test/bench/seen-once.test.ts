import { expect, test } from "vitest";

import { orders } from "#cli/sample-documents";
import { SeenOnce } from "./seen-once.ts";

const truth = { stream: "orders", maker: orders, count: 9 };
const documentOf = (number: number): unknown => JSON.parse(orders.json(number));

function metBut(left: number): SeenOnce {
  const seen = new SeenOnce(truth, "the export");
  for (let number = 1; number <= truth.count; number += 1) {
    if (number !== left) seen.meet("orders", orders.id(number), documentOf(number));
  }
  return seen;
}

test("a copy that has each document once, as it is, is the truth", () => {
  expect(() => metBut(0).expectAll()).not.toThrow();
});

test("one that is missing is noticed", () => {
  expect(() => metBut(8).expectAll()).toThrow("the export has 8 of 9 entities.");
});

test("one that comes twice is noticed, though the number of all is right", () => {
  expect(() => metBut(8).meet("orders", orders.id(9), documentOf(9))).toThrow("twice");
});

const meeting = (stream: string, number: number, document: unknown) => () =>
  new SeenOnce(truth, "the export").meet(stream, orders.id(number), document);

test("what the source has not, or has otherwise, is noticed", () => {
  expect(meeting("orders", 10, documentOf(10))).toThrow("which the source has not");
  expect(meeting("others", 1, documentOf(1))).toThrow("which the source has not");
  expect(meeting("orders", 1, documentOf(2))).toThrow("not as");
});
