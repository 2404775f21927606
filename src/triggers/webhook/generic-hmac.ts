import { genuine, mismatched, unsigned, type Delivery, type Verdict } from "./delivery.ts";
import { bytesOf, fromBase64, fromHex, isSigned, type HmacAlgorithm } from "./hmac.ts";

export interface GenericHmac {
  /** In lower case. */
  readonly header: string;
  readonly encoding: "hex" | "base64";
  /** What stands before the signature, such as `sha256=`; empty for nothing. */
  readonly prefix: string;
  readonly algorithm: HmacAlgorithm;
}

/** Any sender that signs the body, and nothing else, with HMAC. */
export async function verifyGenericHmac(
  { header, encoding, prefix, algorithm }: GenericHmac,
  { headers, body }: Delivery,
  secrets: readonly string[],
): Promise<Verdict> {
  const value = headers[header];
  if (value === undefined) return unsigned(header);
  const spelled = value.startsWith(prefix) ? value.slice(prefix.length).trim() : "";
  const signature = encoding === "hex" ? fromHex(spelled) : fromBase64(spelled);
  const signatures = signature === null ? [] : [signature];
  const isMatch = await isSigned({ algorithm, keys: secrets.map(bytesOf), signatures, content: body });
  return isMatch ? genuine(null) : mismatched(header);
}
