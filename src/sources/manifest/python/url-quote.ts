/** What `quote` never escapes, besides ASCII letters and digits. */
const ALWAYS_SAFE = "_.-~";

/** As Python's `urllib.parse.quote`: UTF-8, percent-encoded but for letters, digits, `_.-~` and what is named safe. */
export function quoteUrl(text: string, safe = "/"): string {
  const bytes = new TextEncoder().encode(text);
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    const isSafe = /[A-Za-z\d]/.test(character) || (byte < 0x80 && (ALWAYS_SAFE + safe).includes(character));
    return isSafe ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

/** As Python's `urllib.parse.quote_plus`: a space becomes a plus, and a slash is escaped. */
export function quoteUrlPlus(text: string): string {
  return quoteUrl(text, " ").replaceAll(" ", "+");
}
