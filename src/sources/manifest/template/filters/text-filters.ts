import { undefinedError } from "#sources/manifest/python/compare";
import { allowTextLength } from "#sources/manifest/python/limits";
import { needInteger } from "#sources/manifest/python/number";
import { percentFormat } from "#sources/manifest/python/percent-format";
import { PythonError, typeError } from "#sources/manifest/python/python-error";
import { lengthOf } from "#sources/manifest/python/sequence";
import { padText, replaceText, strip } from "#sources/manifest/python/str-methods";
import { str } from "#sources/manifest/python/text";
import { capitalize, splitLines } from "#sources/manifest/python/text-case";
import { isTrue } from "#sources/manifest/python/truth";
import { Dict } from "#sources/manifest/python/dict";
import { Tuple, typeName, Undefined, type Value } from "#sources/manifest/python/value";
import { filter, type Filters } from "#sources/manifest/template/filter-definition";
import { escapeHtml, stripTags } from "#sources/manifest/template/html";
import { wrapText } from "#sources/manifest/template/wrap-text";

/** Jinja's filters for texts. */
export const TEXT_FILTERS: Filters = {
  capitalize: filter([], (value) => capitalize(str(value))),
  center: filter(["width"], (value, given) => padText(str(value), given.integer("width", 80), " ", "center")),
  e: filter([], (value) => escapeHtml(str(value))),
  escape: filter([], (value) => escapeHtml(str(value))),
  forceescape: filter([], (value) => escapeHtml(str(value))),
  format: (value, args, named) => {
    if (args.length > 0 && named.size > 0) {
      throw new PythonError("ValueError", "can't handle positional and keyword arguments at the same time");
    }
    return percentFormat(str(value), named.size > 0 ? new Dict(named) : new Tuple(args));
  },
  indent: filter(["width", "first", "blank"], (value, given) => {
    const width = given.get("width", 4);
    return indent(needText(value), width, isTrue(given.get("first", false)), isTrue(given.get("blank", false)));
  }),
  lower: filter([], (value) => str(value).toLowerCase()),
  replace: filter(["old", "new", "count"], (value, given) =>
    replaceText(str(value), str(given.need("old")), str(given.need("new")), given.optionalInteger("count") ?? -1),
  ),
  safe: filter([], (value) => str(value)),
  striptags: filter([], (value) => stripTags(str(value))),
  title: filter([], (value) => title(str(value))),
  trim: filter(["chars"], (value, given) => strip(str(value), given.optionalText("chars"))),
  truncate: filter(["length", "killwords", "end", "leeway"], (value, given) =>
    truncate(value, {
      length: given.integer("length", 255),
      isWordCut: isTrue(given.get("killwords", false)),
      end: given.text("end", "..."),
      leeway: given.optionalInteger("leeway") ?? LEEWAY,
    }),
  ),
  upper: filter([], (value) => str(value).toUpperCase()),
  wordcount: filter([], (value) => str(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  wordwrap: filter(["width", "break_long_words", "wrapstring", "break_on_hyphens"], (value, given) =>
    wrapText(needText(value), {
      width: given.integer("width", 79),
      isLongWordBroken: isTrue(given.get("break_long_words", true)),
      separator: given.optionalText("wrapstring") ?? "\n",
      isBrokenAtHyphens: isTrue(given.get("break_on_hyphens", true)),
    }),
  ),
};

/** Jinja's policy: a text so much longer than allowed is not worth shortening. */
const LEEWAY = 5;

/** For filters that Jinja lets fail at anything but a text. */
function needText(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof Undefined) throw undefinedError(value);
  throw typeError(`a text is needed, not ${typeName(value)}`);
}

function indent(text: string, width: Value, isFirst: boolean, isBlank: boolean): string {
  const spaces = typeof width === "string" ? 0 : Math.max(0, needInteger(width, "width"));
  const lines = splitLines(`${text}\n`);
  allowTextLength(text.length + lines.length * (typeof width === "string" ? width.length : spaces));
  const indention = typeof width === "string" ? width : " ".repeat(spaces);
  const [head = "", ...rest] = lines;
  const indented = rest.map((line) => (line === "" && !isBlank ? line : indention + line));
  return (isFirst ? indention : "") + [head, ...indented].join("\n");
}

/** Large after hyphens, spaces and opening brackets only: Jinja's own, unlike the method of texts. */
function title(text: string): string {
  return text
    .split(/([-\s({[<]+)/)
    .map(capitalize)
    .join("");
}

interface Truncation {
  readonly length: number;
  readonly isWordCut: boolean;
  readonly end: string;
  readonly leeway: number;
}

function truncate(value: Value, { length, isWordCut, end, leeway }: Truncation): Value {
  const size = lengthOf(value);
  if (size === undefined) throw typeError(`object of type '${typeName(value)}' has no len()`);
  if (length < end.length || leeway < 0) {
    throw new PythonError(
      "ValueError",
      `expected length >= ${end.length} and leeway >= 0, got ${length} and ${leeway}`,
    );
  }
  if (size <= length + leeway) return value;
  const cut = Array.from(needText(value))
    .slice(0, length - end.length)
    .join("");
  const space = cut.lastIndexOf(" ");
  return (isWordCut || space === -1 ? cut : cut.slice(0, space)) + end;
}
