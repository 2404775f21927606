import { expect, test } from "vitest";

import { eventTypes } from "#cli/commands/webhooks-subscribe";
import { WrongUsage } from "#cli/stopped";
import { EVENT_TYPES } from "#core/event";

test("a pattern stands for all events that begin like it, each once", () => {
  expect(eventTypes(["sync.c*", "sync.completed"])).toEqual(["sync.cancelling", "sync.completed", "sync.cancelled"]);
  expect(eventTypes(["*"])).toEqual([...EVENT_TYPES]);
});

test.each(["sync.done", "nothing.*", ""])("%j stands for none", (pattern) => {
  expect(() => eventTypes([pattern])).toThrow(WrongUsage);
});
