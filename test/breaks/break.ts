/** What is to notice a break: each tries the promises in its own way. */
export const MACHINES = ["kernel", "core", "whole", "chaos", "tests"] as const;
/** `kernel`, `core` and `whole` are the tiers of the simulation; `tests` are the break's own, in Node and workerd. */
export type Machine = (typeof MACHINES)[number];

/** One text of a file in the place of another. */
export interface Edit {
  /** From the project's directory on. */
  readonly file: string;
  /** Stands there once. */
  readonly from: string;
  readonly to: string;
}

/** A way to break a promise: code that somebody might have written, and that looks all right. */
export interface Break {
  readonly name: string;
  /** Its number in the design. */
  readonly promise: number;
  readonly edits: readonly Edit[];
  /** Those that have to notice it. */
  readonly noticedBy: readonly Machine[];
  /** The files of tests that do, where tests are among them. */
  readonly tests?: readonly string[];
}

/** The file with what the break makes of it. Throws where the text stands there never, or more than once. */
export function broken(source: string, { file, from, to }: Edit): string {
  const parts = source.split(from);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times instead of once: ${from}`);
  return parts.join(to);
}
