/**
 * Shorter secrets are left alone: replacing every occurrence of two or three characters would make a message
 * unreadable, and say more about the secret than it hides.
 */
const MIN_SECRET_LENGTH = 4;

const REDACTED = "[redacted]";

/** Of a secret that a text breaks off in, as much as is more than a coincidence. */
const MIN_BEGINNING_LENGTH = 8;

/**
 * A function that replaces every occurrence of the secrets, in any form they travel in, by `[redacted]`; also one that
 * the text breaks off in, since long answers are cut.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH).flatMap(formsOf));
  if (forms.size === 0) return (text) => text;
  // The longest first, so that a secret which contains another is replaced as a whole.
  const longestFirst = [...forms].toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escapeForPattern).join("|"), "g");
  return (text) => withoutBeginning(text.replace(pattern, REDACTED), longestFirst);
}

function withoutBeginning(text: string, forms: readonly string[]): string {
  let kept = text.length;
  for (const form of forms) {
    for (let length = Math.min(form.length - 1, text.length); length >= MIN_BEGINNING_LENGTH; length -= 1) {
      if (!text.endsWith(form.slice(0, length))) continue;
      kept = Math.min(kept, text.length - length);
      break;
    }
  }
  return kept === text.length ? text : text.slice(0, kept) + REDACTED;
}

/** As it is, inside JSON of several writers, in HTML, in a URL, in a URL inside a URL, in a form, in base64, in hex. */
function formsOf(secret: string): string[] {
  // URL encoding throws on a lone surrogate, which cannot travel in a URL anyway.
  const wellFormed = secret.toWellFormed();
  const inUrl = encodeURIComponent(wellFormed);
  const inJson = JSON.stringify(secret).slice(1, -1);
  const bytes = new TextEncoder().encode(wellFormed);
  const inHex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [
    secret,
    inJson,
    // As PHP writes it, as Python does, as both at once, and JSON inside JSON.
    inJson.replaceAll("/", String.raw`\/`),
    inAscii(inJson),
    inAscii(inJson.replaceAll("/", String.raw`\/`)),
    JSON.stringify(inJson).slice(1, -1),
    ...htmlForms(secret),
    inUrl,
    inUrl.replaceAll("%20", "+"),
    inUrl.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
    encodeURI(wellFormed),
    encodeURIComponent(inUrl),
    ...base64Forms(bytes),
    inHex,
    inHex.toUpperCase(),
  ].filter((form) => form.length >= MIN_SECRET_LENGTH);
}

function inAscii(json: string): string {
  return json.replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Quotes have a name, a number in tens and one in sixteens. */
function htmlForms(secret: string): string[] {
  const escaped = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const quoted = [
    ["&quot;", "&#39;"],
    ["&#34;", "&#39;"],
    ["&#34;", "&#x27;"],
    ["&quot;", "&#x27;"],
  ].map(([double = "", single = ""]) => escaped.replaceAll('"', double).replaceAll("'", single));
  return [escaped, ...quoted];
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
