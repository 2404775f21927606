import { expect, test } from "vitest";

import { Watchers } from "#connection/watchers";

test("whatever happens wakes everybody who waits for it, once, and nobody who comes after it", async () => {
  const watchers = new Watchers();
  const heard: string[] = [];
  const hear = async (name: string): Promise<void> => {
    await watchers.next();
    heard.push(name);
  };
  const early = Promise.all([hear("one"), hear("other")]);
  watchers.wake();
  const late = hear("late");
  await early;
  expect(heard).toEqual(["one", "other"]);

  watchers.wake();
  await late;
  expect(heard).toEqual(["one", "other", "late"]);
});
