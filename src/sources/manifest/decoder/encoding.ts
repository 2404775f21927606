import { z } from "zod";

import { SourceFailure } from "#sources/source";

/** The name of an encoding, as Python names them. */
export const encodingName = z
  .string()
  .refine(
    isKnown,
    "This encoding is not known here: use utf-8, utf-16, iso-8859-1, cp1252 or another that browsers know.",
  );

/**
 * Decodes bytes by the name of their encoding, as Python names them: `utf-8`, `latin-1`, `cp1252`. A byte order mark is
 * no part of the text.
 *
 * @throws SourceFailure of kind `bad_response` where the bytes are something else
 */
export function decodeAs(encoding: string, bytes: Uint8Array): string {
  const label = labelOf(encoding);
  if (label === LATIN_1) return latin1(bytes);
  try {
    return decoderFor(label, bytes).decode(bytes);
  } catch (error) {
    const reason = error instanceof RangeError ? "is not known here" : "does not fit the bytes of the answer";
    throw new SourceFailure({
      kind: "bad_response",
      message: `The encoding "${encoding}" ${reason}.`,
      final: error instanceof RangeError,
    });
  }
}

/** The encoding that an answer says it has; null where it says nothing, or something unknown. */
export function charsetOf(contentType: string | undefined): string | null {
  const name = /;\s*charset\s*=\s*["']?([^\s"';]+)/i.exec(contentType ?? "")?.[1];
  return name !== undefined && isKnown(name) ? name : null;
}

function isKnown(encoding: string): boolean {
  const label = labelOf(encoding);
  if (label === LATIN_1) return true;
  try {
    return new TextDecoder(label).encoding !== "";
  } catch {
    return false;
  }
}

/** Browsers, and so Workers, take Windows' encoding for this one; Python does not. */
const LATIN_1 = "iso-8859-1";

/** Names of Python's that browsers do not have, or have for something else. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["latin-1", LATIN_1],
  ["latin1", LATIN_1],
  ["iso8859-1", LATIN_1],
  ["l1", LATIN_1],
  ["latin-2", "iso-8859-2"],
  ["latin-9", "iso-8859-15"],
  ["utf", "utf-8"],
  ["u8", "utf-8"],
  ["utf-8-sig", "utf-8"],
  ["utf-16-le", "utf-16le"],
  ["utf-16-be", "utf-16be"],
  ["utf16", "utf-16"],
  ["mac-roman", "macintosh"],
]);

function labelOf(encoding: string): string {
  const label = encoding.trim().toLowerCase().replaceAll(/[\s_]/g, "-");
  return ALIASES.get(label) ?? label;
}

function decoderFor(label: string, bytes: Uint8Array): TextDecoder {
  const isBigEndian = label === "utf-16" && bytes[0] === 0xfe && bytes[1] === 0xff;
  return new TextDecoder(isBigEndian ? "utf-16be" : label, { fatal: true, ignoreBOM: false });
}

/** Characters at a time: so many arguments fit a call. */
const CHUNK = 8192;

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.byteLength; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return text;
}
