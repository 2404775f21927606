/** A link of an answer: its `url`, and its parameters such as `rel`. */
export type Link = Readonly<Record<string, string>>;

/**
 * The links of a `Link` header (RFC 8288) by their `rel`, or by their address where they have none: as the `links` of
 * Python's `requests`, which is what manifests were written against.
 */
export function linksIn(header: string): Readonly<Record<string, Link>> {
  const value = trimmed(header, " '\"");
  if (value === "") return {};
  return Object.fromEntries(
    value.split(/, *</).map((part) => {
      const link = linkIn(part);
      const rel = Object.hasOwn(link, "rel") ? link["rel"] : "";
      return [rel === "" || rel === undefined ? (link["url"] ?? "") : rel, link];
    }),
  );
}

function linkIn(part: string): Link {
  const [address = "", ...parameters] = part.split(";");
  const link = new Map([["url", trimmed(address, "<> '\"")]]);
  for (const parameter of parameters) {
    const [name = "", value, ...rest] = parameter.split("=");
    // What follows something that is no parameter is not read.
    if (value === undefined || rest.length > 0) break;
    link.set(trimmed(name, " '\""), trimmed(value, " '\""));
  }
  return Object.fromEntries(link);
}

/** Python's `strip(characters)`. */
function trimmed(text: string, characters: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && characters.includes(text.charAt(start))) start += 1;
  while (end > start && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
