import type { View } from "#test/simulation/view";
import type { WatchedPromise } from "./promise.ts";

/**
 * Deletes are confirmed for the run of whoever asks so, and for what the config of that moment shows: no other run takes
 * over a confirmation.
 */
export class ConfirmationsAreGiven implements WatchedPromise {
  /** Has somebody confirmed, for a run that may still be to come? */
  #isGiven = false;
  /** Calls that confirm and are not over, and may yet come. */
  #underWay = 0;
  /** Was one made since the last look? */
  #isNew = false;
  #edition = 0;
  #newestId: string | null = null;

  /** Somebody asks for a run and confirms deletes. Call what it answers with when that has had all the effect it will have. */
  give(): () => void {
    this.#isGiven = true;
    this.#isNew = true;
    this.#underWay += 1;
    return () => {
      this.#underWay -= 1;
    };
  }

  breaches({ connection, jobs, followUp }: View): string[] {
    if (connection === null) return [];
    const { edition } = connection.config;
    // Which of the two came first is not known.
    const mayBeForThis = this.#isNew || this.#underWay > 0;
    this.#isNew = false;
    if (edition !== this.#edition && !mayBeForThis) this.#isGiven = false;
    this.#edition = edition;
    const newest = jobs.at(-1);
    const isBegun = newest !== undefined && newest.id !== this.#newestId;
    this.#newestId = newest?.id ?? null;
    const isGiven = this.#isGiven;
    // Whoever confirmed has got the job that there is, or none.
    if (this.#underWay === 0 && followUp === null) this.#isGiven = false;
    if (isGiven) return [];
    return [
      ...(isBegun && newest.deletesConfirmed
        ? [`Job ${newest.id} may delete whatever it likes by nobody's word.`]
        : []),
      ...(followUp?.confirmDeletes === true ? ["The next run may delete whatever it likes by nobody's word."] : []),
    ];
  }
}
