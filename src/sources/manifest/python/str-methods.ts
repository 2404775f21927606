import { type Arguments, callable } from "./arguments.ts";
import { bind } from "./arguments.ts";
import { classOf } from "./text-class.ts";
import { allowListLength, allowTextLength } from "./limits.ts";
import { type FieldAccess, formatText } from "./str-format.ts";
import { iterate, slicePositions } from "./sequence.ts";
import { typeError, valueError } from "./python-error.ts";
import { capitalize, splitLines, swapCase, titleCase } from "./text-case.ts";
import { Callable, Tuple, typeName, type Value } from "./value.ts";
import { isMapping, lookUp } from "./dict.ts";

interface Method {
  readonly parameters: readonly string[];
  readonly run: (text: string, given: Arguments) => Value;
}

const RANGE = ["start", "end"];
const PAD = ["width", "fillchar"];

const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["capitalize", plain(capitalize)],
  ["casefold", plain((text) => text.toLowerCase().replaceAll("ß", "ss"))],
  ["center", { parameters: PAD, run: (text, given) => padded(text, given, "center") }],
  ["count", { parameters: ["sub", ...RANGE], run: count }],
  ["endswith", { parameters: ["suffix", ...RANGE], run: (text, given) => touches(text, given, "suffix") }],
  ["expandtabs", { parameters: ["tabsize"], run: (text, given) => expandTabs(text, given.integer("tabsize", 8)) }],
  ["find", { parameters: ["sub", ...RANGE], run: (text, given) => find(text, given, false) }],
  ["index", { parameters: ["sub", ...RANGE], run: (text, given) => needFound(find(text, given, false)) }],
  ["join", { parameters: ["iterable"], run: join }],
  ["ljust", { parameters: PAD, run: (text, given) => padded(text, given, "left") }],
  ["lower", plain((text) => text.toLowerCase())],
  ["lstrip", { parameters: ["chars"], run: (text, given) => strip(text, given.optionalText("chars"), true, false) }],
  ["partition", { parameters: ["sep"], run: (text, given) => partition(text, given, false) }],
  [
    "removeprefix",
    {
      parameters: ["prefix"],
      run: (text, given) => (text.startsWith(given.text("prefix")) ? text.slice(given.text("prefix").length) : text),
    },
  ],
  ["removesuffix", { parameters: ["suffix"], run: removeSuffix }],
  ["replace", { parameters: ["old", "new", "count"], run: replaceMethod }],
  ["rfind", { parameters: ["sub", ...RANGE], run: (text, given) => find(text, given, true) }],
  ["rindex", { parameters: ["sub", ...RANGE], run: (text, given) => needFound(find(text, given, true)) }],
  ["rjust", { parameters: PAD, run: (text, given) => padded(text, given, "right") }],
  ["rpartition", { parameters: ["sep"], run: (text, given) => partition(text, given, true) }],
  ["rsplit", { parameters: ["sep", "maxsplit"], run: (text, given) => split(text, given, true) }],
  ["rstrip", { parameters: ["chars"], run: (text, given) => strip(text, given.optionalText("chars"), false, true) }],
  ["split", { parameters: ["sep", "maxsplit"], run: (text, given) => split(text, given, false) }],
  [
    "splitlines",
    { parameters: ["keepends"], run: (text, given) => splitLines(text, given.get("keepends", false) === true) },
  ],
  ["startswith", { parameters: ["prefix", ...RANGE], run: (text, given) => touches(text, given, "prefix") }],
  ["strip", { parameters: ["chars"], run: (text, given) => strip(text, given.optionalText("chars"), true, true) }],
  ["swapcase", plain(swapCase)],
  ["title", plain(titleCase)],
  ["upper", plain((text) => text.toUpperCase())],
  ["zfill", { parameters: ["width"], run: (text, given) => zeroFilled(text, given.integer("width")) }],
]);

function plain(run: (text: string) => Value): Method {
  return { parameters: [], run };
}

