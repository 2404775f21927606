import { oneOf, wholeNumber, type SeededRandom } from "./seeded-random.ts";

type Words = readonly [string, ...string[]];

const ADJECTIVES: Words = [
  "quiet",
  "sudden",
  "early",
  "narrow",
  "steady",
  "broken",
  "open",
  "distant",
  "second",
  "plain",
];
const NOUNS: Words = ["river", "gate", "ledger", "signal", "harbour", "bridge", "mill", "valve", "basin", "meadow"];
const VERBS: Words = [
  "opens",
  "holds",
  "turns",
  "carries",
  "feeds",
  "blocks",
  "measures",
  "crosses",
  "fills",
  "drains",
];
const NAMES: Words = ["Ada Berg", "Bo Lind", "Cleo Hart", "Dina Voss", "Emil Roth", "Freya Stone"];

/** What language models reserve for themselves; text that holds it has to survive like any other. */
const SPECIAL_TOKENS: Words = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|im_start|>", "<|im_end|>"];

export function title(random: SeededRandom): string {
  return `The ${oneOf(random, ADJECTIVES)} ${oneOf(random, NOUNS)}`;
}

export function author(random: SeededRandom): string {
  return oneOf(random, NAMES);
}

/** Sentences until there are at least `length` characters. */
export function prose(random: SeededRandom, length: number): string {
  let text = sentence(random);
  while (text.length < length) text += ` ${sentence(random)}`;
  return text;
}

/** The text with one to three special tokens between its words. */
export function withSpecialTokens(random: SeededRandom, text: string): string {
  const words = text.split(" ");
  for (let count = wholeNumber(random, 1, 3); count > 0; count -= 1) {
    words.splice(wholeNumber(random, 0, words.length), 0, oneOf(random, SPECIAL_TOKENS));
  }
  return words.join(" ");
}

function sentence(random: SeededRandom): string {
  const subject = `The ${oneOf(random, ADJECTIVES)} ${oneOf(random, NOUNS)}`;
  return `${subject} ${oneOf(random, VERBS)} the ${oneOf(random, ADJECTIVES)} ${oneOf(random, NOUNS)}.`;
}
