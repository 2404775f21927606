/** An address cut at its delimiters; nothing is decoded. */
interface UrlParts {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

/** RFC 3986, appendix B. A scheme begins with a letter, so that `10:30` is a path. */
const PARTS = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is;

const UNRESERVED = /[\w.~-]/;

/** What stands for itself in a path, and (with `?`) in a query: RFC 3986's pchar, which `requests` goes by. */
const PATH_LITERALS = /[\w.~!$&'()*+,;=:@/-]/;
const QUERY_LITERALS = /[\w.~!$&'()*+,;=:@/?-]/;

/**
 * The address that a base and a path make, as the CDK joins them: the base counts as a directory; a path that begins
 * with a slash begins at the host; a path that is an address stands alone. Relative to it, `.` and `..` are resolved
 * as by Python's `urljoin`.
 */
export function joinUrl(base: string, path: string): string {
  if (path === "") return base;
  const from = split(base.endsWith("/") ? base : `${base}/`);
  const to = split(path);
  const scheme = to.scheme === "" ? from.scheme : to.scheme;
  if (scheme !== from.scheme) return path;
  if (to.authority !== "") return unsplit({ ...to, scheme });
  const { authority } = from;
  const { fragment } = to;
  if (to.path === "") return unsplit({ ...from, query: to.query === "" ? from.query : to.query, fragment });
  return unsplit({ scheme, authority, path: resolved(from.path, to.path), query: to.query, fragment });
}

/**
 * The address as Python's `requests` writes it on the wire: what may not stand in it is percent-encoded, what needs no
 * encoding is decoded, and the query (encoded already) is added to the one it has. User name, password and fragment
 * are not sent.
 *
 * @returns null for what is no address of a web server
 */
export function preparedUrl(url: string, query: string): string | null {
  const parts = split(url.trimStart());
  const host = parts.authority.slice(parts.authority.lastIndexOf("@") + 1);
  if (!/^https?$/.test(parts.scheme) || host === "") return null;
  const path = normalized(withoutDots(parts.path), PATH_LITERALS);
  const own = normalized(parts.query, QUERY_LITERALS);
  const whole = [own, query].filter((part) => part !== "").join("&");
  const rooted = path.startsWith("/") ? path : `/${path}`;
  const prepared = `${parts.scheme}://${host}${rooted}${whole === "" ? "" : `?${unescapedUnreserved(whole)}`}`;
  return URL.canParse(prepared) ? prepared : null;
}

/** What stands between `?` and `#`. */
export function queryOf(url: string): string {
  return split(url).query;
}

function split(url: string): UrlParts {
  // Python drops these wherever they stand, as browsers do.
  const [, scheme = "", authority = "", path = "", query = "", fragment = ""] =
    PARTS.exec(url.replaceAll(/[\t\r\n]/g, "").replace(/^[\0- ]+/, "")) ?? [];
  return { scheme: scheme.toLowerCase(), authority, path, query, fragment };
}

function unsplit({ scheme, authority, path, query, fragment }: UrlParts): string {
  const rooted = authority !== "" && path !== "" && !path.startsWith("/") ? `/${path}` : path;
  const start = `${scheme === "" ? "" : `${scheme}:`}${authority === "" ? "" : `//${authority}`}`;
  return `${start}${rooted}${query === "" ? "" : `?${query}`}${fragment === "" ? "" : `#${fragment}`}`;
}

function resolved(base: string, path: string): string {
  const directory = base.split("/");
  if (directory.at(-1) !== "") directory.pop();
  const all = path.startsWith("/") ? path.split("/") : [...directory, ...path.split("/")];
  // A path from the root keeps its empty segments; between a directory and a relative path they are slips.
  const segments = path.startsWith("/")
    ? all
    : all.filter((segment, index) => index === 0 || index === all.length - 1 || segment !== "");
  const result: string[] = [];
  for (const segment of segments) {
    if (segment === "..") result.pop();
    else if (segment !== ".") result.push(segment);
  }
  if (/^\.\.?$/.test(segments.at(-1) ?? "")) result.push("");
  const joined = result.join("/");
  return joined === "" ? "/" : joined;
}

/** RFC 3986, section 5.2.4. */
function withoutDots(path: string): string {
  const output: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") output.pop();
    else if (segment !== ".") output.push(segment);
  }
  if (path.startsWith("/") && output[0] !== "") output.unshift("");
  if (/\/\.\.?$/.test(path)) output.push("");
  return output.join("/");
}

/** Encodes what may not stand in a part of an address. A part with a stray `%` has none that encodes something. */
function normalized(part: string, literals: RegExp): string {
  const upper = part.replaceAll(/%[0-9a-f]{2}/gi, (escape) => escape.toUpperCase());
  const isEncoded = !/%(?![0-9A-F]{2})/.test(upper);
  const encoded = Array.from(upper.toWellFormed(), (character) => {
    const stands = literals.test(character) || (character === "%" && isEncoded);
    return stands ? character : percentEncoded(character);
  }).join("");
  return unescapedUnreserved(encoded);
}

/** RFC 3986, section 6.2.2.2. */
function unescapedUnreserved(text: string): string {
  return text.replaceAll(/%([0-9A-F]{2})/g, (escape, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return UNRESERVED.test(character) ? character : escape;
  });
}

function percentEncoded(character: string): string {
  return Array.from(
    new TextEncoder().encode(character),
    (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
}
