import * as fc from "fast-check";
import { expect, test } from "vitest";

import { syncSettingsSchema, type SyncSettings } from "#core/connection";
import { syncSettingsForm, syncSettingsInput } from "#dashboard/sync-settings-form";

/** As people choose them: a share in tenths of a per mille, a time in whole seconds. */
const settings: fc.Arbitrary<SyncSettings> = fc.record(
  {
    delete_guard_ratio: fc.integer({ min: 0, max: 10_000 }).map((share) => share / 10_000),
    delete_guard_min_entities: fc.nat(),
    job_deadline_seconds: fc.integer({ min: 1, max: 30 * 86_400 }),
  },
  { requiredKeys: [] },
);

test("saving the form as it is shown changes nothing, whatever was set", () => {
  fc.assert(
    fc.property(settings, (before) => {
      expect(syncSettingsSchema.parse(syncSettingsInput(syncSettingsForm(before)))).toEqual(before);
    }),
  );
});

test("the form has every setting that there is: one that it left out would be lost by saving", () => {
  const all = { guardPercent: "1", guardFrom: "1", deadline: "1", deadlineUnit: "days" };
  expect(Object.keys(syncSettingsInput(all)).toSorted()).toEqual(Object.keys(syncSettingsSchema.shape).toSorted());
});

test.each([
  [90, "90", "seconds"],
  [7_200, "2", "hours"],
  [86_400, "1", "days"],
  [undefined, "", "hours"],
])("a deadline of %s seconds is shown as %s %s", (seconds, deadline, deadlineUnit) => {
  const form = syncSettingsForm(seconds === undefined ? {} : { job_deadline_seconds: seconds });
  expect(form).toMatchObject({ deadline, deadlineUnit });
});
