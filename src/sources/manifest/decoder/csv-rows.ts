/** Text ends inside of quotes. */
export class UnclosedQuote extends Error {
  override readonly name = "UnclosedQuote";
  /** Of the row that is not closed, counted from 1. */
  readonly row: number;

  constructor(row: number) {
    super(`a quote in row ${row} is not closed`);
    this.row = row;
  }
}

/**
 * The rows of a CSV text, as Python's `csv` reads its "excel" dialect: a quote opens only at the beginning of a cell and
 * is a character anywhere else, two quotes within quotes are one, and what follows a closing quote belongs to the cell.
 * Lines without anything are no rows. All line ends become `\n`, also in cells.
 *
 * @param delimiter one character
 * @throws UnclosedQuote
 */
export function csvRows(text: string, delimiter: string): string[][] {
  const input = text.replaceAll(/\r\n?/g, "\n");
  const rows: string[][] = [];
  let at = 0;
  while (at < input.length) {
    if (input[at] === "\n") {
      at += 1;
      continue;
    }
    const row: string[] = [];
    let isOver = false;
    while (!isOver) {
      const cell = cellAt(input, at, delimiter);
      if (cell === null) throw new UnclosedQuote(rows.length + 1);
      row.push(cell.value);
      isOver = input[cell.end] !== delimiter;
      at = cell.end + 1;
    }
    rows.push(row);
  }
  return rows;
}

/** `end` is where the cell's delimiter or line end is, or the text's. Null where quotes do not end. */
function cellAt(
  input: string,
  start: number,
  delimiter: string,
): { readonly value: string; readonly end: number } | null {
  let quoted = "";
  let at = start;
  if (input[at] === '"' && delimiter !== '"') {
    for (let next = '"'; next === '"';) {
      const close = input.indexOf('"', at + 1);
      if (close === -1) return null;
      quoted += input.slice(at + 1, close);
      at = close + 1;
      next = input[at] ?? "";
      if (next === '"') quoted += '"';
    }
  }
  const end = endOfPlain(input, at, delimiter);
  return { value: quoted + input.slice(at, end), end };
}

function endOfPlain(input: string, start: number, delimiter: string): number {
  let at = start;
  while (at < input.length && input[at] !== delimiter && input[at] !== "\n") at += 1;
  return at;
}
