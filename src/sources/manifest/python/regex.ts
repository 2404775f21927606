import { limitError, valueError } from "./python-error.ts";
import { parseRegex } from "./regex-parser.ts";
import type { RegexNode, RegexTree } from "./regex-syntax.ts";

/**
 * How many characters a search may look at, counting each time. Backtracking can take time that is exponential in the
 * length of the text; an honest expression needs a few steps for each character.
 */
const MAX_REGEX_STEPS = 1_000_000;

/** A group's bounds, by characters; undefined where it took no part. */
type Span = readonly [number, number] | undefined;

export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  /** The text of each group, the whole match first; undefined where a group took no part. */
  readonly groups: readonly (string | undefined)[];
}

/**
 * A regular expression with the meaning it has in Python's `re`. It is matched here, step by step, since JavaScript's
 * own can't be stopped. Throws a ValueError at a wrong expression, a LimitError at one that takes too many steps.
 */
export class Regex {
  readonly source: string;
  readonly #tree: RegexTree;
  readonly #start: Matcher;

  constructor(source: string) {
    this.source = source;
    this.#tree = parseRegex(source);
    this.#start = compile(this.#tree.node);
  }

  get groupCount(): number {
    return this.#tree.groups;
  }

  get names(): ReadonlyMap<string, number> {
    return this.#tree.names;
  }

  /** The first match at or after an offset. */
  search(characters: readonly string[], from = 0, budget: Budget = { steps: 0 }): RegexMatch | undefined {
    try {
      return this.#search(characters, from, budget);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // Each turn of a repeated group stands on the stack until the match is done.
      throw limitError(
        `The regular expression '${this.source}' repeats a group too often on a text of ${characters.length} characters.`,
      );
    }
  }

  #search(characters: readonly string[], from: number, budget: Budget): RegexMatch | undefined {
    for (let at = from; at <= characters.length; at += 1) {
      const state: State = { characters, groups: [], budget, source: this.source };
      let end = -1;
      const isFound = this.#start(state, at, (stop) => {
        end = stop;
        return true;
      });
      if (isFound) return this.#matchOf(state, at, end);
    }
    return undefined;
  }

  #matchOf({ characters, groups }: State, start: number, end: number): RegexMatch {
    const spans: Span[] = [[start, end], ...Array.from({ length: this.groupCount }, (_, index) => groups[index + 1])];
    return {
      start,
      end,
      groups: spans.map((span) => (span === undefined ? undefined : characters.slice(...span).join(""))),
    };
  }
}

/** Expressions that are compiled already: a template's is asked for once a record. */
const compiled = new Map<string, Regex>();
const MAX_COMPILED = 200;

/** The expression of this source. Throws what `Regex` throws. */
export function regexOf(source: string): Regex {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  const regex = new Regex(source);
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(source, regex);
  return regex;
}

/** Steps taken so far; shared by the searches of one replacement, or of one evaluation of a template. */
export interface Budget {
  steps: number;
}

interface State {
  readonly characters: readonly string[];
  groups: Span[];
  readonly budget: Budget;
  readonly source: string;
}

type Continue = (at: number) => boolean;
type Matcher = (state: State, at: number, next: Continue) => boolean;

function spend({ budget, source, characters }: State): void {
  budget.steps += 1;
  if (budget.steps > MAX_REGEX_STEPS) {
    throw limitError(
      `The regular expression '${source}' takes more than the limit of ${MAX_REGEX_STEPS} steps on a text of ` +
        `${characters.length} characters.`,
    );
  }
}

function compile(node: RegexNode): Matcher {
  switch (node.kind) {
    case "character":
      return (state, at, next) => {
        spend(state);
        const character = state.characters[at];
        return character !== undefined && node.accepts(character) && next(at + 1);
      };
    case "assertion":
      return (state, at, next) => node.holds(state.characters, at) && next(at);
    case "sequence":
      return node.nodes.map(compile).reduceRight<Matcher>(
        (rest, first) => (state, at, next) => first(state, at, (stop) => rest(state, stop, next)),
        (_state, at, next) => next(at),
      );
    case "choice":
      return choice(node.nodes.map(compile));
    case "group":
      return group(node.index, compile(node.node));
    case "atomic":
      return atomic(compile(node.node));
    case "reference":
      return reference(node.index, node.ignoresCase);
    case "look":
      return look(node);
    case "repeat":
      return repeat(node);
  }
}

function choice(matchers: readonly Matcher[]): Matcher {
  return (state, at, next) =>
    matchers.some((matcher) => {
      spend(state);
      return matcher(state, at, next);
    });
}

