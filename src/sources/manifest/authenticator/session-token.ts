import { z } from "zod";

import type { Scope } from "#sources/manifest/scope";
import { digestOf } from "./digest.ts";
import { oneAtATime } from "./one-at-a-time.ts";

/** A token as signing in gave it. */
export interface Session {
  readonly token: string;
  /** Epoch milliseconds; null where it is good for one request. */
  readonly expiresAt: number | null;
}

const keptSchema = z.object({ token: z.string(), expiresAt: z.number(), from: z.string() });

/** The token of a session, kept beyond the slice until it expires. */
export class SessionToken {
  readonly #scope: Scope;
  readonly #definition: unknown;
  readonly #signIn: () => Promise<Session>;
  #lastGiven: string | null = null;

  /** `definition` tells authenticators of a manifest apart; what they evaluate to depends on the config besides. */
  constructor(scope: Scope, definition: unknown, signIn: () => Promise<Session>) {
    this.#scope = scope;
    this.#definition = definition;
    this.#signIn = signIn;
  }

  async get(): Promise<string> {
    const name = await this.#name();
    const token =
      (await this.#kept(name)) ??
      (await oneAtATime(
        this.#scope.keepsakes,
        name,
        async () => (await this.#kept(name)) ?? (await this.#obtain(name)),
      ));
    this.#lastGiven = token;
    return token;
  }

  /** The session that was refused ends here; one that another stream began since does not. */
  async renew(): Promise<boolean> {
    const name = await this.#name();
    return oneAtATime(this.#scope.keepsakes, name, async () => {
      const kept = await this.#kept(name);
      if (kept !== null && kept === this.#lastGiven) await this.#keep(name, { token: "", expiresAt: 0 });
      return true;
    });
  }

  async #obtain(name: string): Promise<string> {
    const { token, expiresAt } = await this.#signIn();
    this.#scope.http.conceal(token);
    if (expiresAt !== null) await this.#keep(name, { token, expiresAt });
    return token;
  }

  async #kept(name: string): Promise<string | null> {
    const kept = keptSchema.safeParse(await this.#scope.keepsakes.read(name));
    if (!kept.success || kept.data.expiresAt < this.#scope.now() || kept.data.from !== (await this.#from()))
      return null;
    this.#scope.http.conceal(kept.data.token);
    return kept.data.token;
  }

  async #keep(name: string, session: { readonly token: string; readonly expiresAt: number }): Promise<void> {
    await this.#scope.keepsakes.write(name, { ...session, from: await this.#from() });
  }

  #named: Promise<string> | null = null;
  #name(): Promise<string> {
    this.#named ??= digestOf(this.#definition).then((digest) => `session ${digest}`);
    return this.#named;
  }

  #digestOfConfig: Promise<string> | null = null;
  #from(): Promise<string> {
    this.#digestOfConfig ??= digestOf([this.#scope.config, this.#scope.parameters]);
    return this.#digestOfConfig;
  }
}
