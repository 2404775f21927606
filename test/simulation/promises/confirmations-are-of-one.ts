import type { View } from "#test/simulation/view";
import type { WatchedPromise } from "./promise.ts";

/** Whoever lets the run after the active one delete what is gone says so of what the config and the credentials of then show. */
export class ConfirmationsAreOfOne implements WatchedPromise {
  #wasConfirmed = false;
  #edition = 0;
  #credentialsChangedAt = 0;

  breaches({ connection, followUp }: View): string[] {
    if (connection === null) return [];
    const { config, credentialsChangedAt } = connection;
    const isAnother = config.edition !== this.#edition || credentialsChangedAt !== this.#credentialsChangedAt;
    const isConfirmed = followUp?.confirmDeletes === true;
    const isKept = isAnother && this.#wasConfirmed && isConfirmed;
    this.#edition = config.edition;
    this.#credentialsChangedAt = credentialsChangedAt;
    this.#wasConfirmed = isConfirmed;
    return isKept
      ? ["The run after the active one may delete what other credentials, or another config, do not show."]
      : [];
  }
}
