/** The longest an IPv6 address is written; what is longer is no address. */
const MAX_ADDRESS_LENGTH = 45;

/** Set by Cloudflare itself, so a client can't choose it; absent only in local development. */
export function clientAddress(headers: Headers): string {
  const address = headers.get("cf-connecting-ip");
  return address === null || address.length > MAX_ADDRESS_LENGTH ? "unknown" : address;
}
