import type { Keepsakes } from "#sources/source";

/** What is left of a token's quota, and when (epoch milliseconds) it begins anew. */
export interface Quota {
  readonly remaining: number;
  readonly resetAt: number;
}

/** An answer that came late may tell of a window that has ended since; the two clocks may differ by this much. */
const RESET_TOLERANCE_MS = 60_000;

/** A reset that is just now, or was, is asked about again after this, and not at once over and over. */
const MIN_WAIT_MS = 5_000;

const known = new WeakMap<Keepsakes, Map<string, TokenQuotas>>();

/** The quotas of tokens that are used in turn. Counted in memory: they are asked for again when that is lost. */
export class TokenQuotas {
  readonly #tokens: readonly string[];
  /** Null for a token whose quota the API does not count. */
  readonly #quotas = new Map<string, Quota | null>();
  #active = 0;

  private constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  /** All streams of a connection count the same quotas of the same tokens. */
  static of(keepsakes: Keepsakes, tokens: readonly string[]): TokenQuotas {
    const ofConnection = known.get(keepsakes) ?? new Map<string, TokenQuotas>();
    known.set(keepsakes, ofConnection);
    const key = JSON.stringify(tokens);
    const quotas = ofConnection.get(key) ?? new TokenQuotas(tokens);
    ofConnection.set(key, quotas);
    return quotas;
  }

  get size(): number {
    return this.#tokens.length;
  }

  /** Those whose quota has to be asked for: all at first, and all again once every one is used up and one began anew. */
  unknownAt(now: number): readonly string[] {
    const isUsedUp = this.#tokens.every((token) => this.#quotas.get(token)?.remaining === 0);
    return isUsedUp && now >= this.#firstReset()
      ? this.#tokens
      : this.#tokens.filter((token) => !this.#quotas.has(token));
  }

  learn(token: string, quota: Quota | null): void {
    this.#quotas.set(token, quota === null ? null : { ...quota, remaining: Math.max(0, quota.remaining) });
  }

  /** A token with a call left, counted as made; or when to ask again. */
  take(now: number): { readonly token: string } | { readonly token: null; readonly retryAt: number } {
    for (let tried = 0; tried < this.#tokens.length; tried += 1) {
      const token = this.#tokens[this.#active % this.#tokens.length] ?? "";
      const quota = this.#quotas.get(token) ?? null;
      // Without a count there is nothing to choose by, so that the load is spread.
      if (quota === null || quota.remaining === 0) this.#active += 1;
      if (quota === null) return { token };
      if (quota.remaining > 0) {
        this.#quotas.set(token, { ...quota, remaining: quota.remaining - 1 });
        return { token };
      }
    }
    return { token: null, retryAt: Math.max(this.#firstReset(), now + MIN_WAIT_MS) };
  }

  /** What an answer says about the token that it was for. Answers overtake each other, so that less is believed sooner. */
  correct(token: string, said: { readonly remaining: number | null; readonly resetAt: number | null }): void {
    const quota = this.#quotas.get(token) ?? null;
    if (quota === null) return;
    const { remaining, resetAt } = said;
    if (resetAt !== null && resetAt > quota.resetAt + RESET_TOLERANCE_MS && remaining !== null) {
      this.#quotas.set(token, { remaining: Math.max(0, remaining), resetAt });
    } else if (remaining !== null && (resetAt === null || resetAt >= quota.resetAt - RESET_TOLERANCE_MS)) {
      this.#quotas.set(token, { ...quota, remaining: Math.max(0, Math.min(quota.remaining, remaining)) });
    }
  }

  #firstReset(): number {
    return Math.min(...this.#tokens.map((token) => this.#quotas.get(token)?.resetAt ?? 0));
  }
}
