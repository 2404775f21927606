import { CANCEL_SYMBOL, confirm, isCancel, multiselect, password, select, text } from "@clack/prompts";

import { Interrupted } from "./stopped.ts";

/** Questions to the person at the terminal. Each throws Interrupted where the answer is Ctrl-C or Escape. */

/** Null: fine. Otherwise what is wrong with the answer. */
export type Check = (answer: string) => string | null;

export interface Question {
  readonly message: string;
  readonly placeholder?: string;
  /** What an empty answer means. */
  readonly initial?: string;
  readonly check?: Check;
}

export async function askText({ message, placeholder = "", initial = "", check }: Question): Promise<string> {
  const validate = (answer: string | undefined) => check?.(answer ?? "") ?? undefined;
  return answered(await text({ message, placeholder, initialValue: initial, validate }));
}

/** Shows a mask instead of what is typed. */
export async function askSecret({ message, check }: Pick<Question, "message" | "check">): Promise<string> {
  return answered(await password({ message, validate: (answer) => check?.(answer ?? "") ?? undefined })) ?? "";
}

export async function askYes(message: string, initialValue: boolean): Promise<boolean> {
  return answered(await confirm({ message, initialValue }));
}

export interface Choice {
  readonly value: string;
  readonly label?: string;
  readonly hint?: string;
}

export async function askChoice(message: string, options: readonly Choice[]): Promise<string> {
  return answered(await select({ message, options: [...options], maxItems: SHOWN_CHOICES }));
}

/** At least one of them. */
export async function askChoices(message: string, options: readonly Choice[]): Promise<string[]> {
  return answered(await multiselect({ message, options: [...options], required: true, maxItems: SHOWN_CHOICES }));
}

/** The rest is scrolled to. */
const SHOWN_CHOICES = 12;

function answered<Answer extends string | boolean | string[]>(answer: Answer | typeof CANCEL_SYMBOL): Answer {
  if (isCancel(answer)) throw new Interrupted("Cancelled. Nothing was changed.");
  return answer;
}