/** The method of a text, bound to it; undefined if it has none of that name here. */
export function strMethod(text: string, name: string, access: FieldAccess): Callable | undefined {
  const method = METHODS.get(name);
  if (method !== undefined) return callable(name, method.parameters, (given) => method.run(text, given));
  const isOf = classOf(name);
  if (isOf !== undefined) return callable(name, [], () => isOf(text));
  if (name === "format") {
    return new Callable(name, (positional, named) =>
      formatText(text, { positional, named: (key) => named.get(key) }, access),
    );
  }
  if (name !== "format_map") return undefined;
  return new Callable(name, (args, named) => {
    const mapping = bind(name, ["mapping"], args, named).need("mapping");
    const get = (key: string) => (isMapping(mapping) ? lookUp(mapping, key) : undefined);
    return formatText(text, { positional: [], named: get }, access);
  });
}

/** Python's whitespace, for `strip` and `split` without arguments. */
const SPACES = "\\s\\x1c-\\x1f\\x85";
const LEADING_SPACE = new RegExp(`^[${SPACES}]+`, "u");
const BYTE_ORDER_MARK = "\ufeff";

function isSpace(character: string): boolean {
  return character !== BYTE_ORDER_MARK && LEADING_SPACE.test(character);
}

/** As Python's `strip`, at either end or both; without characters, whitespace goes. */
export function strip(text: string, set: string | undefined, atStart = true, atEnd = true): string {
  const goes = set === undefined ? isSpace : (character: string) => set.includes(character);
  const list = Array.from(text);
  let from = 0;
  let to = list.length;
  if (atStart) while (from < to && goes(list[from] ?? "")) from += 1;
  if (atEnd) while (to > from && goes(list[to - 1] ?? "")) to -= 1;
  return from === 0 && to === list.length ? text : list.slice(from, to).join("");
}

function split(text: string, given: Arguments, fromRight: boolean): Value {
  const separator = given.optionalText("sep");
  const most = given.integer("maxsplit", -1);
  const limit = most < 0 ? Number.POSITIVE_INFINITY : most;
  if (separator === "") throw valueError("empty separator");
  const parts =
    separator === undefined ? splitSpaces(text, limit, fromRight) : splitAt(text, separator, limit, fromRight);
  allowListLength(parts.length);
  return parts;
}

function splitAt(text: string, separator: string, limit: number, fromRight: boolean): readonly string[] {
  const parts = text.split(separator);
  const extra = parts.length - 1 - limit;
  if (extra <= 0) return parts;
  return fromRight
    ? [parts.slice(0, extra + 1).join(separator), ...parts.slice(extra + 1)]
    : [...parts.slice(0, limit), parts.slice(limit).join(separator)];
}

function splitSpaces(text: string, limit: number, fromRight: boolean): readonly string[] {
  const gap = new RegExp(`[${SPACES}]+`, "gu");
  const trimmed = strip(text, undefined);
  if (trimmed === "") return [];
  const words = trimmed.split(gap);
  const extra = words.length - 1 - limit;
  if (extra <= 0) return words;
  const gaps = [...trimmed.matchAll(gap)];
  const cut = gaps[fromRight ? extra : limit - 1];
  if (fromRight) {
    const rest = strip(text, undefined, false, true);
    const end = rest.length - trimmed.length + (cut?.index ?? trimmed.length);
    return [rest.slice(0, end), ...words.slice(extra + 1)];
  }
  if (cut === undefined) return [strip(text, undefined, true, false)];
  const rest = strip(text, undefined, true, false).slice(cut.index + cut[0].length);
  return [...words.slice(0, limit), rest];
}

function join(separator: string, given: Arguments): Value {
  const items = iterate(given.need("iterable"));
  return joinTexts(
    separator,
    items.map((item, index) => {
      if (typeof item === "string") return item;
      throw typeError(`sequence item ${index}: expected str instance, ${typeName(item)} found`);
    }),
  );
}

/** Joins texts within the limit of what may be made. */
export function joinTexts(separator: string, texts: readonly string[]): string {
  const length = texts.reduce((sum, one) => sum + one.length, separator.length * Math.max(texts.length - 1, 0));
  allowTextLength(length);
  return texts.join(separator);
}

function replaceMethod(text: string, given: Arguments): Value {
  return replaceText(text, given.text("old"), given.text("new"), given.integer("count", -1));
}

