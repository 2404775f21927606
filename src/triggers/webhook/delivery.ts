/** A delivery as it came in: the raw body, and the headers with their names in lower case. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What a verification found. A reason is a sentence for the sender, and holds nothing of the body or of a secret. */
export type Verdict =
  | {
      readonly isGenuine: true;
      /** The sender's own name for the delivery, the same when it is sent again; null where it gives none. */
      readonly deliveryId: string | null;
      /** Set where the sender only wants to know that somebody is there, and what to answer it with. */
      readonly challenge: string | null;
    }
  | {
      readonly isGenuine: false;
      /** `signature`: not signed with the secret. `malformed`: what the scheme needs is unreadable, or out of date. */
      readonly fault: "signature" | "malformed";
      readonly reason: string;
    };

/** Longest delivery id that is remembered: those of all providers are well under a hundred characters. */
const MAX_ID_LENGTH = 255;

export function genuine(deliveryId: string | null | undefined, challenge: string | null = null): Verdict {
  const id = deliveryId === undefined || deliveryId === null || deliveryId === "" ? null : deliveryId;
  if (id !== null && id.length > MAX_ID_LENGTH) {
    return malformed(`The delivery id is longer than ${MAX_ID_LENGTH} characters.`);
  }
  return { isGenuine: true, deliveryId: id, challenge };
}

export function forged(reason: string): Verdict {
  return { isGenuine: false, fault: "signature", reason };
}

export function malformed(reason: string): Verdict {
  return { isGenuine: false, fault: "malformed", reason };
}

/** The verdict on a delivery without the header that would prove it. */
export function unsigned(header: string): Verdict {
  return forged(`The header ${header} is missing, so the delivery is not signed.`);
}

/** The verdict on a signature that none of the secrets makes. */
export function mismatched(header: string): Verdict {
  return forged(
    `The signature in ${header} does not match the body. Use the same secret on both sides, and send the body unchanged.`,
  );
}
