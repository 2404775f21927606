/** The organization that the root key and the migrations' default collection belong to. */
export const DEFAULT_ORGANIZATION_ID = "00000000-0000-4000-8000-000000000001";

/** Who is calling. Everything a caller sees or does is scoped to its organization. */
export interface Actor {
  /** The root key comes from the Worker's secrets and may also manage organizations; other keys are rows in D1. */
  readonly kind: "root" | "key";
  /** `root`, or the id of the key. */
  readonly keyId: string;
  readonly organizationId: string;
}

export const ROOT_ACTOR: Actor = { kind: "root", keyId: "root", organizationId: DEFAULT_ORGANIZATION_ID };
