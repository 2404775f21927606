/** A regular expression of Python's `re`, as a tree. */
export type RegexNode =
  | { readonly kind: "character"; readonly accepts: (character: string) => boolean }
  | { readonly kind: "sequence"; readonly nodes: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly nodes: readonly RegexNode[] }
  | { readonly kind: "group"; readonly index: number; readonly node: RegexNode }
  | { readonly kind: "atomic"; readonly node: RegexNode }
  | { readonly kind: "reference"; readonly index: number; readonly ignoresCase: boolean }
  | { readonly kind: "look"; readonly isBehind: boolean; readonly isNegative: boolean; readonly node: RegexNode }
  | { readonly kind: "assertion"; readonly holds: (characters: readonly string[], at: number) => boolean }
  | {
      readonly kind: "repeat";
      readonly node: RegexNode;
      readonly min: number;
      readonly max: number;
      readonly mode: "greedy" | "lazy" | "possessive";
    };

export interface RegexTree {
  readonly node: RegexNode;
  /** How many groups there are, and which of them have names. */
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
}

/** The flags that change what an expression means; `(?x)`, which changes how it is written, is not among them. */
export interface RegexFlags {
  readonly ignoresCase: boolean;
  readonly isMultiline: boolean;
  readonly dotTakesAll: boolean;
  readonly isAscii: boolean;
}
