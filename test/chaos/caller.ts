import { readApiDocument, type ApiOperation } from "#test/fuzz/api-document";
import { addressOf } from "#test/fuzz/fuzz-request";
import { rightRequest } from "#test/fuzz/right-request";
import type { Answer, Stage } from "./stage.ts";

/** A connection, and a job of it. */
export interface Named {
  readonly id: string;
  readonly jobId: string;
}

/** Somebody with a key, who knows every operation that names something, and what all things are called. */
export class Caller {
  readonly operations: readonly [ApiOperation, ...ApiOperation[]];
  readonly #stage: Stage;
  readonly #key: string;
  /** Names of what belongs to no connection alone, by what they name. */
  readonly #names: ReadonlyMap<string, string>;

  private constructor(
    stage: Stage,
    key: string,
    operations: readonly [ApiOperation, ...ApiOperation[]],
    names: ReadonlyMap<string, string>,
  ) {
    this.#stage = stage;
    this.#key = key;
    this.operations = operations;
    this.#names = names;
  }

  static async arrive(stage: Stage, key: string, names: ReadonlyMap<string, string>): Promise<Caller> {
    const { operations } = readApiDocument((await stage.document())?.body);
    const [first, ...others] = operations.filter(({ path, isOpen }) => path.includes("{") && !isOpen);
    if (first === undefined) throw new Error("No address of the API names anything.");
    return new Caller(stage, key, [first, ...others], names);
  }

  /** Asks for what the operation is there for, of a connection. */
  async call(operation: ApiOperation, { id, jobId }: Named): Promise<Answer | null> {
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
}

/** What was answered to somebody, for a finding. */
export function answeredTo(who: string, { id }: ApiOperation, answer: Answer | null): string {
  const said = answer === null ? "not at all" : `${answer.status}: ${answer.text.slice(0, 200)}`;
  return `${who} ${id} was answered ${said}`;
}
