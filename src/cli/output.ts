import { once } from "node:events";
import { styleText } from "node:util";

import { Unreachable } from "./refused.ts";
import { type Column, renderTable, renderTabs } from "./table.ts";

/** Of a terminal that doesn't say. */
const USUAL_COLUMNS = 80;

export type Colour = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Where a command's results go: as JSON where that was asked for, otherwise for people, or, into a pipe, as plain lines. */
export class Output {
  readonly isJson: boolean;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;

  constructor(isJson: boolean, stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream) {
    this.isJson = isJson;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** Is there a person who sees the results on a terminal? */
  get isTerminal(): boolean {
    return this.stdout.isTTY && !this.isJson;
  }

  /** Where progress is shown: JSON has the standard output to itself. */
  get progress(): NodeJS.WriteStream {
    return this.isJson ? this.stderr : this.stdout;
  }

  get columns(): number {
    return this.stdout.columns || USUAL_COLUMNS;
  }

  /** Prints a result: what the server said as JSON, or `text` for people. */
  async result(json: unknown, text: string): Promise<void> {
    await this.write(this.isJson ? `${JSON.stringify(json, null, 2)}\n` : `${text}\n`);
  }

  /** Prints a list. `empty` tells a person at a terminal why there is nothing, and what to do. */
  async list<Row>(json: unknown, rows: readonly Row[], columns: readonly Column<Row>[], empty: string): Promise<void> {
    if (this.isJson) return this.result(json, "");
    if (rows.length === 0) return this.isTerminal ? this.write(`${empty}\n`) : undefined;
    const paintTitle = (title: string) => this.paint("dim", title);
    const text = this.isTerminal
      ? renderTable(rows, columns, { terminalColumns: this.columns, paintTitle })
      : renderTabs(rows, columns);
    return this.write(`${text}\n`);
  }

  /** Prints values as JSON, one a line. */
  async lines(values: readonly unknown[]): Promise<void> {
    if (values.length > 0) await this.write(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
  }

  /** Passes a body on as it comes, as fast as it is taken. Throws Unreachable where it breaks off. */
  async stream({ body }: Response): Promise<void> {
    const reader = body?.getReader();
    for (;;) {
      const part = await reader?.read().catch((error: unknown) => {
        throw new Unreachable("The answer broke off: what was printed is not all of it. Try again.", { cause: error });
      });
      if (part === undefined || part.done) return;
      await this.write(part.value);
    }
  }

  /** Says something to the person that is no part of the result. */
  note(text: string): void {
    if (!this.isJson) this.stderr.write(`${text}\n`);
  }

  /** In colour on a terminal that has colours and a person who wants them. */
  paint(colour: Colour, text: string): string {
    return this.isJson ? text : styleText(colour, text, { stream: this.stdout });
  }

  /** Resolves when there is room for more. */
  async write(text: string | Uint8Array): Promise<void> {
    if (!this.stdout.write(text)) await once(this.stdout, "drain");
  }
}
