import { isJsonObject, type Json } from "#core/json";

import type { Delivery } from "./delivery.ts";

/** What a delivery says, as JSON. Forms count too; GitHub and Slack put JSON into their field `payload`. */
export function payloadOf({ headers, body }: Delivery): Json | undefined {
  const text = textOf(body);
  if (text === undefined) return undefined;
  if (!isForm(headers["content-type"])) return jsonOf(text);
  const fields = Object.fromEntries(new URLSearchParams(text));
  return (fields["payload"] === undefined ? undefined : jsonOf(fields["payload"])) ?? fields;
}

/** A text inside the payload's outermost object. */
export function textField(delivery: Delivery, field: string): string | null {
  const value = fieldOf(delivery, field);
  return typeof value === "string" ? value : null;
}

/** A number inside the payload's outermost object. */
export function numberField(delivery: Delivery, field: string): number | null {
  const value = fieldOf(delivery, field);
  return typeof value === "number" ? value : null;
}

function fieldOf(delivery: Delivery, field: string): Json | undefined {
  const payload = payloadOf(delivery);
  return isJsonObject(payload) && Object.hasOwn(payload, field) ? payload[field] : undefined;
}

function isForm(contentType: string | undefined): boolean {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() === "application/x-www-form-urlencoded";
}

function textOf(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
  } catch {
    return undefined;
  }
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
