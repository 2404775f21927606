import { createHmac } from "node:crypto";

import { describe, expect, test } from "vitest";

import type { Delivery } from "#triggers/webhook/delivery";
import { verify, type Verification } from "#triggers/webhook/verification";

interface Sample {
  readonly name: string;
  readonly verification: Verification;
  readonly secret: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** When it was sent, in epoch milliseconds; null where the scheme signs no time. */
  readonly sentAt: number | null;
  readonly toleranceMs: number;
  /** The header with the proof. */
  readonly proof: string;
  readonly deliveryId: string | null;
}

const MINUTE_MS = 60_000;
const FOX = "The quick brown fox jumps over the lazy dog";
const SLACK_SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
const plain = { sentAt: null, toleranceMs: 0, deliveryId: null } as const;

function genericHmac(overrides: Partial<Extract<Verification, { scheme: "hmac" }>>): Verification {
  return { scheme: "hmac", header: "x-signature", encoding: "hex", prefix: "", algorithm: "sha256", ...overrides };
}

/** Where its documentation has an example with a secret, that one; otherwise signed with OpenSSL. */
const SAMPLES: readonly Sample[] = [
  {
    name: "Standard Webhooks, as Svix documents it",
    verification: { scheme: "standard-webhooks" },
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    headers: {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    body: '{"test": 2432232314}',
    sentAt: 1_614_265_330_000,
    toleranceMs: 5 * MINUTE_MS,
    proof: "webhook-signature",
    deliveryId: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  },
  {
    name: "Svix with its own header names, the secret without its prefix, and two signatures",
    verification: { scheme: "standard-webhooks" },
    secret: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    headers: {
      "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "svix-timestamp": "1614265330",
      "svix-signature":
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe8= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    body: '{"test": 2432232314}',
    sentAt: 1_614_265_330_000,
    toleranceMs: 5 * MINUTE_MS,
    proof: "svix-signature",
    deliveryId: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  },
  {
    ...plain,
    name: "GitHub, as it documents it",
    verification: { scheme: "github" },
    secret: "It's a Secret to Everybody",
    headers: {
      "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
      "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    },
    body: "Hello, World!",
    proof: "x-hub-signature-256",
    deliveryId: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
  },
  {
    name: "Stripe",
    verification: { scheme: "stripe" },
    secret: "whsec_test_secret",
    headers: {
      "stripe-signature":
        "t=1492774577,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd,v1=88a022085c6bdb887b02cb26ff76dd681234d9675c0f22844059f55552a8883a,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39",
    },
    body: '{"id":"evt_test_webhook","object":"event"}',
    sentAt: 1_492_774_577_000,
    toleranceMs: 5 * MINUTE_MS,
    proof: "stripe-signature",
    deliveryId: "evt_test_webhook",
  },
  {
    name: "Slack, as it documents it",
    verification: { scheme: "slack" },
    secret: SLACK_SECRET,
    headers: {
      "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
      "x-slack-request-timestamp": "1531420618",
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
    sentAt: 1_531_420_618_000,
    toleranceMs: 5 * MINUTE_MS,
    proof: "x-slack-signature",
    deliveryId: null,
  },
  {
    name: "an event of Slack",
    verification: { scheme: "slack" },
    secret: SLACK_SECRET,
    headers: {
      "x-slack-signature": "v0=649cd74419d0db312c74495a9d279048690dfc1dc085146872cdbe24409ff2ff",
      "x-slack-request-timestamp": "1531420618",
    },
    body: '{"type":"event_callback","event_id":"Ev08MFMKH6"}',
    sentAt: 1_531_420_618_000,
    toleranceMs: 5 * MINUTE_MS,
    proof: "x-slack-signature",
    deliveryId: "Ev08MFMKH6",
  },
  {
    ...plain,
    name: "Shopify, a customer data request as it documents it",
    verification: { scheme: "shopify" },
    secret: "1234",
    headers: {
      "x-shopify-hmac-sha256": "9S2QaXNYueRAz5eBAz0nA8JRxR7BCC3lMDe1XJYocyk=",
      "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    },
    body: '{"shop_id":1234,"shop_domain":"my-shop.myshopify.com","customer":{"id":1234,"email":"derek@morash.com","phone":null},"orders_requested":[1234,5678,9012]}',
    proof: "x-shopify-hmac-sha256",
    deliveryId: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
  },
  {
    name: "Linear",
    verification: { scheme: "linear" },
    secret: "linear-secret",
    headers: {
      "linear-signature": "67979cacbc9393879d8c1dbe2887c307416809d1ffa0723300fbf63b7b805b3e",
      "linear-delivery": "234d1a4e-b617-4388-90fe-adc3633d6b72",
    },
    body: '{"action":"create","type":"Issue","webhookTimestamp":1676056940508,"webhookId":"000042e3-d123-4980-b49f-8e140eef9329"}',
    sentAt: 1_676_056_940_508,
    toleranceMs: MINUTE_MS,
    proof: "linear-signature",
    deliveryId: "234d1a4e-b617-4388-90fe-adc3633d6b72",
  },
  {
    ...plain,
    name: "GitLab",
    verification: { scheme: "gitlab" },
    secret: "a token",
    headers: {
      "x-gitlab-token": "a token",
      "idempotency-key": "f5e5f430-f57b-4e6e-9fac-d9128cd7232f",
      "x-gitlab-event-uuid": "13792a34-cac6-4fda-95a8-c58e00a3954e",
    },
    body: "{}",
    proof: "x-gitlab-token",
    deliveryId: "f5e5f430-f57b-4e6e-9fac-d9128cd7232f",
  },
  {
    ...plain,
    name: "HMAC-SHA1 in hexadecimal with a prefix",
    verification: genericHmac({ algorithm: "sha1", prefix: "sha1=" }),
    secret: "key",
    headers: { "x-signature": "sha1=de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9" },
    body: FOX,
    proof: "x-signature",
  },
  {
    ...plain,
    name: "HMAC-SHA256 in base64, behind a word and a space",
    verification: genericHmac({ encoding: "base64", header: "authorization", prefix: "HMAC " }),
    secret: "key",
    headers: { authorization: "HMAC 97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg=" },
    body: FOX,
    proof: "authorization",
  },
  {
    ...plain,
    name: "HMAC-SHA512 in upper-case hexadecimal",
    verification: genericHmac({ algorithm: "sha512" }),
    secret: "key",
    headers: {
      "x-signature":
        "B42AF09057BAC1E2D41708E48A902E09B5FF7F12AB428A4FE86653C73DD248FB82F948A549F7B791A5B41915EE4D1EC3935357E4E2317250D0372AFA2EBEEB3A",
    },
    body: FOX,
    proof: "x-signature",
  },
];

function deliveryOf({ headers, body }: Pick<Sample, "headers" | "body">): Delivery {
  return { headers, body: new Uint8Array(new TextEncoder().encode(body)) };
}

describe.each(SAMPLES)("$name", (sample) => {
  const now = sample.sentAt ?? 0;
  const check = (changed: Partial<Sample> = {}, at = now, secrets = [sample.secret]) =>
    verify(sample.verification, deliveryOf({ ...sample, ...changed }), secrets, at);
  test("is genuine, and known by its id", async () => {
    expect(await check()).toEqual({ isGenuine: true, deliveryId: sample.deliveryId, challenge: null });
  });

  test("is genuine by any of several secrets, so that they can be changed without a gap", async () => {
    expect(await check({}, now, ["b3RoZXI=", sample.secret])).toMatchObject({ isGenuine: true });
    expect(await check({}, now, [sample.secret, "b3RoZXI="])).toMatchObject({ isGenuine: true });
  });

  test("is refused by another secret", async () => {
    expect(await check({}, now, ["b3RoZXI="])).toMatchObject({ isGenuine: false, fault: "signature" });
    expect(await check({}, now, [])).toMatchObject({ isGenuine: false, fault: "signature" });
  });

  test("is refused without its proof, or with a proof that is garbage", async () => {
    const { [sample.proof]: _proof, ...rest } = sample.headers;
    expect(await check({ headers: rest })).toMatchObject({ isGenuine: false, fault: "signature" });
    for (const garbage of ["", "=", "v1,", "v0=", "sha256=", "sha256=zz", "t=1,v1=", "é", "0".repeat(10_000)]) {
      const headers = { ...sample.headers, [sample.proof]: garbage };
      expect(await check({ headers })).toMatchObject({ isGenuine: false });
    }
  });

  test("says in no refusal what the secret or the body is", async () => {
    const verdict = await check({ body: "what is inside" }, now, ["bm90IHRoaXM="]);
    if (verdict.isGenuine) throw new Error("This should not be genuine.");
    expect(verdict.reason).not.toMatch(/what is inside|bm90IHRoaXM/);
  });
});

test.each(SAMPLES.filter(({ verification }) => verification.scheme !== "gitlab"))(
  "$name: is refused with one byte of its body changed",
  async (sample) => {
    const delivery = deliveryOf({ ...sample, body: `${sample.body} ` });
    const verdict = await verify(sample.verification, delivery, [sample.secret], sample.sentAt ?? 0);
    expect(verdict).toMatchObject({ isGenuine: false, fault: "signature" });
  },
);

/** A byte order mark, a byte that no text in UTF-8 has, and a zero. */
const NO_TEXT = new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0xff, 0x00, 0x7d]);
const NO_TEXT_AT = 1_614_265_330;
const KEY = "bm90IGEgc2VjcmV0IGF0IGFsbCwgYWxhcw==";

function signedBytes(before: string, encoding: "hex" | "base64", key: string | Uint8Array = KEY): string {
  return createHmac("sha256", key).update(before).update(NO_TEXT).digest(encoding);
}

test.each<[Verification, Readonly<Record<string, string>>]>([
  [
    { scheme: "standard-webhooks" },
    {
      "webhook-id": "m",
      "webhook-timestamp": String(NO_TEXT_AT),
      "webhook-signature": `v1,${signedBytes(`m.${NO_TEXT_AT}.`, "base64", Uint8Array.fromBase64(KEY))}`,
    },
  ],
  [{ scheme: "github" }, { "x-hub-signature-256": `sha256=${signedBytes("", "hex")}` }],
  [{ scheme: "stripe" }, { "stripe-signature": `t=${NO_TEXT_AT},v1=${signedBytes(`${NO_TEXT_AT}.`, "hex")}` }],
  [
    { scheme: "slack" },
    {
      "x-slack-request-timestamp": String(NO_TEXT_AT),
      "x-slack-signature": `v0=${signedBytes(`v0:${NO_TEXT_AT}:`, "hex")}`,
    },
  ],
  [{ scheme: "shopify" }, { "x-shopify-hmac-sha256": signedBytes("", "base64") }],
  [genericHmac({}), { "x-signature": signedBytes("", "hex") }],
])("what is signed are the bytes, not a text they may stand for: %j", async (verification, headers) => {
  const now = NO_TEXT_AT * 1000;
  expect(await verify(verification, { headers, body: NO_TEXT }, [KEY], now)).toMatchObject({ isGenuine: true });
  const asText = new Uint8Array(new TextEncoder().encode(new TextDecoder().decode(NO_TEXT)));
  const verdict = await verify(verification, { headers, body: asText }, [KEY], now);
  expect(verdict).toMatchObject({ isGenuine: false, fault: "signature" });
});

test.each(SAMPLES.filter(({ sentAt }) => sentAt !== null))(
  "$name: counts within its tolerance, in both directions, and not beyond",
  async (sample) => {
    const at = (offsetMs: number) =>
      verify(sample.verification, deliveryOf(sample), [sample.secret], (sample.sentAt ?? 0) + offsetMs);
    for (const direction of [-1, 1]) {
      expect(await at(direction * sample.toleranceMs)).toMatchObject({ isGenuine: true });
      const beyond = await at(direction * (sample.toleranceMs + 1_000));
      expect(beyond).toMatchObject({ isGenuine: false, fault: "malformed" });
    }
  },
);

test("Slack's challenge is answered where it is signed, and names no delivery", async () => {
  const body =
    '{"token":"Jhj5dZrVaK7ZwHHjRyZWjbDl","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}';
  const signature = "v0=f9bd80929259f3f6d5fe3a3186c453c89cd1ad4862815a15837584f31c993652";
  const headers = { "x-slack-signature": signature, "x-slack-request-timestamp": "1531420618" };
  const at = 1_531_420_618_000;
  const check = (secret: string) => verify({ scheme: "slack" }, deliveryOf({ headers, body }), [secret], at);
  const challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P";
  expect(await check(SLACK_SECRET)).toEqual({ isGenuine: true, deliveryId: null, challenge });
  expect(await check("another")).toMatchObject({ isGenuine: false });
  const late = await verify({ scheme: "slack" }, deliveryOf({ headers, body }), [SLACK_SECRET], at + 6 * MINUTE_MS);
  expect(late).toMatchObject({ isGenuine: false, fault: "malformed" });
});

test.each([
  ["Stripe", "v1=", "v0="],
  ["Stripe", "v1=", "v2="],
  ["Standard Webhooks, as Svix documents it", "v1,", "v1a,"],
  ["Standard Webhooks, as Svix documents it", "v1,", "v2,"],
  ["Slack, as it documents it", "v0=", "v1="],
])(
  "%s: a signature that counts as %s proves nothing as %s, which may be made otherwise",
  async (name, version, other) => {
    const sample = SAMPLES.find((each) => each.name === name);
    if (sample === undefined) throw new Error(`There is no sample of ${name}.`);
    const proof = sample.headers[sample.proof]?.replaceAll(version, other) ?? "";
    const delivery = deliveryOf({ ...sample, headers: { ...sample.headers, [sample.proof]: proof } });
    const verdict = await verify(sample.verification, delivery, [sample.secret], sample.sentAt ?? 0);
    expect(verdict).toMatchObject({ isGenuine: false, fault: "signature" });
  },
);

test("Linear signs its time along, so a body without one is refused", async () => {
  const headers = { "linear-signature": "ac9004c0f3875a2c14067c97157535c8b775f12fd3feb7410fb1e4974c1eefac" };
  const delivery = deliveryOf({ headers, body: '{"action":"create"}' });
  expect(await verify({ scheme: "linear" }, delivery, ["linear-secret"], 0)).toMatchObject({ fault: "malformed" });
});

test("an id too long to be remembered is refused, not cut off into somebody else's", async () => {
  const headers = { "x-gitlab-token": "a token", "idempotency-key": "x".repeat(256) };
  const verdict = await verify({ scheme: "gitlab" }, deliveryOf({ headers, body: "" }), ["a token"], 0);
  expect(verdict).toMatchObject({ isGenuine: false, fault: "malformed" });
});

test("without verification everything is genuine, since the owner said so", async () => {
  const verdict = await verify({ scheme: "none" }, deliveryOf({ headers: {}, body: "anything" }), [], 0);
  expect(verdict).toEqual({ isGenuine: true, deliveryId: null, challenge: null });
});
