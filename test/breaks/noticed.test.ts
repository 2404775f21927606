import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

import { CATALOGUE } from "./catalogue.ts";

/*
 * A promise that is looked after by nobody any more would not be missed where nothing is broken. So the simulation's
 * kernel has to notice each of these, in what it says of it, within histories that are the same each time. The whole
 * catalogue, and the other machines, are `npm run breaks`.
 */
const SAID: Readonly<Record<string, RegExp>> = {
  "second-active-job": /2 jobs are active at once/,
  "follow-up-lost": /The run that was to follow job \S+ did not come/,
  "delivery-taken-twice": /Delivery \d+ came again/,
  "due-time-acted-on-twice": /2 jobs were started for one due time/,
  "wait-without-alarm": /is due, and no alarm is set/,
  "ended-job-changes": /and it is/,
  "completed-without-failed-stream": /COMPLETED, and \S+ is failed/,
  "guard-ignored": /deleted \d+ of \d+ of \S+, and nobody allowed it/,
  "mixed-pass-proves-deletes": /has orphans by a pass that began with other credentials/,
  "pass-begins-with-nothing": /says that it had 0 entities when its read began/,
  "places-of-another-config": /The cursor of \S+ is past/,
  "kept-twice": /has kept \d+ entities; in its pages were \d+/,
  "updates-counted-as-inserts": /says \d+ inserted; the feed says \d+/,
  "later-due-time-told": /By D1's account the connection is due at/,
  "failure-looks-active": /By D1's account the connection has the status/,
  "outbox-without-alarm": /D1 is to be told, and no alarm is set/,
  "retry-after-ignored": /which is not when its source said/,
};

test.each(Object.entries(SAID))(
  "the kernel notices %s, and says what is broken",
  { timeout: 120_000 },
  (name, said) => {
    const [edit, ...others] = CATALOGUE.find((each) => each.name === name)?.edits ?? [];
    expect(edit).toBeDefined();
    expect(others).toEqual([]);
    const { stdout } = spawnSync(
      "npm",
      ["run", "--silent", "simulate", "--", "--tier", "kernel", "--kernel", "6000", "--seed", "5"],
      {
        encoding: "utf8",
        env: {
          ...process.env,
          NODE_OPTIONS: "--import ./test/simulation/platform/broken-module.ts",
          BREAK: JSON.stringify(edit),
        },
      },
    );
    expect(stdout).toMatch(said);
  },
);
