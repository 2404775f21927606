import { z } from "zod";

import { isSameKey } from "#auth/api-key";
import { CannotOpen, openCredentials } from "#auth/credentials";
import type { Config } from "#config";
import { refused, type ErrorCode, type Refusal, type Reply } from "#core/errors";
import type { Delivery, Verdict } from "#triggers/webhook/delivery";
import { UNKNOWN_HOOK, type HookAnswer, type ReceivedHook } from "#triggers/webhook/hook";
import { verify } from "#triggers/webhook/verification";
import type { StoredHook } from "./hook-store.ts";
import type { HookAdmission } from "./hook-admission.ts";
import type { Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";

const secretsSchema = z.object({ secrets: z.array(z.string()) });

/** What comes in at the connection's inbound address: verified, and admitted if it is genuine. */
export class HookIntake {
  readonly #stores: Stores;
  readonly #admission: HookAdmission;
  readonly #worker: Config;
  readonly #around: Surroundings;

  constructor(stores: Stores, admission: HookAdmission, worker: Config, around: Surroundings) {
    this.#stores = stores;
    this.#admission = admission;
    this.#worker = worker;
    this.#around = around;
  }

  async receive({ tokenHash, headers, body }: ReceivedHook): Promise<Reply<HookAnswer>> {
    const hook = this.#stores.hooks.read();
    if (hook === null || !(await this.#accepts(hook, tokenHash))) return refused(UNKNOWN_HOOK);
    if (body === null) return this.#refuse(TOO_LARGE.code, TOO_LARGE.message, null);
    const delivery: Delivery = { headers, body };
    const verdict = await this.#verdict(hook, delivery);
    if (verdict instanceof CannotOpen) {
      this.#refuse("unavailable", verdict.message, null);
      return refused(CANNOT_VERIFY);
    }
    if (!verdict.isGenuine) {
      const code = verdict.fault === "signature" ? "signature_invalid" : "delivery_invalid";
      return this.#refuse(code, verdict.reason, null);
    }
    return this.#admission.admit(delivery, verdict);
  }

  async #accepts(hook: StoredHook, tokenHash: string): Promise<boolean> {
    const previous = hook.previousToken;
    const isPrevious = previous !== null && previous.until > this.#around.now();
    const [isCurrent, isOld] = await Promise.all([
      isSameKey(tokenHash, hook.tokenHash),
      isPrevious ? isSameKey(tokenHash, previous.hash) : false,
    ]);
    return isCurrent || isOld;
  }

  async #verdict(hook: StoredHook, delivery: Delivery): Promise<Verdict | CannotOpen> {
    const { id } = this.#stores.connection.read();
    try {
      const opened = await openCredentials(this.#worker.SLUICE_ENCRYPTION_KEYS, id, hook.secrets);
      const { secrets } = secretsSchema.parse(opened);
      return await verify(hook.settings.verification, delivery, secrets, this.#around.now());
    } catch (error) {
      if (error instanceof CannotOpen) return error;
      throw error;
    }
  }

  #refuse(code: ErrorCode, reason: string, deliveryId: string | null): Reply<HookAnswer> {
    this.#admission.note("refused", deliveryId, { reason });
    return refused({ code, message: reason });
  }
}

const TOO_LARGE: Refusal = {
  code: "body_too_large",
  message: "The body is too large. At most 1000000 bytes are accepted.",
};

/** The owner reads which key is missing; the sender need not know. */
const CANNOT_VERIFY: Refusal = {
  code: "unavailable",
  message: "The signature can't be checked at the moment. Send the delivery again later.",
};
