import jmespath from "jmespath";
import { z } from "zod";

import type { Json } from "#core/json";

declare module "jmespath" {
  /** Parses without evaluating; its types leave it out. */
  export function compile(expression: string): unknown;
}

/** Room for a few comparisons; parsing and evaluating one of this length on 1 MB takes milliseconds. */
export const MAX_CONDITION_LENGTH = 1_000;

/**
 * How many times over lists that an expression builds may repeat their input. Each one multiplies (`[@,@] | [@,@] | …`
 * doubles with every step), and nothing can stop an evaluation that is under way in an isolate others share.
 */
const MAX_GROWTH = 8;

/** What answers true or false whatever it is given: constants to compare with cost nothing there. */
const COMPARING: ReadonlySet<unknown> = new Set(["contains", "starts_with", "ends_with"]);

/** Characters of a constant that count as one entry: about what an entry of a list of numbers or words has. */
const CONSTANT_ENTRY_LENGTH = 16;

/** The functions of the JMESPath specification, which are all that the library has. */
const FUNCTIONS: ReadonlySet<string> = new Set(
  "abs avg ceil contains ends_with floor join keys length map max max_by merge min min_by not_null reverse sort sort_by starts_with sum to_array to_number to_string type values".split(
    " ",
  ),
);

type Outcome = { readonly holds: true } | { readonly holds: false; readonly reason: string };

const nodeSchema = z.object({
  type: z.string(),
  name: z.unknown().optional(),
  value: z.unknown().optional(),
  children: z.array(z.unknown()).optional(),
});
type Node = z.infer<typeof nodeSchema>;

/** What is wrong with a condition, for whoever wrote it; null for a good one. */
export function conditionFault(expression: string): string | null {
  let tree: Node;
  try {
    tree = nodeSchema.parse(jmespath.compile(expression));
  } catch (error) {
    // The parser goes by UTF-16 units, and names half of a character where the whole one is wrong.
    return `This is not a JMESPath expression. ${explain(error).toWellFormed()}`;
  }
  if ([...nodesOf(tree)].some(isIncomplete)) {
    return "This is not a JMESPath expression. A part of it is missing after a dot.";
  }
  const unknown = [...nodesOf(tree)].find(({ type, name }) => type === "Function" && !isFunction(name));
  if (unknown !== undefined) {
    return `There is no JMESPath function ${String(unknown.name)}(). There are: ${[...FUNCTIONS].join(", ")}.`;
  }
  if (growthOf(tree) > MAX_GROWTH) {
    return `The lists that this expression builds could repeat their input more than ${MAX_GROWTH} times over. Compare with contains(['a', 'b'], field) or with ||.`;
  }
  return null;
}

/** Is the condition true of what a delivery says? By JMESPath's rules: false, null and anything empty are not. */
export function holds(expression: string, payload: Json | undefined): Outcome {
  if (payload === undefined) return { holds: false, reason: "The body is not JSON, so the condition cannot hold." };
  let value: unknown;
  try {
    value = jmespath.search(payload, expression);
  } catch (error) {
    // The library names types and functions, never values.
    return { holds: false, reason: `The condition cannot be evaluated on this body. ${explain(error)}` };
  }
  return isTruthy(value) ? { holds: true } : { holds: false, reason: "The condition does not hold." };
}

function isTruthy(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

function isFunction(name: unknown): boolean {
  return typeof name === "string" && FUNCTIONS.has(name);
}

function childrenOf(node: Node): Node[] {
  return (node.children ?? []).flatMap((child) => {
    // A key and its value, in `{key: value}`.
    const pair = z.object({ type: z.literal("KeyValuePair"), value: z.unknown() }).safeParse(child);
    const found = nodeSchema.safeParse(pair.success ? pair.data.value : child);
    return found.success ? [found.data] : [];
  });
}

function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const child of childrenOf(node)) yield* nodesOf(child);
}

/** The product of the sizes of all lists, objects and constants that are built; those to compare with are free. */
function growthOf(node: Node): number {
  const isComparing = node.type === "Comparator" || (node.type === "Function" && COMPARING.has(node.name));
  const counted = childrenOf(node).filter((child) => !isComparing || !isConstant(child));
  return counted.reduce((product, child) => product * growthOf(child), sizeOf(node));
}

function sizeOf({ type, value, children }: Node): number {
  if (type === "Literal") return Math.ceil(JSON.stringify(value ?? null).length / CONSTANT_ENTRY_LENGTH);
  return type.startsWith("MultiSelect") ? Math.max(1, (children ?? []).length) : 1;
}

function isConstant(node: Node): boolean {
  if (node.type === "Literal") return true;
  return node.type === "MultiSelectList" && childrenOf(node).every(({ type }) => type === "Literal");
}

/** The parser lets an expression end after a dot. In a slice, what is left out has a meaning. */
function isIncomplete({ type, children }: Node): boolean {
  return type !== "Slice" && (children ?? []).some((child) => child === null || child === undefined);
}

/** The parser stumbles over some mistakes with an error of JavaScript's own, which would explain nothing. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if (error instanceof z.ZodError || (error.constructor !== Error && !(error instanceof SyntaxError))) {
    return "See https://jmespath.org for the syntax.";
  }
  return `${error.message.replace(/^(?:Parser|Lexer|Argument|Type)Error: /, "").replace(/\.$/, "")}.`;
}
