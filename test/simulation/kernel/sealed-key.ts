import type { Sealed } from "#auth/credentials";

// Ciphers are none of the kernel's business: what is stored of a key can be read.

export function sealedKey(key: string): Sealed {
  return { keyId: "none", wrapIv: "", wrappedKey: "", iv: "", ciphertext: key };
}

export function keyIn({ ciphertext }: Sealed): string {
  return ciphertext;
}
