/**
 * Shorter secrets are left alone: replacing every occurrence of two or three characters would make a message
 * unreadable, and say more about the secret than it hides.
 */
const MIN_SECRET_LENGTH = 4;

const REDACTED = "[redacted]";

/** A function that replaces every occurrence of the secrets, in any form they travel in, by `[redacted]`. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH).flatMap(formsOf));
  if (forms.size === 0) return (text) => text;
  // The longest first, so that a secret which contains another is replaced as a whole.
  const longestFirst = [...forms].toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escapeForPattern).join("|"), "g");
  return (text) => text.replace(pattern, REDACTED);
}

/** As it is, inside JSON, in a URL, in a form, in base64. */
function formsOf(secret: string): string[] {
  // URL encoding throws on a lone surrogate, which cannot travel in a URL anyway.
  const wellFormed = secret.toWellFormed();
  const inUrl = encodeURIComponent(wellFormed);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    inUrl,
    inUrl.replaceAll("%20", "+"),
    inUrl.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
    encodeURI(wellFormed),
    ...base64Forms(new TextEncoder().encode(wellFormed)),
  ].filter((form) => form.length >= MIN_SECRET_LENGTH);
}

/**
 * Base64 packs three bytes into four characters, so what a secret looks like inside a longer text (`user:secret`)
 * depends on how many bytes stand before it, modulo three. The characters shared with a neighbour are left out.
 */
function base64Forms(bytes: Uint8Array): string[] {
  return [0, 1, 2].flatMap((before) => {
    const length = before + bytes.length;
    const padded = new Uint8Array(length);
    padded.set(bytes, before);
    const first = Math.ceil((before * 4) / 3);
    const last = Math.floor((length * 4) / 3);
    const form = btoa(String.fromCharCode(...padded)).slice(first, last);
    return [form, form.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

function escapeForPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
