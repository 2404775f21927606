import type { Json } from "#core/json";
import { parseExactly } from "#core/exact-json";
import type { Field } from "./api-answers.ts";

export type FieldValue = { readonly value: Json } | { readonly problem: string };

/** Reads what a person typed for a field of a source, by the field's type. A list is typed with commas, or as JSON. */
export function readFieldValue(field: Pick<Field, "type" | "items_type" | "enum_values">, typed: string): FieldValue {
  const text = typed.trim();
  if (field.enum_values !== null && field.type !== "array" && !field.enum_values.includes(text)) {
    return { problem: `Choose one of: ${field.enum_values.join(", ")}` };
  }
  switch (field.type) {
    case "integer":
    case "number":
      return numberIn(field.type, text);
    case "boolean":
      return booleanIn(text);
    case "array":
      return listIn(field.items_type ?? "string", text);
    case "object":
      return jsonIn(text);
    default:
      // Spaces around a secret may be part of it; the source knows.
      return { value: typed };
  }
}

function numberIn(type: "integer" | "number", text: string): FieldValue {
  const value = Number(text);
  const isNumber = text !== "" && Number.isFinite(value) && (type === "number" || Number.isInteger(value));
  return isNumber ? { value } : { problem: type === "integer" ? "Give a whole number." : "Give a number." };
}

function booleanIn(text: string): FieldValue {
  if (/^(?:true|yes|y|1)$/i.test(text)) return { value: true };
  if (/^(?:false|no|n|0)$/i.test(text)) return { value: false };
  return { problem: "Give true or false." };
}

function listIn(itemsType: string, text: string): FieldValue {
  if (text.startsWith("[")) return jsonIn(text);
  const items = text.split(",").map((item) => item.trim());
  const values: Json[] = [];
  for (const item of items.filter((each) => each !== "")) {
    const read = readFieldValue({ type: itemsType, items_type: null, enum_values: null }, item);
    if ("problem" in read) return { problem: `"${item}": ${read.problem}` };
    values.push(read.value);
  }
  return { value: values };
}

function jsonIn(text: string): FieldValue {
  try {
    return { value: parseExactly(text) };
  } catch {
    return { problem: "Give JSON." };
  }
}
