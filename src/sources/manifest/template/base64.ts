import { valueError } from "#sources/manifest/python/python-error";

/** The UTF-8 bytes of a text in base64. */
export function encodeBase64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The text whose UTF-8 bytes these are. Foreign characters are skipped, as Python does. Throws a ValueError. */
export function decodeBase64(text: string): string {
  const digits = text.replaceAll(/[^A-Za-z\d+/=]/g, "").replace(/=+.*$/s, (rest) => rest.match(/^=+/)?.[0] ?? "");
  const body = digits.replaceAll("=", "");
  const padding = (4 - (body.length % 4)) % 4;
  if (padding === 3 || digits.length - body.length < padding) throw valueError("Incorrect padding in base64");
  const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw valueError("The bytes in base64 are not UTF-8.");
  }
}
