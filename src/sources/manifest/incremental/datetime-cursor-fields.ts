import { z } from "zod";

import { requestOption } from "#sources/manifest/requester/request-option";
import { text } from "#sources/manifest/text";
import { clampingFields } from "./clamping.ts";
import { durationFault, durationField } from "./iso-duration.ts";
import { minMaxDatetime } from "./min-max-datetime.ts";

const durationText = z
  .unknown()
  .superRefine((value, context) => {
    const fault = typeof value === "string" ? durationFault(value) : "Expected an ISO 8601 duration such as P1D.";
    if (fault !== null) context.addIssue({ code: "custom", message: fault });
  })
  .pipe(text);

export const datetimeCursorFields = z
  .object({
    cursor_field: text,
    datetime_format: z.string().min(1),
    cursor_datetime_formats: z.array(z.string()).nullish(),
    start_datetime: minMaxDatetime,
    end_datetime: z.union([z.literal("").transform(() => null), minMaxDatetime]).nullish(),
    start_time_option: requestOption.nullish(),
    end_time_option: requestOption.nullish(),
    step: durationText.nullish(),
    cursor_granularity: z.union([z.literal("").transform(() => null), durationField]).nullish(),
    lookback_window: durationText.nullish(),
    partition_field_start: text.nullish(),
    partition_field_end: text.nullish(),
    clamping: clampingFields.nullish(),
    is_data_feed: z.boolean().nullish(),
    is_client_side_incremental: z.boolean().nullish(),
    is_compare_strictly: z.boolean().nullish(),
    global_substream_cursor: z.boolean().nullish(),
  })
  .superRefine(({ step, cursor_granularity: granularity }, context) => {
    if (isSet(step) === isSet(granularity)) return;
    const [has, lacks] = isSet(step) ? ["step", "cursor_granularity"] : ["cursor_granularity", "step"];
    context.addIssue({ code: "custom", path: [lacks], message: `Required together with ${has}, such as "PT1S".` });
  });

export type DatetimeCursorFields = z.infer<typeof datetimeCursorFields>;

function isSet(field: unknown): boolean {
  return field !== undefined && field !== null;
}