/** As Python's `replace`, within the limit of what may be made; a negative count is none. */
export function replaceText(text: string, old: string, replacement: string, most: number): string {
  const parts = old === "" ? ["", ...Array.from(text), ""] : text.split(old);
  const times = most < 0 ? parts.length - 1 : Math.min(most, parts.length - 1);
  allowTextLength(text.length + times * Math.max(0, replacement.length - old.length));
  const head = parts.slice(0, times + 1).join(replacement);
  const tail = parts.slice(times + 1);
  return tail.length === 0 ? head : head + (old === "" ? tail.join("") : old + tail.join(old));
}

function removeSuffix(text: string, given: Arguments): Value {
  const suffix = given.text("suffix");
  return suffix !== "" && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
}

function part(text: string, given: Arguments): { readonly characters: readonly string[]; readonly offset: number } {
  const characters = Array.from(text);
  const start = given.optionalInteger("start") ?? null;
  const stop = given.optionalInteger("end") ?? null;
  if (start === null && stop === null) return { characters, offset: 0 };
  const positions = slicePositions(characters.length, { start, stop, step: null });
  const offset = positions[0] ?? characters.length;
  return { characters: characters.slice(offset, offset + positions.length), offset };
}

function touches(text: string, given: Arguments, parameter: "prefix" | "suffix"): boolean {
  const value = given.need(parameter);
  const candidates = value instanceof Tuple ? value.items : [value];
  const section = part(text, given).characters.join("");
  return candidates.some((candidate) => {
    if (typeof candidate !== "string") {
      throw typeError(
        `${parameter === "prefix" ? "startswith" : "endswith"} first arg must be str or a tuple of str, not ${typeName(candidate)}`,
      );
    }
    return parameter === "prefix" ? section.startsWith(candidate) : section.endsWith(candidate);
  });
}

function find(text: string, given: Arguments, fromRight: boolean): number {
  const { characters, offset } = part(text, given);
  const section = characters.join("");
  const unit = fromRight ? section.lastIndexOf(given.text("sub")) : section.indexOf(given.text("sub"));
  return unit === -1 ? -1 : offset + Array.from(section.slice(0, unit)).length;
}

function needFound(position: number): number {
  if (position === -1) throw valueError("substring not found");
  return position;
}

function count(text: string, given: Arguments): Value {
  const { characters } = part(text, given);
  const sub = given.text("sub");
  return sub === "" ? characters.length + 1 : characters.join("").split(sub).length - 1;
}

function partition(text: string, given: Arguments, fromRight: boolean): Value {
  const separator = given.text("sep");
  if (separator === "") throw valueError("empty separator");
  const at = fromRight ? text.lastIndexOf(separator) : text.indexOf(separator);
  if (at === -1) return new Tuple(fromRight ? ["", "", text] : [text, "", ""]);
  return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)]);
}

function padded(text: string, given: Arguments, side: "left" | "right" | "center"): string {
  const fill = given.text("fillchar", " ");
  if (Array.from(fill).length !== 1) throw typeError("The fill character must be exactly one character long");
  return padText(text, given.integer("width"), fill, side);
}

/** As Python's `ljust`, `rjust` and `center`. */
export function padText(text: string, width: number, fill: string, side: "left" | "right" | "center"): string {
  const { length } = Array.from(text);
  const missing = Math.max(0, width - length);
  allowTextLength(text.length + missing * fill.length);
  if (side !== "center") return side === "left" ? text + fill.repeat(missing) : fill.repeat(missing) + text;
  // CPython puts the odd one to the left where the width is odd.
  const before = Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(before) + text + fill.repeat(missing - before);
}

function zeroFilled(text: string, width: number): string {
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  const missing = Math.max(0, width - Array.from(text).length);
  allowTextLength(text.length + missing);
  return sign + "0".repeat(missing) + text.slice(sign.length);
}

function expandTabs(text: string, size: number): string {
  let result = "";
  let column = 0;
  for (const character of text) {
    if (character === "\t") {
      const spaces = size > 0 ? size - (column % size) : 0;
      allowTextLength(result.length + spaces);
      result += " ".repeat(spaces);
      column += spaces;
    } else {
      result += character;
      column = character === "\n" || character === "\r" ? 0 : column + 1;
    }
  }
  return result;
}
