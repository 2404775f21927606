import { sealCredentials } from "#auth/credentials";
import type { Config } from "#config";
import { accepted, refused, type Refusal, type Reply } from "#core/errors";
import type { HookPatch, HookSnapshot, NewHook, NewHookToken } from "#triggers/webhook/hook";
import type { HookAdmission } from "./hook-admission.ts";
import { hookRunDueAt } from "./hook-run-due.ts";
import type { StoredHook } from "./hook-store.ts";
import { NO_CONNECTION } from "./no-connection.ts";
import type { Stores } from "./stores.ts";
import type { Surroundings } from "./surroundings.ts";

/** The connection's inbound address as its owner sets it up. */
export class HookOwner {
  readonly #stores: Stores;
  readonly #worker: Config;
  readonly #around: Surroundings;
  readonly #admission: HookAdmission;

  constructor(stores: Stores, worker: Config, around: Surroundings, admission: HookAdmission) {
    this.#stores = stores;
    this.#worker = worker;
    this.#around = around;
    this.#admission = admission;
  }

  describe(): Reply<HookSnapshot> {
    const hook = this.#stores.hooks.read();
    return hook === null ? refused(NO_HOOK) : accepted(this.#snapshot(hook));
  }

  async create({ tokenHash, settings, secrets }: NewHook): Promise<Reply<HookSnapshot>> {
    const sealed = await this.#seal(secrets);
    const now = this.#around.now();
    const hook: StoredHook = {
      tokenHash,
      previousToken: null,
      settings,
      secrets: sealed,
      secretCount: secrets.length,
      createdAt: now,
      modifiedAt: now,
      rotatedAt: now,
    };
    return this.#stores.sql.transaction(() => {
      if (this.#isGone()) return refused(NO_CONNECTION);
      const existing = this.#stores.hooks.read();
      // The same call again, after the answer to it was lost.
      if (existing?.tokenHash === tokenHash) return accepted(this.#snapshot(existing));
      if (existing !== null) return refused(HOOK_EXISTS);
      this.#stores.hooks.write(hook);
      return accepted(this.#snapshot(hook));
    });
  }

  async update({ proof, ...patch }: HookPatch): Promise<Reply<HookSnapshot>> {
    const sealed = proof === undefined ? null : await this.#seal(proof.secrets);
    return this.#change((hook) => ({
      ...hook,
      settings: {
        ...hook.settings,
        ...patch,
        verification: proof?.verification ?? hook.settings.verification,
      },
      secrets: sealed ?? hook.secrets,
      secretCount: proof?.secrets.length ?? hook.secretCount,
      modifiedAt: this.#around.now(),
    }));
  }

  rotate({ tokenHash, overlapMs }: NewHookToken): Reply<HookSnapshot> {
    const now = this.#around.now();
    return this.#change((hook) => {
      if (hook.tokenHash === tokenHash) return hook;
      const previousToken = overlapMs === 0 ? null : { hash: hook.tokenHash, until: now + overlapMs };
      return { ...hook, tokenHash, previousToken, rotatedAt: now };
    });
  }

  /** Deliveries that were accepted count: a run they wait for does not wait for its time any more. */
  remove(): Reply<HookSnapshot> {
    return this.#stores.sql.transaction(() => {
      const before = this.describe();
      if (!before.ok) return before;
      this.#admission.startWaiting();
      this.#stores.hooks.remove();
      return before;
    });
  }

  #change(change: (hook: StoredHook) => StoredHook): Reply<HookSnapshot> {
    return this.#stores.sql.transaction(() => {
      if (this.#isGone()) return refused(NO_CONNECTION);
      const hook = this.#stores.hooks.read();
      if (hook === null) return refused(NO_HOOK);
      const changed = change(hook);
      this.#stores.hooks.write(changed);
      return accepted(this.#snapshot(changed));
    });
  }

  /** The connection may have been deleted while secrets were being sealed. */
  #isGone(): boolean {
    return this.#stores.connection.read().deletedAt !== null;
  }

  #seal(secrets: readonly string[]) {
    return sealCredentials(this.#worker.SLUICE_ENCRYPTION_KEYS, this.#stores.connection.read().id, { secrets });
  }

  #snapshot(hook: StoredHook): HookSnapshot {
    const { hooks } = this.#stores;
    const until = hook.previousToken?.until ?? null;
    return {
      settings: hook.settings,
      secrets: hook.secretCount,
      createdAt: hook.createdAt,
      modifiedAt: hook.modifiedAt,
      rotatedAt: hook.rotatedAt,
      previousTokenUntil: until !== null && until > this.#around.now() ? until : null,
      waitingUntil: hookRunDueAt(this.#stores),
      counts: hooks.counts(),
      deliveries: hooks.deliveries(),
    };
  }
}

const NO_HOOK: Refusal = {
  code: "not_found",
  message: "This source connection has no webhook. Create one with POST …/webhook.",
};

const HOOK_EXISTS: Refusal = {
  code: "conflict",
  message: "This source connection has a webhook already. Change it with PATCH …/webhook, or delete it first.",
};
