import { oneOf, type SeededRandom } from "#sources/internal/seeded-random";
import { jobBodySchema } from "#http/schemas/job";
import { ask } from "./ask.ts";
import { answeredTo, type Caller, type Named } from "./caller.ts";
import type { Stage } from "./stage.ts";

/** Somebody with a key of another organization, who knows what all things of this one are called. */
export class Stranger {
  readonly #stage: Stage;
  readonly #caller: Caller;

  constructor(stage: Stage, caller: Caller) {
    this.#stage = stage;
    this.#caller = caller;
  }

  /** Tries one route, while anything may be wrong. Answers with what was broken by that. */
  async tryOne({ id }: { readonly id: string }, random: SeededRandom): Promise<readonly string[]> {
    const jobs = await this.#stage.call("GET", `/source-connections/${id}/jobs?limit=1`);
    const jobId = jobBodySchema.array().safeParse(jobs?.body).data?.[0]?.id ?? id;
    const operation = oneOf(random, this.#caller.operations);
    const answer = await this.#caller.call(operation, { id, jobId });
    // What is not known is whether it would have been refused: then nothing was done either.
    const isRight = answer === null || answer.status === 404 || answer.status >= 500;
    return isRight ? [] : [answeredTo("a stranger's", operation, answer)];
  }

  /** Tries every route, when all is quiet: all of it is not there, and stays as it is. */
  async tryAll(coveted: Named): Promise<readonly string[]> {
    const before = await this.#all(coveted);
    const broken: string[] = [];
    for (const operation of this.#caller.operations) {
      const answer = await this.#caller.call(operation, coveted);
      if (answer?.status !== 404) broken.push(answeredTo("a stranger's", operation, answer));
    }
    const after = await this.#all(coveted);
    return before === after ? broken : [...broken, `a stranger changed ${before} to ${after}.`];
  }

  /** What a stranger could have changed, as its owner is shown it. */
  async #all({ id }: Named): Promise<string> {
    const connection = `/source-connections/${id}`;
    const paths = [connection, `${connection}/webhook`, `${connection}/jobs`, "/webhooks/subscriptions", "/api-keys"];
    const answers = await Promise.all(paths.map((path) => ask(this.#stage, "GET", path)));
    return answers.map(({ text }) => text).join("\n");
  }
}
