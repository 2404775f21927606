import { expect, test } from "vitest";

import { complete } from "#cli/complete";
import { createProgram } from "#cli/program";

const { program } = createProgram({});
const offered = (...words: string[]) => complete(program, words).candidates.map(({ value }) => value);

test.each([
  [["jo"], ["jobs"]],
  [["connections", "cr"], ["create"]],
  [["webhooks", "inbound", "rot"], ["rotate"]],
  [["--json", "connections", "up"], ["update"]],
  [["--url", "connections", "connections", "up"], ["update"]],
  [["run", "x", "--fu"], ["--full"]],
  [["run", "--on-conflict", "a"], ["attach"]],
  [
    ["completion", ""],
    ["bash", "zsh", "fish"],
  ],
  [["run", "x", "--js"], ["--json"]],
  [["nonsense", "cr"], []],
])("after %j come %j", (words, values) => {
  expect(offered(...words)).toEqual(values);
});

test.each([
  [["run", ""], "connection"],
  [["connections", "create", "c"], "source"],
  [["entities", "x", ""], null],
  [["entities", "--stream", ""], null],
])("of %j the server knows the %s", (words, argument) => {
  expect(complete(program, words).argument).toBe(argument);
});
