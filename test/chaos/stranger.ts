import { oneOf, type SeededRandom } from "#sources/internal/seeded-random";
import { jobBodySchema } from "#http/schemas/job";
import { readApiDocument, type ApiOperation } from "#test/fuzz/api-document";
import { addressOf } from "#test/fuzz/fuzz-request";
import { rightRequest } from "#test/fuzz/right-request";
import { ask } from "./ask.ts";
import type { Answer, Stage } from "./stage.ts";

/** What is none of a stranger's business: a connection, and a job of it. */
export interface Coveted {
  readonly id: string;
  readonly jobId: string;
}

/** Somebody with a key of another organization, who knows what all things of this one are called. */
export class Stranger {
  readonly #stage: Stage;
  readonly #key: string;
  readonly #operations: readonly [ApiOperation, ...ApiOperation[]];
  /** Names of what belongs to others and to no connection alone, by what they name. */
  readonly #names: ReadonlyMap<string, string>;

  private constructor(
    stage: Stage,
    key: string,
    operations: readonly [ApiOperation, ...ApiOperation[]],
    names: ReadonlyMap<string, string>,
  ) {
    this.#stage = stage;
    this.#key = key;
    this.#operations = operations;
    this.#names = names;
  }

  /** @param names of what belongs to others, by what they name */
  static async arrive(stage: Stage, key: string, names: ReadonlyMap<string, string>): Promise<Stranger> {
    const { operations } = readApiDocument((await stage.document())?.body);
    const [first, ...others] = operations.filter(({ path, isOpen }) => path.includes("{") && !isOpen);
    if (first === undefined) throw new Error("No address of the API names anything.");
    return new Stranger(stage, key, [first, ...others], names);
  }

  /** Tries one route, while anything may be wrong. Answers with what was broken by that. */
  async tryOne({ id }: { readonly id: string }, random: SeededRandom): Promise<readonly string[]> {
    const jobs = await this.#stage.call("GET", `/source-connections/${id}/jobs?limit=1`);
    const jobId = jobBodySchema.array().safeParse(jobs?.body).data?.[0]?.id ?? id;
    const operation = oneOf(random, this.#operations);
    const answer = await this.#call(operation, { id, jobId });
    // What is not known is whether it would have been refused: then nothing was done either.
    const isRight = answer === null || answer.status === 404 || answer.status >= 500;
    return isRight ? [] : [told(operation, answer)];
  }

  /** Tries every route, when all is quiet: all of it is not there, and stays as it is. */
  async tryAll(coveted: Coveted): Promise<readonly string[]> {
    const before = await this.#all(coveted);
    const broken: string[] = [];
    for (const operation of this.#operations) {
      const answer = await this.#call(operation, coveted);
      if (answer?.status !== 404) broken.push(told(operation, answer));
    }
    const after = await this.#all(coveted);
    return before === after ? broken : [...broken, `a stranger changed ${before} to ${after}.`];
  }

  async #call(operation: ApiOperation, { id, jobId }: Coveted): Promise<Answer | null> {
    const own: ReadonlyMap<string, string> = new Map([
      ["source-connections", id],
      ["job_id", jobId],
    ]);
    const right = rightRequest(operation, this.#stage.receiver.address, 0);
    const address = addressOf(right, ({ kind }) => own.get(kind) ?? this.#names.get(kind) ?? id);
    return this.#stage.call(operation.method, address.replace(/^\/v1/, ""), {
      key: this.#key,
      headers: right.headers,
      ...(right.body === null ? {} : { body: JSON.parse(String(right.body)) }),
    });
  }

  /** What a stranger could have changed, as its owner is shown it. */
  async #all({ id }: Coveted): Promise<string> {
    const connection = `/source-connections/${id}`;
    const paths = [connection, `${connection}/webhook`, `${connection}/jobs`, "/webhooks/subscriptions", "/api-keys"];
    const answers = await Promise.all(paths.map((path) => ask(this.#stage, "GET", path)));
    return answers.map(({ text }) => text).join("\n");
  }
}

function told({ id }: ApiOperation, answer: Answer | null): string {
  const said = answer === null ? "not at all" : `${answer.status}: ${answer.text.slice(0, 200)}`;
  return `a stranger's ${id} was answered ${said}`;
}
