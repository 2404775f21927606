import type { Refusal } from "./errors.ts";

const msg = "This is not a cursor that this listing gave out. Start again without `cursor`.";

/** For a cursor that is made up, damaged, or of another list. */
export const UNKNOWN_CURSOR: Refusal = {
  code: "invalid",
  message: msg,
  issues: [{ loc: ["query", "cursor"], msg, type: "cursor_unknown" }],
};
