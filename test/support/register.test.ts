import { expect, test } from "vitest";

import { Register } from "./register.ts";

test("an accepted write replaces what was over before it began", () => {
  const register = new Register("a");
  register.send("b")(true);
  expect(register.possible()).toEqual(["b"]);
});

test("of writes under way at once each may be the last", () => {
  const register = new Register("a");
  const [first, second] = [register.send("b"), register.send("c")];
  second(true);
  expect(register.possible()).toEqual(["b", "c"]);
  first(true);
  expect(register.possible()).toEqual(["b", "c"]);
});

test("a write that was not accepted may have taken effect, and is gone with the next that was", () => {
  const register = new Register("a");
  register.send("b")(false);
  expect(register.possible()).toEqual(["a", "b"]);
  register.send("c")(true);
  expect(register.possible()).toEqual(["c"]);
});
