import type { Json, JsonObject } from "#core/json";
import type { Field } from "./api-answers.ts";
import { askChoice, askSecret, askText, askYes } from "./ask.ts";
import { valueAt, withValueAt } from "./field-path.ts";
import { readFieldValue } from "./field-value.ts";
import { oneLine } from "./terminal-text.ts";

const SKIP = "";

/**
 * The fields that a person can be asked for. An object is asked for through its own fields, where they are known.
 */
export function askableFields(fields: readonly Field[]): Field[] {
  return fields.filter(({ name }) => !fields.some((other) => other.name.startsWith(`${name}.`)));
}

/** Is the field required, and each object that it is in? */
export function isNeeded(field: Field, fields: readonly Field[]): boolean {
  const parts = field.name.split(".");
  const outer = parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("."));
  return field.required && outer.every((name) => fields.find((each) => each.name === name)?.required ?? true);
}

/**
 * Asks for what `given` lacks: what is needed, then, if wanted, what is not. Throws Interrupted.
 *
 * Where nothing by itself is needed (credentials of which there are several kinds) everything is asked for, and can be
 * left empty. `before` has what was answered the last time.
 */
export async function fillIn(
  fields: readonly Field[],
  given: JsonObject,
  what: string,
  before: JsonObject = {},
): Promise<JsonObject> {
  const open = askableFields(fields).filter(({ name }) => valueAt(given, name) === undefined);
  const needed = open.filter((field) => isNeeded(field, fields));
  const optional = open.filter((field) => !isNeeded(field, fields));
  let filled = given;
  const ask = (field: Field, isRequired: boolean) => askField(field, isRequired, textOf(valueAt(before, field.name)));
  for (const field of needed) filled = withAnswer(filled, field, await ask(field, true));
  if (optional.length === 0) return filled;
  const hasChoices = needed.length === 0 && Object.keys(given).length === 0 && optional.some((each) => each.is_secret);
  const names = optional.map(({ title }) => oneLine(title)).join(", ");
  if (!hasChoices && !(await askYes(`Set optional ${what} too? (${names})`, false))) return filled;
  for (const field of optional) filled = withAnswer(filled, field, await ask(field, false));
  return filled;
}

function withAnswer(object: JsonObject, field: Field, answer: Json | undefined): JsonObject {
  return answer === undefined ? object : withValueAt(object, field.name, answer);
}

/** As it is typed. */
function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  const isPlainList = Array.isArray(value) && value.every((item) => typeof item === "string" && !item.includes(","));
  return isPlainList ? value.join(",") : JSON.stringify(value);
}

/** Undefined where the person left it empty. */
async function askField(field: Field, isRequired: boolean, initial: string): Promise<Json | undefined> {
  const message = messageFor(field, isRequired);
  if (field.type === "boolean" && !isRequired) return (await askYes(message, false)) ? true : undefined;
  if (field.type === "boolean") return askYes(message, false);
  if (field.enum_values !== null && field.type !== "array") {
    const options = field.enum_values.map((value) => ({ value, label: oneLine(value) }));
    const skip = isRequired ? [] : [{ value: SKIP, label: "leave it out" }];
    const chosen = await askChoice(message, [...options, ...skip]);
    return chosen === SKIP ? undefined : valueOf(field, chosen);
  }
  const check = (answer: string) => {
    if (answer === "") return isRequired ? "This one is needed." : null;
    const read = readFieldValue(field, answer);
    return "problem" in read ? read.problem : null;
  };
  const isSecret = field.is_secret && !PLAIN_FIELDS.test(field.name);
  const answer = isSecret ? await askSecret({ message, check }) : await askText({ message, check, initial });
  return answer === "" ? undefined : valueOf(field, answer);
}

/** Parts of credentials that are no secrets: whoever types them wants to see them. */
const PLAIN_FIELDS = /(?:^|[._])(?:user|user_?name|email|login)$/i;

function valueOf(field: Field, answer: string): Json | undefined {
  const read = readFieldValue(field, answer);
  return "problem" in read ? undefined : read.value;
}

function messageFor({ title, description, type }: Field, isRequired: boolean): string {
  const notes = [type === "array" ? "separate with commas" : "", isRequired ? "" : "may be left empty"];
  const note = notes.filter((each) => each !== "").join("; ");
  const head = `${oneLine(title)}${note === "" ? "" : ` (${note})`}`;
  return description === null ? head : `${head}: ${oneLine(description)}`;
}
