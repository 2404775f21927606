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
  const redactions = [...packedForms(secret), secret].map((form) => redactionOfForm(Array.from(form)));
  return (text) => redactions.reduce((kept, redact) => redact(kept), text);
}

function redactionOfForm(characters: readonly string[]): (text: string) => string {
  const beginning = new RegExp(patternOf(characters.slice(0, MIN_SECRET_LENGTH)), "u");
  let pieces: readonly Piece[] | null = null;
  return (text) => {
    // Most texts have nothing of it, and don't need the rest.
    if (!beginning.test(text)) return text;
    pieces ??= piecesOf(characters).map(pieceOf);
    const kept = withoutPieces(text, pieces);
    return beginning.test(kept) ? withoutBeginning(kept, pieces) : kept;
  };
}

/** One part of a form, as patterns that are made when they are first looked for: most are not. */
interface Piece {
  readonly whole: () => RegExp;
  /** As much of it as stands at the end of the text. */
  readonly brokenOff: () => RegExp;
}

function pieceOf(characters: readonly string[], at: number): Piece {
  let [whole, brokenOff]: (RegExp | null)[] = [null, null];
  const flags = at === 0 ? "gu" : "uy";
  const atLeast = at === 0 ? MIN_BEGINNING_LENGTH : 0;
  return {
    whole: () => (whole ??= new RegExp(patternOf(characters), flags)),
    brokenOff: () => (brokenOff ??= new RegExp(brokenOffPattern(characters, atLeast), flags)),
  };
}

/** Replaces the first piece, and those after it as far as they follow or the text goes. */
function withoutPieces(text: string, [first, ...others]: readonly Piece[]): string {
  if (first === undefined) return text;
  let rest = "";
  let from = 0;
  for (const { index, 0: found } of text.matchAll(first.whole())) {
    if (index < from) continue;
    let end = index + found.length;
    for (const { whole, brokenOff } of others) {
      const next = endOf(whole(), text, end) ?? endOf(brokenOff(), text, end);
      if (next === null) break;
      end = next;
    }
    rest += text.slice(from, index) + REDACTED;
    from = end;
  }
  return rest + text.slice(from);
}

function withoutBeginning(text: string, [first]: readonly Piece[]): string {
  return first === undefined ? text : text.replace(first.brokenOff(), REDACTED);
}

/** Where it ends if it stands at `from`; null if it does not. */
function endOf(pattern: RegExp, text: string, from: number): number | null {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : null;
}

/** None of them so short that it is in other texts too. */
function piecesOf(characters: readonly string[]): string[][] {
  const count = Math.max(1, Math.floor(characters.length / PIECE_LENGTH));
  return Array.from({ length: count }, (_, at) =>
    characters.slice(at * PIECE_LENGTH, at === count - 1 ? undefined : (at + 1) * PIECE_LENGTH),
  );
}

function packedForms(secret: string): string[] {
  // URL encoding and UTF-8 know no lone surrogate, which cannot travel there anyway.
  const bytes = new TextEncoder().encode(secret.toWellFormed());
  const inHex = [...bytes].map(hexOf).join("");
  const forms = new Set([...base64Forms(bytes), inHex, inHex.toUpperCase()]);
  return [...forms].filter((form) => form.length >= MIN_SECRET_LENGTH);
}

function patternOf(characters: readonly string[]): string {
  return characters.map(characterPattern).join("");
}

/** What a text may end with that breaks off in the midst of a character: of an escape, or of its bytes. */
const BROKEN_CHARACTER = String.raw`(?:\ufffd|[\\%&][\\%&;#\w]{0,32})?`;

/** At least so many of the characters, and of the others as many as there are until the text ends. */
function brokenOffPattern(characters: readonly string[], atLeast: number): string {
  const others = characters.slice(atLeast).map((character) => `(?:${characterPattern(character)}`);
  const needed = patternOf(characters.slice(0, atLeast));
  return `${needed}${others.join("")}${")?".repeat(others.length)}${BROKEN_CHARACTER}$`;
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
