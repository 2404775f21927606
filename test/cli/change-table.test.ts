import { expect, test } from "vitest";

import { describeEdit, renderChanges } from "#cli/change-table";

test("lines up the columns and marks each kind of change", () => {
  const table = renderChanges([
    { kind: "added", stream: "people", id: "ada", what: "Ada Novak" },
    { kind: "edited", stream: "orders", id: "o-12", what: "status: paid → shipped" },
    { kind: "deleted", stream: "tags", id: "x", what: "" },
  ]);
  expect(table).toBe(
    ["  +  people  ada   Ada Novak", "  ~  orders  o-12  status: paid → shipped", "  -  tags    x"].join("\n"),
  );
});

test("an edit names only the fields that people see and that differ", () => {
  const before = { _rev: "1-a", city: "Oslo", lines: [1], plan: "free" };
  const after = { _rev: "2-b", city: "Pune", lines: [1], vip: true };
  expect(describeEdit(before, after)).toBe("city: Oslo → Pune, plan: free → none, vip: none → true");
});
