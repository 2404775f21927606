import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";

import { compactVerify, importSPKI } from "jose";
import { describe, expect, test } from "vitest";

import { signingWith, UnusableKey, type JwtAlgorithm } from "#sources/manifest/authenticator/jwt-signing";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
/** As OpenSSL's `ecparam -genkey` writes it, made for this test. */
const SEC1 = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIK3NQhzUV2Ne7/I0R6916dRRzXPeJgrN6x8SLTWyieFKoAoGCCqGSM49
AwEHoUQDQgAE/Q+lmJweUVxqNR1KAaa8xKZDp/1vBiBz2jt9tpey0nfYHBU6VZ/w
JZ5iyZfEciQtF7709IMvtIAGVIvIb42w2Q==
-----END EC PRIVATE KEY-----`;
const p256 = createPrivateKey(SEC1);
const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
const p521 = generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey;
const ed25519 = generateKeyPairSync("ed25519").privateKey;

const pem = (key: typeof rsa, type: "pkcs8" | "pkcs1" = "pkcs8") => String(key.export({ type, format: "pem" }));
const encrypted = String(
  rsa.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open sesame" }),
);

/** In workerd, since its WebCrypto and its node:crypto are what signs in the end. */
describe("a key signs what its public half verifies", () => {
  test.each<[JwtAlgorithm, string, typeof rsa, string]>([
    ["RS256", "PKCS #8", rsa, pem(rsa)],
    ["RS384", "PKCS #1", rsa, pem(rsa, "pkcs1")],
    ["RS512", "PEM in one line", rsa, pem(rsa).replaceAll("\n", String.raw`\n`)],
    ["PS256", "PKCS #8", rsa, pem(rsa)],
    ["PS384", "PKCS #8", rsa, pem(rsa)],
    ["PS512", "encrypted", rsa, encrypted],
    ["ES256", "SEC 1", p256, SEC1],
    ["ES384", "PKCS #8", p384, pem(p384)],
    ["ES512", "PKCS #8", p521, pem(p521)],
    ["EdDSA", "PKCS #8", ed25519, pem(ed25519)],
  ])("%s, %s", async (algorithm, _form, key, secret) => {
    const sign = await signingWith({ algorithm, secret, passphrase: secret === encrypted ? "open sesame" : "" });
    const token = await sign({ alg: algorithm }, '{"iss":"me"}');

    const spki = String(createPublicKey(key).export({ type: "spki", format: "pem" }));
    const { payload } = await compactVerify(token, await importSPKI(spki, algorithm));
    expect(new TextDecoder().decode(payload)).toBe('{"iss":"me"}');
  });

  test.each<[JwtAlgorithm]>([["HS256"], ["HS384"], ["HS512"]])("%s, however short the secret", async (algorithm) => {
    const sign = await signingWith({ algorithm, secret: "short", passphrase: "" });

    const verified = compactVerify(await sign({ alg: algorithm }, "{}"), new TextEncoder().encode("short"));
    await expect(verified).resolves.toMatchObject({ protectedHeader: { alg: algorithm } });
  });
});

describe("a key that does not fit is refused, saying which one is needed", () => {
  test.each<[string, JwtAlgorithm, string, string, RegExp]>([
    ["no PEM", "RS256", "a secret", "", /RS256 needs a private key/],
    ["another kind", "ES256", pem(rsa), "", /ES256/],
    ["no passphrase", "RS256", encrypted, "", /RS256 needs a private key/],
    ["a wrong passphrase", "RS256", encrypted, "wrong", /passphrase/],
    ["no secret", "HS256", "", "", /empty secret/],
  ])("%s", async (_what, algorithm, secret, passphrase, message) => {
    const signed = signingWith({ algorithm, secret, passphrase }).then((sign) => sign({ alg: algorithm }, "{}"));

    await expect(signed).rejects.toThrow(UnusableKey);
    await expect(signed).rejects.toThrow(message);
  });
});
