import { createCipheriv, createDecipheriv, createHash, createHmac } from "node:crypto";

const TAG_BYTES = 16;

interface Key {
  readonly bytes: Uint8Array;
}

interface AesParameters {
  readonly iv: Uint8Array;
  readonly additionalData: Uint8Array;
}

/**
 * WebCrypto without its threads: the same ciphers, done when the promise is made. When a thread is done depends on the
 * machine, and a history has to be the same each time.
 */
const INSTANT_SUBTLE = {
  importKey: async (_format: string, bytes: Uint8Array): Promise<Key> => ({ bytes: bytes.slice() }),

  encrypt: async ({ iv, additionalData }: AesParameters, { bytes }: Key, plaintext: Uint8Array) => {
    const cipher = createCipheriv("aes-256-gcm", bytes, iv).setAAD(additionalData);
    return bufferOf(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
  },

  /** The same credentials are opened by every slice: what was opened before is remembered. */
  decrypt: async (parameters: AesParameters, { bytes }: Key, sealed: Uint8Array) => {
    const key = Buffer.concat([bytes, parameters.iv, sealed, parameters.additionalData]).latin1Slice();
    const opened = OPENED.get(key) ?? bufferOf(decrypted(parameters, bytes, sealed));
    if (OPENED.size === REMEMBERED) OPENED.clear();
    OPENED.set(key, opened);
    return opened.slice();
  },

  sign: async (_algorithm: unknown, { bytes }: Key, content: Uint8Array) =>
    bufferOf(createHmac("sha256", bytes).update(content).digest()),

  digest: async (_algorithm: string, content: Uint8Array) => bufferOf(createHash("sha256").update(content).digest()),
};

/** Of credentials of histories that are over nobody asks any more. */
const REMEMBERED = 1_000;
const OPENED = new Map<string, ArrayBuffer>();

function decrypted({ iv, additionalData }: AesParameters, key: Uint8Array, sealed: Uint8Array): Uint8Array {
  const decipher = createDecipheriv("aes-256-gcm", key, iv).setAAD(additionalData);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
}

/** Puts it in the place of WebCrypto, and gives bytes the base64 that workerd has and this Node has not. */
export function installInstantCrypto(): void {
  Object.defineProperty(crypto, "subtle", { value: INSTANT_SUBTLE, configurable: true });
  Object.defineProperty(Uint8Array, "fromBase64", {
    value: (text: string) => new Uint8Array(Buffer.from(text, "base64")),
    configurable: true,
  });
  Reflect.defineProperty(Uint8Array.prototype, "toBase64", {
    value(this: Uint8Array) {
      return Buffer.from(this).toString("base64");
    },
    configurable: true,
  });
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
