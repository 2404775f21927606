import { z } from "zod";

import { isJsonObject, type Json, type JsonObject } from "#core/json";
import { requiredIn, propertiesOf } from "./alternatives.ts";
import { MISSING, type InputFault } from "./input-fault.ts";
import { completed, faultsOf } from "./input-schema.ts";

/**
 * A zod type for inputs that a JSON Schema describes. `z.toJSONSchema` shows that schema, fields in their `order`.
 *
 * @param misplaced faults that the schema does not know of
 */
export function inputType(
  schema: JsonObject,
  misplaced: (input: JsonObject) => readonly InputFault[],
): z.ZodType<JsonObject> {
  return z
    .custom<JsonObject>(isJsonObject, "Input should be an object")
    .transform((input, context) => {
      const whole = completed(input, schema);
      for (const fault of [...misplaced(input), ...faultsOf(whole, schema)]) context.issues.push(issueOf(fault, input));
      return whole;
    })
    .meta({ ...ordered(schema), type: "object", required: requiredIn(schema) });
}

/** As zod itself says such things, so that whoever shows issues need not tell them apart. */
function issueOf({ path, kind, message }: InputFault, input: JsonObject): z.core.$ZodRawIssue {
  switch (kind) {
    case "missing":
      return {
        code: "custom",
        path: [...path],
        message: message === MISSING ? message : `${MISSING}: ${lowerFirst(message)}`,
        params: { type: "missing" },
        input,
      };
    case "extra":
      return { code: "unrecognized_keys", keys: path.slice(-1), path: path.slice(0, -1), message, input };
    case "wrong":
      return { code: "custom", path: [...path], message, input };
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Properties in the order of their `order`, in alternatives too. */
function ordered(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]): [string, Json] => {
      if (keyword === "properties") {
        const sorted = Object.entries(propertiesOf(schema)).toSorted(byOrder);
        return [
          keyword,
          Object.fromEntries(sorted.map(([name, each]) => [name, isJsonObject(each) ? ordered(each) : each])),
        ];
      }
      return [keyword, Array.isArray(value) ? value.map((each) => (isJsonObject(each) ? ordered(each) : each)) : value];
    }),
  );
}

function byOrder([, a]: [string, Json], [, b]: [string, Json]): number {
  return orderOf(a) - orderOf(b);
}

function orderOf(property: Json): number {
  const order = isJsonObject(property) ? property["order"] : undefined;
  return typeof order === "number" ? order : Number.MAX_SAFE_INTEGER;
}
