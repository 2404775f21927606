import { formatValue } from "./format-spec.ts";
import { allowTextLength } from "./limits.ts";
import { PythonError, valueError } from "./python-error.ts";
import { quoted, repr, str } from "./text.ts";
import type { Value } from "./value.ts";

/** How a field reaches into a value: as the template language reads attributes and items. */
export interface FieldAccess {
  readonly attribute: (value: Value, name: string) => Value;
  readonly item: (value: Value, key: Value) => Value;
}

interface Arguments {
  readonly positional: readonly Value[];
  readonly named: (name: string) => Value | undefined;
}

/** As Python's `text.format(…)` in Jinja's sandbox. Throws a ValueError at a text that is no format. */
export function formatText(text: string, given: Arguments, access: FieldAccess): string {
  return formatNested(text, given, access, { next: 0 }, 2);
}

function formatNested(
  text: string,
  given: Arguments,
  access: FieldAccess,
  position: { next: number },
  levels: number,
): string {
  if (levels === 0) throw valueError("Max string recursion exceeded");
  let result = "";
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character !== "{" && character !== "}") {
      const end = nextBrace(text, at);
      result += text.slice(at, end);
      at = end;
    } else if (text.charAt(at + 1) === character) {
      result += character;
      at += 2;
    } else {
      if (character === "}") throw valueError("Single '}' encountered in format string");
      const end = closing(text, at);
      const field = splitField(text.slice(at + 1, end));
      const spec = formatNested(field.spec, given, access, position, levels - 1);
      result += formatValue(converted(fieldValue(field.name, given, access, position), field.conversion), spec);
      at = end + 1;
    }
    allowTextLength(result.length);
  }
  return result;
}

function nextBrace(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "{" || character === "}") return at;
  }
  return text.length;
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "{") depth += 1;
    if (character === "}") depth -= 1;
    if (depth === 0) return at;
  }
  throw valueError("Single '{' encountered in format string");
}

function splitField(field: string): { readonly name: string; readonly conversion: string; readonly spec: string } {
  const match = /^([^!:[\]]*(?:\[[^\]]*\][^!:[\]]*)*)(?:!(.))?(?::([\s\S]*))?$/su.exec(field);
  if (match === null) throw valueError(`'${field}' is no replacement field`);
  return { name: match[1] ?? "", conversion: match[2] ?? "", spec: match[3] ?? "" };
}

function fieldValue(name: string, given: Arguments, access: FieldAccess, position: { next: number }): Value {
  const first = /^[^.[]*/.exec(name)?.[0] ?? "";
  let value = argument(first, given, position);
  for (const [, attribute, key] of name.slice(first.length).matchAll(/\.([^.[]+)|\[([^\]]+)\]/g)) {
    if (attribute === undefined) value = access.item(value, /^\d+$/.test(key ?? "") ? Number(key) : (key ?? ""));
    else value = access.attribute(value, attribute);
  }
  return value;
}

function argument(name: string, given: Arguments, position: { next: number }): Value {
  if (name !== "" && !/^\d+$/.test(name)) {
    const value = given.named(name);
    if (value === undefined) throw new PythonError("KeyError", quoted(name));
    return value;
  }
  const index = name === "" ? position.next : Number(name);
  if (name === "") position.next += 1;
  const value = given.positional[index];
  if (value === undefined) {
    throw new PythonError("IndexError", `Replacement index ${index} out of range for positional args tuple`);
  }
  return value;
}

function converted(value: Value, conversion: string): Value {
  switch (conversion) {
    case "":
      return value;
    case "s":
      return str(value);
    case "r":
    case "a":
      return repr(value);
    default:
      throw valueError(`Unknown conversion specifier ${conversion}`);
  }
}
