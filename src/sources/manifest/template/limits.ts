/** The longest template, in characters: manifests have a few hundred. */
export const MAX_TEMPLATE_LENGTH = 100_000;

/** How deep expressions and statements may contain each other. */
export const MAX_NESTING = 100;

/**
 * How much work one evaluation may do: a step for each turn of a loop and each call, and one more for each 32
 * characters or items that a call is given or gives. It takes some tenths of a second.
 */
export const MAX_STEPS = 100_000;

/** Characters or items of an argument that count as one step. */
export const SIZE_OF_STEP = 32;

/** An integer beyond 64 bits takes far longer to reckon with, and to write down. */
export const STEPS_OF_LARGE_INTEGER = 100;
