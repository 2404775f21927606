import { Refused } from "#core/errors";
import { ROOT_ACTOR, type Actor } from "./actor.ts";
import { hashApiKey, isSameKey, looksLikeApiKey } from "./api-key.ts";

/** What is known about an issued key. */
export interface IssuedKey {
  readonly id: string;
  readonly organizationId: string;
  /** Epoch milliseconds; null for never. */
  readonly expiresAt: number | null;
}

export interface AuthenticateDeps {
  readonly rootKey: string;
  readonly findKey: (hash: string) => Promise<IssuedKey | null>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Reads the key from `Authorization: Bearer …` or `x-api-key`; null where there is none. */
export function presentedKey(headers: Headers): string | null {
  const bearer = /^bearer +(\S+)$/i.exec(headers.get("authorization")?.trim() ?? "")?.[1];
  const key = bearer ?? headers.get("x-api-key")?.trim();
  return key === undefined || key === "" ? null : key;
}

/** Says whose key this is. Refuses with `unauthenticated` without one and with `forbidden` for any that isn't good. */
export async function authenticate(presented: string | null, deps: AuthenticateDeps): Promise<Actor> {
  if (presented === null) {
    throw new Refused({
      code: "unauthenticated",
      message: "No API key. Send it as `Authorization: Bearer KEY` or `x-api-key: KEY`.",
    });
  }
  if (await isSameKey(presented, deps.rootKey)) return ROOT_ACTOR;
  const key = looksLikeApiKey(presented) ? await deps.findKey(await hashApiKey(presented)) : null;
  if (key === null || (key.expiresAt !== null && key.expiresAt <= deps.now)) {
    throw new Refused({ code: "forbidden", message: "Invalid or expired API key" });
  }
  return { kind: "key", keyId: key.id, organizationId: key.organizationId };
}
