import * as fc from "fast-check";
import { expect, test } from "vitest";

import { type Column, renderTable, renderTabs } from "#cli/table";

interface Row {
  readonly name: string;
  readonly size: string;
  readonly note: string;
}
const columns: Column<Row>[] = [
  { title: "NAME", value: ({ name }) => name },
  { title: "SIZE", value: ({ size }) => size, isNumber: true },
  { title: "NOTE", value: ({ note }) => note },
];
const plain = { paintTitle: (text: string) => text };

test("aligns words to the left and numbers to the right", () => {
  const rows = [
    { name: "a", size: "10", note: "first" },
    { name: "longer", size: "9", note: "" },
  ];
  expect(renderTable(rows, columns, { terminalColumns: 80, ...plain })).toBe(
    ["NAME    SIZE  NOTE", "a         10  first", "longer     9"].join("\n"),
  );
});

test("the last column gives way on a narrow terminal", () => {
  const rows = [{ name: "a", size: "1", note: "much more than there is room for" }];
  expect(renderTable(rows, columns, { terminalColumns: 30, ...plain })).toBe(
    ["NAME  SIZE  NOTE", "a        1  much more than th…"].join("\n"),
  );
});

test("extra columns are left out one by one, until the rest fits", () => {
  const extra = columns.map((column) => (column.title === "NOTE" ? column : { ...column, isExtra: true }));
  const rows = [{ name: "a long name", size: "1", note: "note" }];
  const titles = (terminalColumns: number) =>
    renderTable(rows, [{ title: "ID", value: () => "id" }, ...extra], { terminalColumns, ...plain }).split("\n")[0];
  expect(titles(40)).toBe("ID  NAME         SIZE  NOTE");
  expect(titles(30)).toBe("ID  SIZE  NOTE");
  expect(titles(20)).toBe("ID  NOTE");
});

test("whatever a source calls its things, a row is one line without control characters", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ name: fc.string({ unit: "binary" }), size: fc.string(), note: fc.string() })),
      (rows) => {
        const shown = renderTable(rows, columns, { terminalColumns: 60, ...plain });
        const piped = renderTabs(rows, columns);
        expect(shown.split("\n")).toHaveLength(rows.length + 1);
        expect(shown.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
        for (const line of rows.length === 0 ? [] : piped.split("\n")) expect(line.split("\t")).toHaveLength(3);
      },
    ),
  );
});
