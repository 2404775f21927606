import * as fc from "fast-check";
import { expect, test } from "vitest";

import { Refused } from "#core/errors";
import { parseCron } from "#core/cron";
import { nextTime } from "#core/next-time";
import { checkedManifest } from "#http/custom-source";
import { conditionFault, holds } from "#triggers/webhook/condition";
import { payloadOf } from "#triggers/webhook/payload";
import { PROVIDER_SCHEMES, verify } from "#triggers/webhook/verification";
import { explainFailure } from "./explain-failure.ts";
import { hostileJson } from "./hostile-text.ts";
import { seededManifest } from "./fuzzed-sources.ts";

const SEED = 20_261_127;
const AT = Date.UTC(2026, 10, 27);

async function failureOf<Given>(property: fc.IRawProperty<Given>, numRuns: number): Promise<string | null> {
  return explainFailure(await fc.check(property, { seed: SEED, numRuns }));
}

const cronField = fc.oneof(
  fc.constantFrom(
    "*",
    "*/5",
    "0",
    "59",
    "60",
    "-1",
    "1-5",
    "5-1",
    "1,2,3",
    "MON-FRI",
    "JAN",
    "*/0",
    "1/99",
    "0-",
    "L",
    "?",
    "#",
    "٣",
  ),
  fc.integer({ min: -5, max: 70 }).map(String),
  fc.string({ maxLength: 6 }),
);

test("a cron text is refused with a sentence, or has times that come later and later", async () => {
  const cron = fc.oneof(
    fc.tuple(cronField, cronField, cronField, cronField, cronField).map((fields) => fields.join(" ")),
    fc.string({ maxLength: 40, unit: "binary" }),
    fc.constantFrom("@daily", "@reboot", "@", "", "* * * * * *", "0 0 29 2 *", "0 0 31 4 *"),
  );
  const failure = await failureOf(
    fc.property(
      cron,
      fc.constantFrom("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"),
      (text, zone) => {
        const parsed = parseCron(text);
        if ("problem" in parsed) return parsed.problem.startsWith("Invalid CRON expression: ");
        const first = nextTime(text, zone, AT);
        const second = first === null ? null : nextTime(text, zone, first);
        return first === null || (first > AT && (second === null || second > first));
      },
    ),
    400,
  );
  expect(failure).toBeNull();
});

test("a manifest, however damaged, is registered or refused with its place, and never a fault of ours", async () => {
  const manifest = hostileJson(fc.constant(seededManifest("http://127.0.0.1:9/"))).map((text) =>
    typeof text === "string" ? text : new TextDecoder().decode(text),
  );
  const failure = await failureOf(
    fc.asyncProperty(manifest, async (text) => {
      try {
        await checkedManifest("fuzzed", {}, text);
      } catch (error) {
        if (!(error instanceof Refused) || error.refusal.code !== "invalid") throw error;
      }
    }),
    150,
  );
  expect(failure).toBeNull();
});

test("no delivery that was not signed is genuine, whatever it says, in any scheme", async () => {
  const header = fc.constantFrom(
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "svix-signature",
    "x-hub-signature-256",
    "stripe-signature",
    "x-slack-signature",
    "x-slack-request-timestamp",
    "x-shopify-hmac-sha256",
    "linear-signature",
    "x-gitlab-token",
  );
  const value = fc.oneof(
    fc.constantFrom(
      "",
      "v1,",
      "v1,AAAA",
      "sha256=",
      `sha256=${"0".repeat(64)}`,
      "t=1,v1=00",
      `t=${AT / 1000},v1=`,
      String(AT / 1000),
    ),
    fc.string({ maxLength: 80 }),
    fc.string({ minLength: 64, maxLength: 64 }),
  );
  const verification = fc.oneof(
    fc.constantFrom(...PROVIDER_SCHEMES).map((scheme) => ({ scheme })),
    fc.constantFrom("hex" as const, "base64" as const).map((encoding) => ({
      scheme: "hmac" as const,
      header: "x-hub-signature-256",
      encoding,
      prefix: "",
      algorithm: "sha256" as const,
    })),
  );
  const failure = await failureOf(
    fc.asyncProperty(
      verification,
      fc.dictionary(header, value, { maxKeys: 6 }),
      fc.uint8Array({ maxLength: 100 }),
      async (how, headers, body) => {
        const verdict = await verify(
          how,
          { headers, body: new Uint8Array(body) },
          ["whsec_c2VjcmV0LXRoYXQtbm9ib2R5LWtub3dz"],
          AT,
        );
        return !verdict.isGenuine;
      },
    ),
    400,
  );
  expect(failure).toBeNull();
});

test("a condition is an expression, or is refused with a sentence", async () => {
  const part = fc.constantFrom(
    "a",
    ".",
    "[",
    "]",
    "?",
    "==",
    "`1`",
    "'x'",
    "&",
    "|",
    "(",
    ")",
    "sort_by",
    "@",
    "*",
    "!",
    ",",
    "{",
    "}",
    ":",
    '"',
  );
  const failure = await failureOf(
    fc.property(
      fc.oneof(
        fc.array(part, { maxLength: 12 }).map((parts) => parts.join("")),
        fc.string(),
      ),
      (text) => {
        const fault = conditionFault(text);
        return fault === null || fault.length > 0;
      },
    ),
    400,
  );
  expect(failure).toBeNull();
});

test("a condition that is accepted holds or does not, with a reason, whatever a body says", async () => {
  const operand = fc.constantFrom(
    "@",
    "a",
    "items",
    "items[*].n",
    "items[].tags[]",
    "*",
    "@.*.*",
    "`1`",
    "'x'",
    "deep",
  );
  const expression = fc.oneof(
    operand,
    fc
      .tuple(
        fc.constantFrom(
          "keys",
          "values",
          "length",
          "to_string",
          "to_number",
          "reverse",
          "sort",
          "sum",
          "max",
          "abs",
          "type",
        ),
        operand,
      )
      .map(([name, of]) => `${name}(${of})`),
    fc.tuple(fc.constantFrom("sort_by", "max_by", "min_by"), operand).map(([name, of]) => `${name}(${of}, &n)`),
    fc.tuple(operand, operand).map(([of, other]) => `map(&${other}, ${of})`),
    fc.tuple(operand, operand).map(([of, other]) => `contains(${of}, ${other})`),
    fc.tuple(operand, operand).map(([of, other]) => `items[?${of} > ${other}] | [0]`),
    fc.tuple(operand, operand).map(([of, other]) => `merge(${of}, ${other})`),
  );
  const condition = fc
    .array(expression, { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join(" || "))
    .filter((text) => conditionFault(text) === null);
  const said = hostileJson(
    fc.constant({
      a: "x",
      items: [
        { n: 2, tags: ["a"] },
        { n: 1, tags: [] },
      ],
      deep: { er: [[1]] },
    }),
  );
  const failure = await failureOf(
    fc.property(condition, said, (text, content) => {
      const body = new Uint8Array(typeof content === "string" ? new TextEncoder().encode(content) : content);
      const payload = payloadOf({ headers: { "content-type": "application/json" }, body });
      const outcome = holds(text, payload);
      return outcome.holds || outcome.reason.length > 0;
    }),
    600,
  );
  expect(failure).toBeNull();
});
