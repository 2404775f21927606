import type { ApiDocument } from "./api-document.ts";
import type { FuzzRequest } from "./fuzz-request.ts";
import { rightRequest } from "./right-request.ts";

/** A byte more than is accepted. */
const TOO_LONG = "x".repeat(1_000_001);

/** More than one address may guess in a minute. */
const GUESSES = 301;
const GUESSER = { "cf-connecting-ip": "192.0.2.7" };

/** Every operation that takes a body, the open ones too, with one that is too large. */
export function tooLarge({ operations }: ApiDocument, receiver: string): FuzzRequest[] {
  return operations
    .filter(({ body, method, isOpen }) => body !== null || (isOpen && method === "POST"))
    .map((operation) => ({ ...rightRequest(operation, receiver, 0), body: TOO_LONG }));
}

/** Somebody who has no key and does not stop trying: to read, and to write. */
export function manyGuesses({ operations }: ApiDocument, receiver: string): FuzzRequest[] {
  const wanted = operations.filter(({ id }) =>
    ["createCollection", "deleteCollection", "listCollections"].includes(id),
  );
  return Array.from({ length: GUESSES }).flatMap((_, index) => {
    const operation = wanted[index % wanted.length];
    if (operation === undefined) return [];
    const { headers, ...request } = rightRequest(operation, receiver, 0);
    return [{ ...request, headers: { ...headers, ...GUESSER }, caller: "wrong" as const }];
  });
}
