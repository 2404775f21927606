import { describe, expect, test } from "vitest";

import { createProgram } from "#cli/program";

async function complaintOf(...args: readonly string[]): Promise<unknown> {
  const { program } = createProgram({});
  return program.parseAsync([...args], { from: "user" }).then(
    () => null,
    (error: unknown) => error,
  );
}

describe("a misspelt command", () => {
  test.each([
    [["conections"], "unknown command 'conections'\n(Did you mean connections?)"],
    [["connections", "lst"], "unknown command 'lst'\n(Did you mean list?)"],
    [["webhooks", "lst"], "unknown command 'lst'\n(Did you mean list?)"],
    [["keys", "crate", "Nightly"], "unknown command 'crate'\n(Did you mean create?)"],
    [["manifest", "chek", "crm.yaml"], "unknown command 'chek'\n(Did you mean check?)"],
    [["connections", "Shop"], "unknown command 'Shop'\nThere are list, create, get, update, delete."],
  ])("%j is told as one, though there is a default command that would get it", async (args, message) => {
    expect(await complaintOf(...args)).toMatchObject({ message: `error: ${message}` });
  });

  test.each([
    [["connections", "--collection", "default"]],
    [["connections", "list"]],
    [["webhooks"]],
    [["webhooks", "inbound", "Shop"]],
  ])("is not what %j is: it is not logged in", async (args) => {
    expect(await complaintOf(...args)).toMatchObject({ message: expect.stringContaining("sluice login") });
  });
});
