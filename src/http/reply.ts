import { Refused, type Reply } from "#core/errors";

/** The value of an object's reply; a refusal ends the request with it. */
export function valueOf<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value;
  throw new Refused(reply.refusal);
}
