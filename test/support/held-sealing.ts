import { vi } from "vitest";

/** The next time that something is sealed takes until it is let go; whatever is sealed meanwhile takes no longer. */
export function heldSealing(): { readonly begun: Promise<void>; readonly letGo: () => void } {
  const begun = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const seal = crypto.subtle.encrypt.bind(crypto.subtle);
  vi.spyOn(crypto.subtle, "encrypt").mockImplementationOnce(async (...sealed) => {
    begun.resolve();
    await held.promise;
    return seal(...sealed);
  });
  return { begun: begun.promise, letGo: held.resolve };
}
