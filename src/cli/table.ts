import { columnsOf, oneLine, shorten } from "./terminal-text.ts";

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly isNumber?: boolean;
  /** Left out where the terminal is too narrow for all of them. */
  readonly isExtra?: boolean;
  /** Colours a cell that is already as wide as its column. */
  readonly paint?: (text: string, row: Row) => string;
}

const GAP = "  ";
/** The last column gives way on a narrow terminal, but not so far that nothing of it is left. */
const LEAST_LAST_COLUMN = 12;

interface TableStyle {
  readonly terminalColumns: number;
  readonly paintTitle: (text: string) => string;
}

/**
 * Rows for people: aligned under titles, and no wider than `terminalColumns` as far as extra columns can be left out, and
 * the last one can give way.
 */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { terminalColumns, paintTitle }: TableStyle,
): string {
  const cells = rows.map((row) => columns.map(({ value }) => oneLine(value(row))));
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...cells.map((line) => columnsOf(line[at] ?? ""))),
  );
  const extra = columns.findIndex(({ isExtra }) => isExtra === true);
  const leastWidth = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, LEAST_LAST_COLUMN);
  if (extra >= 0 && leastWidth > terminalColumns) {
    return renderTable(rows, columns.toSpliced(extra, 1), { terminalColumns, paintTitle });
  }
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, 0);
  widths[last] = Math.min(widths[last] ?? 0, Math.max(LEAST_LAST_COLUMN, terminalColumns - before));
  const fit = (text: string, at: number) => {
    const shown = shorten(text, widths[at] ?? 0);
    const padding = " ".repeat((widths[at] ?? 0) - columnsOf(shown));
    if (columns[at]?.isNumber === true) return padding + shown;
    return at === last ? shown : shown + padding;
  };
  const titles = columns.map(({ title }, at) => paintTitle(fit(title, at))).join(GAP);
  const lines = cells.map((line, index) => {
    const row = rows[index];
    return line
      .map((text, at) => {
        const paint = columns[at]?.paint;
        return paint === undefined || row === undefined ? fit(text, at) : paint(fit(text, at), row);
      })
      .join(GAP)
      .trimEnd();
  });
  return [titles, ...lines].join("\n");
}

/** Rows for programs: a line each, cells between tabs, nothing cut off, no titles. */
export function renderTabs<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  return rows.map((row) => columns.map(({ value }) => oneLine(value(row))).join("\t")).join("\n");
}
