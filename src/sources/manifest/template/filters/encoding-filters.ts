import { undefinedError } from "#sources/manifest/python/compare";
import { dumpJson } from "#sources/manifest/python/json-dumps";
import { entriesOf, isMapping } from "#sources/manifest/python/dict";
import { PythonError, typeError, valueError } from "#sources/manifest/python/python-error";
import { regexOf } from "#sources/manifest/python/regex";
import { replaceMatches } from "#sources/manifest/python/regex-replace";
import { iterate, itemsIn } from "#sources/manifest/python/sequence";
import { joinTexts } from "#sources/manifest/python/str-methods";
import { repr, str } from "#sources/manifest/python/text";
import { isTrue } from "#sources/manifest/python/truth";
import { quoteUrl, quoteUrlPlus } from "#sources/manifest/python/url-quote";
import { Tuple, typeName, Undefined, type Value } from "#sources/manifest/python/value";
import { asInteger } from "#sources/manifest/python/number";
import { decodeBase64, encodeBase64 } from "#sources/manifest/template/base64";
import { digest, DIGESTS, hmacSha256 } from "#sources/manifest/template/digest";
import { filter, type Filters } from "#sources/manifest/template/filter-definition";
import { escapeHtml } from "#sources/manifest/template/html";

/** Filters that write a value in another form: Jinja's, and those that the Airbyte CDK adds to it. */
export const ENCODING_FILTERS: Filters = {
  base64binascii_decode: filter([], (value) => {
    const text = encodable(value);
    if (/[^\0-\x7f]/.test(text)) throw valueError("'ascii' codec can't encode the text");
    // It encodes, in spite of its name, as the CDK's does.
    return encodeBase64(text);
  }),
  base64decode: filter([], (value) => decodeBase64(encodable(value))),
  base64encode: filter([], (value) => encodeBase64(encodable(value))),
  hash: filter(["hash_type", "salt"], (value, given) => {
    const algorithm = given.text("hash_type", "md5");
    const salt = given.get("salt", null);
    const hash = digest(algorithm, [str(value), ...(isTrue(salt) ? [str(salt)] : [])]);
    if (hash === undefined)
      throw new PythonError("AttributeError", `No hashing function named ${algorithm}: there are ${DIGESTS}.`);
    return hash;
  }),
  hmac: filter(["key", "hash_type"], (value, given) => {
    const algorithm = given.get("hash_type", "sha256");
    if (algorithm !== "sha256") throw valueError(`Hash type '${str(algorithm)}' is not allowed. Allowed types: sha256`);
    return hmacSha256(str(given.need("key")), str(value));
  }),
  pprint: filter([], (value) => repr(value)),
  regex_replace: filter(["regex", "replacement"], (value, given, { work }) =>
    replaceMatches(regexOf(given.text("regex")), given.text("replacement"), searchable(value), work.regexBudget),
  ),
  regex_search: filter(["regex"], (value, given, { work }) => {
    const regex = regexOf(given.text("regex"));
    const match = regex.search(Array.from(searchable(value)), 0, work.regexBudget);
    if (match === undefined || regex.groupCount === 0) return "";
    return match.groups[1] ?? null;
  }),
  /** Not Jinja's own: the CDK quotes JSON, so that the value stays a text when the result is read as a literal. */
  string: filter([], (value) => (typeof value === "string" ? value : `"""${dumpJson(value)}"""`)),
  tojson: filter(["indent"], (value, given) => {
    const indent = given.get("indent", null);
    const spaces = asInteger(indent);
    const text = dumpJson(value, {
      sortKeys: true,
      indent:
        spaces === undefined
          ? typeof indent === "string"
            ? indent
            : undefined
          : " ".repeat(Math.min(Number(spaces), MAX_INDENT)),
    });
    return text.replaceAll(/[<>&']/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
  }),
  urlencode: filter([], urlEncode),
  xmlattr: filter(["autospace"], (value, given) => xmlAttributes(value, isTrue(given.get("autospace", true)))),
};

/** More spaces than anybody indents by. */
const MAX_INDENT = 100;

function encodable(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof Undefined) throw undefinedError(value);
  throw new PythonError("AttributeError", `'${typeName(value)}' object has no attribute 'encode'`);
}

function searchable(value: Value): string {
  if (typeof value === "string") return value;
  throw typeError(`expected string or bytes-like object, got '${typeName(value)}'`);
}

function urlEncode(value: Value): Value {
  if (typeof value === "string" || itemsIn(value) === undefined) return quoteUrl(str(value));
  const pairs = isMapping(value) ? entriesOf(value) : iterate(value).map(pairOf);
  return joinTexts(
    "&",
    pairs.map(([key, item]) => `${quoteUrlPlus(str(key))}=${quoteUrlPlus(str(item))}`),
  );
}

function pairOf(value: Value): readonly [Value, Value] {
  const items = value instanceof Tuple ? value.items : iterate(value);
  const [key, item] = items;
  if (key === undefined || item === undefined || items.length !== 2) throw valueError("a pair is needed");
  return [key, item];
}

function xmlAttributes(value: Value, isSpaced: boolean): string {
  if (value instanceof Undefined) throw undefinedError(value);
  if (!isMapping(value))
    throw new PythonError("AttributeError", `'${typeName(value)}' object has no attribute 'items'`);
  const given = entriesOf(value).filter(([, item]) => item !== null && !(item instanceof Undefined));
  const texts = given.map(([key, item]) => {
    if (/[\s/>=]/.test(str(key))) throw valueError(`Invalid character in attribute name: ${repr(key)}`);
    return `${escapeHtml(str(key))}="${escapeHtml(str(item))}"`;
  });
  return (isSpaced && texts.length > 0 ? " " : "") + joinTexts(" ", texts);
}
