/**
 * Shorter secrets are left alone: replacing every occurrence of two or three characters would make a message
 * unreadable, and say more about the secret than it hides.
 */
const MIN_SECRET_LENGTH = 4;

/** Of a secret that a text breaks off in, as much as is more than a coincidence. */
const MIN_BEGINNING_LENGTH = 8;

const REDACTED = "[redacted]";

/** How much of a secret one pattern is made of: a pattern of a whole private key takes a second to be made. */
const PIECE_LENGTH = 64;

/**
 * A function that replaces every occurrence of the secrets, in any form they travel in, by `[redacted]`; also one that
 * the text breaks off in, since long answers are cut.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  // The longest first, so that a secret which contains another is replaced as a whole.
  const redactions = [...new Set(secrets)]
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .toSorted((a, b) => b.length - a.length)
    .map(redactionOf);
  return (text) => redactions.reduce((kept, redact) => redact(kept), text);
}

function redactionOf(secret: string): (text: string) => string {
  const packed = new RegExp(packedForms(secret).join("|"), "g");
  const beginning = new RegExp(patternOf(Array.from(secret).slice(0, MIN_SECRET_LENGTH)), "u");
  let pieces: readonly RegExp[] | null = null;
  return (text) => {
    const kept = text.replace(packed, REDACTED);
    // Most texts have nothing of it, and don't need the rest.
    if (!beginning.test(kept)) return kept;
    pieces ??= piecesOf(Array.from(secret)).map((piece, at) => new RegExp(patternOf(piece), at === 0 ? "gu" : "uy"));
    return withoutBeginning(withoutPieces(kept, pieces), secret);
  };
}

/** Replaces the first piece, and those after it as far as they follow. */
function withoutPieces(text: string, [first, ...others]: readonly RegExp[]): string {
  if (first === undefined) return text;
  let rest = "";
  let from = 0;
  for (const { index, 0: found } of text.matchAll(first)) {
    if (index < from) continue;
    let end = index + found.length;
    for (const piece of others) {
      piece.lastIndex = end;
      if (!piece.test(text)) break;
      end = piece.lastIndex;
    }
    rest += text.slice(from, index) + REDACTED;
    from = end;
  }
  return rest + text.slice(from);
}

/** None of them so short that it is in other texts too. */
function piecesOf(characters: readonly string[]): string[][] {
  const count = Math.max(1, Math.floor(characters.length / PIECE_LENGTH));
  return Array.from({ length: count }, (_, at) =>
    characters.slice(at * PIECE_LENGTH, at === count - 1 ? undefined : (at + 1) * PIECE_LENGTH),
  );
}

function withoutBeginning(text: string, secret: string): string {
  for (let length = Math.min(secret.length - 1, text.length); length >= MIN_BEGINNING_LENGTH; length -= 1) {
    if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + REDACTED;
  }
  return text;
}

function packedForms(secret: string): string[] {
  // URL encoding and UTF-8 know no lone surrogate, which cannot travel there anyway.
  const bytes = new TextEncoder().encode(secret.toWellFormed());
  const inHex = [...bytes].map(hexOf).join("");
  return [...base64Forms(bytes), inHex, inHex.toUpperCase()]
    .filter((form) => form.length >= MIN_SECRET_LENGTH)
    .map(escapeForPattern);
}

function patternOf(characters: readonly string[]): string {
  return characters.map(characterPattern).join("");
}

/** More is written by nobody, and would be a long way to look. */
const MAX_BACKSLASHES = 8;
/** As JSON puts them before some characters, and JSON in JSON more of them; also as a URL writes them. */
const BACKSLASHES = String.raw`(?:\\|%(?:25){0,4}5[cC]){0,${MAX_BACKSLASHES}}`;

const HTML_NAMES: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" };
const JSON_NAMES: Readonly<Record<string, string>> = { "\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f" };

/**
 * A character as it is, in JSON, in HTML, in a URL and in a form, and as what was written for one of them is written
 * for another: JSON in a URL in a URL, for example.
 */
function characterPattern(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  const inUrl = [...new TextEncoder().encode(character.toWellFormed())]
    .map((byte) => `%(?:25){0,4}${anyCase(hexOf(byte))}`)
    .join("");
  const inJson = Array.from(character).flatMap((each) =>
    Array.from({ length: each.length }, (_, at) => `u${anyCase(each.charCodeAt(at).toString(16).padStart(4, "0"))}`),
  );
  const htmlNames = [HTML_NAMES[character], `#0{0,4}${point}`, `#[xX]0{0,4}${anyCase(point.toString(16))}`];
  const jsonName = JSON_NAMES[character];
  const forms = [
    escapeForPattern(character),
    inUrl,
    inJson.join(BACKSLASHES),
    `&(?:amp;){0,4}(?:${htmlNames.filter((name) => name !== undefined).join("|")});`,
    ...(jsonName === undefined ? [] : [jsonName]),
    ...(character === " " ? [String.raw`\+`] : []),
  ];
  return `${BACKSLASHES}(?:${forms.join("|")})`;
}

function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function anyCase(hex: string): string {
  return hex.replaceAll(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
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
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, (character) =>
    character === "-" ? String.raw`\x2d` : `\\${character}`,
  );
}