function group(index: number, inner: Matcher): Matcher {
  return (state, at, next) => {
    const before = state.groups;
    const isMatch = inner(state, at, (stop) => {
      const inside = state.groups;
      state.groups = [...inside];
      state.groups[index] = [at, stop];
      if (next(stop)) return true;
      state.groups = inside;
      return false;
    });
    if (!isMatch) state.groups = before;
    return isMatch;
  };
}

function atomic(inner: Matcher): Matcher {
  return (state, at, next) => {
    let end = -1;
    const isMatch = inner(state, at, (stop) => {
      end = stop;
      return true;
    });
    return isMatch && next(end);
  };
}

function reference(index: number, ignoresCase: boolean): Matcher {
  const fold = (character: string | undefined) => (ignoresCase ? character?.toLowerCase() : character);
  return (state, at, next) => {
    const span = state.groups[index];
    if (span === undefined) return false;
    const [from, to] = span;
    for (let offset = 0; offset < to - from; offset += 1) {
      spend(state);
      const character = state.characters[at + offset];
      if (character === undefined || fold(character) !== fold(state.characters[from + offset])) return false;
    }
    return next(at + to - from);
  };
}

function look(node: Extract<RegexNode, { kind: "look" }>): Matcher {
  const inner = compile(node.node);
  const width = node.isBehind ? fixedWidth(node.node) : 0;
  return (state, at, next) => {
    const before = state.groups;
    const isThere = at >= width && inner(state, at - width, (stop) => !node.isBehind || stop === at);
    if (isThere === node.isNegative) {
      state.groups = before;
      return false;
    }
    if (node.isNegative) state.groups = before;
    return next(at);
  };
}

/** How many characters a look-behind takes; Python allows only one number. */
function fixedWidth(node: RegexNode): number {
  const [low, high] = widthOf(node);
  if (low !== high) throw valueError("look-behind requires fixed-width pattern");
  return low;
}

function widthOf(node: RegexNode): readonly [number, number] {
  switch (node.kind) {
    case "character":
      return [1, 1];
    case "assertion":
    case "look":
      return [0, 0];
    case "reference":
      return [0, Number.POSITIVE_INFINITY];
    case "group":
    case "atomic":
      return widthOf(node.node);
    case "repeat": {
      const [low, high] = widthOf(node.node);
      return [low * node.min, high === 0 ? 0 : high * node.max];
    }
    case "sequence":
      return node.nodes.map(widthOf).reduce((sum, width) => [sum[0] + width[0], sum[1] + width[1]], [0, 0]);
    case "choice": {
      const widths = node.nodes.map(widthOf);
      return [Math.min(...widths.map(([low]) => low)), Math.max(...widths.map(([, high]) => high))];
    }
  }
}

function repeat(node: Extract<RegexNode, { kind: "repeat" }>): Matcher {
  if (node.mode === "possessive") return atomic(repeat({ ...node, mode: "greedy" }));
  if (node.node.kind === "character") return repeatCharacter(node, node.node.accepts);
  const inner = compile(node.node);
  const { min, max } = node;
  const isLazy = node.mode === "lazy";
  // `last` is where the turn before began: after an empty one, another would be as empty, and so on for ever.
  const attempt = (state: State, at: number, last: number, count: number, next: Continue): boolean => {
    spend(state);
    const again = () =>
      count < max &&
      (count < min || at !== last) &&
      inner(state, at, (stop) => attempt(state, stop, at, count + 1, next));
    if (count < min) return again();
    return isLazy ? next(at) || again() : again() || next(at);
  };
  return (state, at, next) => attempt(state, at, -1, 0, next);
}

/** The common case, without a call for each turn. */
function repeatCharacter(
  { min, max, mode }: Extract<RegexNode, { kind: "repeat" }>,
  accepts: (character: string) => boolean,
): Matcher {
  const takes = (state: State, at: number) => {
    spend(state);
    const character = state.characters[at];
    return character !== undefined && accepts(character);
  };
  if (mode === "lazy") {
    return (state, at, next) => {
      for (let count = 0; ; count += 1) {
        if (count >= min && next(at + count)) return true;
        if (count >= max || !takes(state, at + count)) return false;
      }
    };
  }
  return (state, at, next) => {
    let count = 0;
    while (count < max && takes(state, at + count)) count += 1;
    for (; count >= min; count -= 1) if (next(at + count)) return true;
    return false;
  };
}
