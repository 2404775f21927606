const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&#39;",
  '"': "&#34;",
};

/** Escapes a text for HTML with the entities that MarkupSafe uses. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>'"]/g, (character) => ENTITIES[character] ?? character);
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

/** A text without tags and comments, with single spaces and without the commonest entities. */
export function stripTags(text: string): string {
  const spaced = withoutTags(text)
    .split(/\s+/)
    .filter((word) => word !== "")
    .join(" ");
  return spaced.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|([a-z]+));/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return NAMED[name] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      return code > 0x10_ff_ff ? whole : String.fromCodePoint(code);
    },
  );
}

/** In one pass: a pattern would look for the end of each of a thousand tags that have none. */
function withoutTags(text: string): string {
  const kept: string[] = [];
  let at = 0;
  let hasComments = true;
  for (;;) {
    const start = text.indexOf("<", at);
    const close = start === -1 ? -1 : text.indexOf(">", start);
    if (close === -1) return kept.join("") + text.slice(at);
    kept.push(text.slice(at, start));
    const end = hasComments && text.startsWith("<!--", start) ? text.indexOf("-->", start + "<!--".length) : null;
    if (end === -1) hasComments = false;
    at = end === null || end === -1 ? close + 1 : end + "-->".length;
  }
}
