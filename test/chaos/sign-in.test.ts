import { expect, test } from "vitest";
import { z } from "zod";

import { seededRandom } from "#sources/internal/seeded-random";
import type { Answer } from "#test/support/scripted-upstream";
import { SignIn } from "./sign-in.ts";

const START = 1_000_000;
const random = seededRandom(1, 1);
const tokensSchema = z.object({ access_token: z.string(), refresh_token: z.string() });

/** Asks for a token, and answers with it; null where it is refused. */
function exchange(signIn: SignIn, credentials: Readonly<Record<string, string>>, now: number, arrives = true) {
  const form = new URLSearchParams({ grant_type: "refresh_token", client_id: signIn.clientId, ...credentials });
  const answer: Answer = signIn.exchange(form, arrives, random, now);
  if (answer.kind !== "response" || answer.status !== 200) return null;
  const { access_token: access, refresh_token } = tokensSchema.parse(JSON.parse(String(answer.body)));
  return { access, next: { ...credentials, refresh_token } };
}

test("an access token is good for seconds, until there is another, and not for who is signed out", () => {
  const signIn = new SignIn("x");
  const first = exchange(signIn, signIn.login(), START);
  expect(signIn.accepts(first?.access ?? "", START + 1_000)).toBe(true);
  expect(signIn.accepts(first?.access ?? "", START + 5_000)).toBe(false);
  const second = exchange(signIn, first?.next ?? {}, START + 1_000);
  expect(signIn.accepts(first?.access ?? "", START + 1_500)).toBe(false);
  signIn.revokeAll();
  expect(signIn.accepts(second?.access ?? "", START + 1_500)).toBe(false);
  expect(exchange(signIn, second?.next ?? {}, START + 2_000)).toBeNull();
});

test("a refresh token that is used twice ends all that its login was given, and is told where nothing excuses it", () => {
  const signIn = new SignIn("x");
  const credentials = signIn.login();
  const first = exchange(signIn, credentials, START);
  expect(exchange(signIn, credentials, START + 10)).toBeNull();
  expect(exchange(signIn, first?.next ?? {}, START + 20)).toBeNull();
  expect(signIn.broken([])).toEqual([expect.stringContaining("again 10 ms later, by who had been answered")]);
});

test.each([
  ["who uses it again has died in between", true, [START + 5], 0],
  ["its answer was lost", false, [], 0],
  ["who uses it again has died before", true, [START - 5], 1],
])("a second use counts or not: %s", (_what, arrives, lives, findings) => {
  const signIn = new SignIn("x");
  const credentials = signIn.login();
  exchange(signIn, credentials, START, arrives);
  exchange(signIn, credentials, START + 10);
  expect(signIn.broken(lives)).toHaveLength(findings);
});

test("no death excuses a second use once what the token was exchanged for has been used", () => {
  const signIn = new SignIn("x");
  const credentials = signIn.login();
  const first = exchange(signIn, credentials, START);
  signIn.accepts(first?.access ?? "", START + 4);
  exchange(signIn, credentials, START + 10);
  expect(signIn.broken([START + 5])).toEqual([expect.stringContaining("had been used by then")]);
});

test("every access token of a login shows the same, however often it is refreshed", () => {
  const signIn = new SignIn("x");
  const first = exchange(signIn, signIn.login("most"), START);
  const other = exchange(signIn, signIn.login("all"), START);
  const second = exchange(signIn, first?.next ?? {}, START + 1_000);
  expect([first, second, other].map((given) => signIn.sightOf(given?.access ?? ""))).toEqual(["most", "most", "all"]);
});
