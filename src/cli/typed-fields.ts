import type { JsonObject } from "#core/json";
import type { Field } from "./api-answers.ts";
import { withValueAt } from "./field-path.ts";
import { readFieldValue } from "./field-value.ts";
import { WrongUsage } from "./stopped.ts";

/**
 * Sets fields from `NAME=VALUE`, as given with `--config`, in `base`. Throws WrongUsage for a field that the source
 * does not have, and for a value that the field can't have.
 */
export function withTypedFields(
  base: JsonObject,
  fields: readonly Field[],
  assignments: readonly string[],
): JsonObject {
  let object = base;
  for (const assignment of assignments) {
    const at = assignment.indexOf("=");
    const name = at < 0 ? assignment : assignment.slice(0, at);
    const field = fields.find((each) => each.name === name);
    if (at < 0 || field === undefined) {
      const known = fields.map((each) => each.name).join(", ");
      throw new WrongUsage(`--config takes NAME=VALUE, not "${assignment}". The fields are: ${known || "none"}.`);
    }
    const read = readFieldValue(field, assignment.slice(at + 1));
    if ("problem" in read) throw new WrongUsage(`--config ${name}: ${read.problem}`);
    object = withValueAt(object, name, read.value);
  }
  return object;
}
