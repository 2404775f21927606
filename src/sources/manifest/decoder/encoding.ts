import { SourceFailure } from "#sources/source";

/** Decodes bytes by the name of their encoding, as Python names them: `utf-8`, `latin-1`, `iso-8859-1`. */
export function decodeAs(encoding: string, bytes: Uint8Array): string {
  const label = encoding.toLowerCase().replaceAll("_", "-");
  try {
    return new TextDecoder(ALIASES.get(label) ?? label, { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (error) {
    const reason = error instanceof RangeError ? "is not known here" : "does not fit the bytes of the answer";
    throw new SourceFailure({
      kind: "bad_response",
      message: `The encoding "${encoding}" of the manifest's decoder ${reason}.`,
      final: error instanceof RangeError,
    });
  }
}

/** Names of Python's that browsers, and so Workers, do not have. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["latin-1", "iso-8859-1"],
  ["latin1", "iso-8859-1"],
  ["utf8", "utf-8"],
  ["utf-8-sig", "utf-8"],
]);
