import { parseExactly } from "#core/exact-json";
import { isJsonObject, type Json, type JsonObject } from "#core/json";
import type { Branch, FormField } from "./source-form.ts";

/** What is typed into a form, by the controls' names. */
export type Typed = ReadonlyMap<string, string>;

/** Where the choice of an alternative is kept. */
export function choiceName({ name }: FormField): string {
  return `${name}#`;
}

/** The last of each name counts: a box that is not ticked sends nothing, so one before it speaks for it. */
export function typedIn(form: FormData): Typed {
  return new Map([...form].flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : [])));
}

export interface Problem {
  readonly place: readonly string[];
  readonly message: string;
}

export interface ReadFields {
  readonly value: JsonObject;
  /** What could not be understood at all. What is understood and wrong, the API tells. */
  readonly problems: readonly Problem[];
}

/** The object that a form means. What was left empty is left out. */
export function readFields(fields: readonly FormField[], typed: Typed): ReadFields {
  const problems: Problem[] = [];
  return { value: objectOf(fields, typed, problems).value, problems };
}

interface Read {
  readonly value: JsonObject;
  /** Constants are there whatever is typed. */
  readonly isGiven: boolean;
}

function objectOf(fields: readonly FormField[], typed: Typed, problems: Problem[]): Read {
  const entries: [string, Json][] = [];
  let isGiven = false;
  for (const field of fields) {
    const value = valueOf(field, typed, problems);
    if (value === undefined) continue;
    isGiven ||= field.control.kind !== "constant";
    // The alternatives of the whole object have no name of their own.
    const key = field.place.at(-1);
    if (key !== undefined) entries.push([key, value]);
    else if (isJsonObject(value)) entries.push(...Object.entries(value));
  }
  return { value: Object.fromEntries(entries), isGiven };
}

function valueOf(field: FormField, typed: Typed, problems: Problem[]): Json | undefined {
  const { control, name, isRequired, fallback } = field;
  const text = typed.get(name) ?? "";
  const refuse = (message: string): undefined => void problems.push({ place: field.place, message });
  switch (control.kind) {
    case "constant":
      return control.value;
    case "text":
      return optional(control.isSecret || control.isLong ? text : text.trim());
    case "number":
      return text.trim() === "" ? undefined : (numberIn(text) ?? refuse("Input should be a number"));
    case "flag": {
      const value = text === "true";
      return isRequired || value !== (fallback ?? false) ? value : undefined;
    }
    case "choice": {
      const value = text === "" ? undefined : control.values[Number(text)];
      return isRequired || value !== fallback ? value : undefined;
    }
    case "lines": {
      const lines = text.split("\n").flatMap((line) => optional(line.trim()) ?? []);
      if (lines.length === 0) return undefined;
      if (control.items === "text") return lines;
      const numbers = lines.map(numberIn);
      return numbers.every((each) => each !== null) ? numbers : refuse("Each line should be a number");
    }
    case "json":
      return text.trim() === "" ? undefined : (jsonIn(text) ?? refuse("Input should be JSON"));
    case "group": {
      const { value, isGiven } = objectOf(control.fields, typed, problems);
      return isGiven || isRequired ? value : undefined;
    }
    case "alternatives": {
      const branch = control.branches[chosenBranch(field, typed) ?? -1];
      return branch === undefined ? undefined : objectOf(branch.fields, typed, problems).value;
    }
  }
}

/** Which alternative is chosen; null for none, where none is needed. */
export function chosenBranch(field: FormField, typed: Typed): number | null {
  const text = typed.get(choiceName(field));
  if (text === undefined) return field.isRequired ? 0 : null;
  return text === "" ? null : Number(text);
}

/** What would have to be typed for an object, such as the config that a connection has. */
export function typedFrom(fields: readonly FormField[], object: JsonObject): Typed {
  return new Map(fields.flatMap((field) => typedEntries(field, object)));
}

function typedEntries(field: FormField, object: JsonObject): [string, string][] {
  const { control, name } = field;
  const key = field.place.at(-1);
  const value = key === undefined ? object : Object.hasOwn(object, key) ? object[key] : undefined;
  if (value === undefined || value === null) return [];
  switch (control.kind) {
    case "constant":
      return [];
    case "text":
    case "number":
    case "flag":
      return [[name, typeof value === "object" ? JSON.stringify(value) : String(value)]];
    case "choice":
      return [[name, String(control.values.indexOf(value))]];
    case "lines":
      return [[name, Array.isArray(value) ? value.map(String).join("\n") : JSON.stringify(value)]];
    case "json":
      return [[name, JSON.stringify(value, null, 2)]];
    case "group":
      return isJsonObject(value) ? control.fields.flatMap((inner) => typedEntries(inner, value)) : [];
    case "alternatives": {
      if (!isJsonObject(value)) return [];
      const index = control.branches.findIndex((branch) => fits(branch, value));
      const chosen = control.branches[index];
      if (chosen === undefined) return [];
      return [[choiceName(field), String(index)], ...chosen.fields.flatMap((inner) => typedEntries(inner, value))];
    }
  }
}

function fits({ fields }: Branch, value: JsonObject): boolean {
  const constants = fields.flatMap(({ control, place }) =>
    control.kind === "constant" ? [value[place.at(-1) ?? ""] === control.value] : [],
  );
  if (constants.length > 0) return constants.every(Boolean);
  return Object.keys(value).every((key) => fields.some(({ place }) => place.at(-1) === key));
}

/** Every field that can be wrong by itself, in the order of the form; of alternatives those of the chosen one. */
export function shownFields(fields: readonly FormField[], typed: Typed): FormField[] {
  return fields.flatMap((field) => {
    if (field.control.kind === "constant") return [];
    if (field.control.kind === "group") return shownFields(field.control.fields, typed);
    if (field.control.kind !== "alternatives") return [field];
    const branch = field.control.branches[chosenBranch(field, typed) ?? -1];
    return branch === undefined ? [field] : shownFields(branch.fields, typed);
  });
}

function optional(text: string): string | undefined {
  return text === "" ? undefined : text;
}

function numberIn(text: string): number | null {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function jsonIn(text: string): Json | undefined {
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}
