import type { Refusal } from "#core/errors";
import { addressRefusal, unreachable, type Outside } from "./receiver.ts";

/** Why nothing can be delivered to this address; null where it may be called and something answers. */
export async function receiverRefusal(outside: Outside, url: string): Promise<Refusal | null> {
  const refusal = addressRefusal(url, outside.allowPrivate);
  if (refusal !== null) return urlRefusal(`This address may not be called: ${refusal}.`);
  const reason = await unreachable(outside, url);
  return reason === null ? null : { code: "source_refused", message: `Nothing answers at ${url}. ${reason}` };
}

/** What is wrong with the `url` of a subscription. */
export function urlRefusal(msg: string): Refusal {
  return { code: "invalid", message: msg, issues: [{ loc: ["body", "url"], msg, type: "value_error" }] };
}
