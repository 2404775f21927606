/** Bytes of randomness in a token: as many as an API key has. */
export const HOOK_TOKEN_RANDOM_BYTES = 32;

const UUID_BYTES = 16;
/** 48 bytes are 64 characters of base64url, without padding. */
const TOKEN_SHAPE = /^[A-Za-z0-9_-]{64}$/;

/**
 * Spells the token of a connection's inbound address: the connection's id, which is where the Worker finds the object
 * without asking a database, and then what nobody can guess.
 */
export function spellHookToken(connectionId: string, random: Uint8Array): string {
  const bytes = new Uint8Array(UUID_BYTES + random.byteLength);
  bytes.set(Uint8Array.fromHex(connectionId.replaceAll("-", "")));
  bytes.set(random, UUID_BYTES);
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Which connection a token is for; null where it is no token. */
export function connectionIdOf(token: string): string | null {
  if (!TOKEN_SHAPE.test(token)) return null;
  const hex = Uint8Array.fromBase64(token, { alphabet: "base64url" }).slice(0, UUID_BYTES).toHex();
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
