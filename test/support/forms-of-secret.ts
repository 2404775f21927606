/**
 * How a secret may be written: as it is, in hex, in base64 alone or with its user, and each of these in JSON, also as PHP
 * writes it, in JSON within JSON and in a URL.
 */
export function formsOf(secret: string, usernames: readonly string[]): string[] {
  const bytes = Buffer.from(secret, "utf8");
  const inHex = bytes.toString("hex");
  const inBase64 = [
    base64(secret),
    bytes.toString("base64url"),
    ...usernames.map((name) => base64(`${name}:${secret}`)),
  ];
  const forms = [secret, inHex, inHex.toUpperCase(), ...inBase64].flatMap((form) => {
    const inJson = inJsonString(form);
    return [form, inJson, inJson.replaceAll("/", String.raw`\/`), inJsonString(inJson), encodeURIComponent(form)];
  });
  return [...new Set(forms)];
}

function inJsonString(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function base64(plain: string): string {
  return Buffer.from(plain, "utf8").toString("base64");
}
