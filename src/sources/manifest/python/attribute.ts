import { callable } from "./arguments.ts";
import { dictMethod, listMethod } from "./container-methods.ts";
import { dateAttribute } from "./date-methods.ts";
import { isMapping } from "./dict.ts";
import { asDouble, isFloat } from "./number.ts";
import { strMethod } from "./str-methods.ts";
import type { FieldAccess } from "./str-format.ts";
import { admit, type Callable, Tuple, type Value } from "./value.ts";

/** What attributes may depend on beyond the value. */
export interface AttributeWorld {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly access: FieldAccess;
}

/** As Python's `getattr`, for the attributes and methods that templates may use; undefined where there is none. */
export function attributeOf(value: Value, name: string, world: AttributeWorld): Value | undefined {
  if (typeof value === "string") return strMethod(value, name, world.access);
  if (typeof value !== "object") return numberMethod(value, name);
  if (value === null) return undefined;
  if (Array.isArray(value)) return listMethod(value.map(admit), name, false);
  if (value instanceof Tuple) return listMethod(value.items, name, true);
  if (isMapping(value)) return dictMethod(value, name);
  return isFloat(value) ? numberMethod(value, name) : dateAttribute(value, name, world.now);
}

function numberMethod(value: Value, name: string): Callable | undefined {
  const double = asDouble(value);
  if (double === undefined) return undefined;
  if (name === "is_integer" && isFloat(value)) return callable(name, [], () => Number.isInteger(double));
  if (name !== "bit_length" || isFloat(value)) return undefined;
  return callable(name, [], () => (double === 0 ? 0 : Math.floor(Math.log2(Math.abs(double))) + 1));
}
