import { setTimeout as delay } from "node:timers/promises";

import { isTerminal, type JobStatus } from "#core/job";
import { jobProgressSchema } from "#http/schemas/job-events";
import type { JobBody } from "#http/schemas/job";
import { EventSourceClient } from "#test/e2e/event-source";

/** So long after a job's end whoever watches it has been told. */
export const WATCHED_MS = 20_000;

const COME_BACK_AFTER_MS = 500;

const RANKS: Readonly<Record<JobStatus, number>> = {
  PENDING: 0,
  RUNNING: 1,
  CANCELLING: 2,
  COMPLETED: 3,
  FAILED: 3,
  CANCELLED: 3,
};

/** Somebody who watches a job to its end, and connects again with what was last seen whenever the connection is gone. */
export class Watch {
  readonly jobId: string;
  readonly #address: string;
  readonly #apiKey: string;
  readonly #broken: string[] = [];
  readonly #statuses: string[] = [];
  #over: Promise<void> = Promise.resolve();
  #seen: JobBody | null = null;
  /** Entries of the log that were told; null where that is not known yet. */
  #logged: number | null = null;
  #isEnded = false;
  #isOpen = false;
  #client: EventSourceClient | null = null;
  #connections = 0;
  #text = "";

  constructor(address: string, apiKey: string, jobId: string) {
    this.jobId = jobId;
    this.#address = address;
    this.#apiKey = apiKey;
    this.open();
  }

  /** All that was said. */
  get text(): string {
    return this.#text;
  }

  /** Was anything said? */
  get hasSeen(): boolean {
    return (this.#client?.events.length ?? 0) > 0;
  }

  /** Resolves when the server has said not to come again; or after so long, when nobody is interested any more. */
  async over(withinMs: number): Promise<void> {
    const late = setTimeout(() => this.close(), withinMs);
    await this.#over;
    clearTimeout(late);
  }

  /** Goes on from what was last seen. */
  open(): void {
    this.#isOpen = true;
    this.#over = this.#over.then(() => this.#run());
  }

  /** Nobody is interested any more. */
  close(): void {
    this.#isOpen = false;
    this.#client?.close();
  }

  /** What was not as it was promised, by the job as it is in the end. Call when it is over. */
  brokenBy(job: JobBody | undefined): readonly string[] {
    const what = `who watched the job ${this.jobId}`;
    const said = `${this.#statuses.join(", ")} on ${this.#connections} connections`;
    const isSame = JSON.stringify(this.#seen) === JSON.stringify(job);
    return [
      ...this.#broken.map((finding) => `${what} ${finding}`),
      ...(this.#isEnded ? [] : [`${what} was never told of its end (${said}).`]),
      ...(this.#isEnded && !isSame
        ? [`${what} was told ${JSON.stringify(this.#seen)} in the end, and it is ${JSON.stringify(job)}.`]
        : []),
    ];
  }

  async #run(): Promise<void> {
    while (this.#isOpen) {
      const client: EventSourceClient = new EventSourceClient(
        this.#address,
        this.#apiKey,
        this.#client?.lastEventId ?? null,
      );
      this.#client = client;
      // It comes again by itself. What a Worker could not say, as its D1 did not answer, is asked for anew.
      await client.stopped;
      this.#connections += client.connections.length;
      for (const { event, id, data } of client.events) this.#take(event, id, data);
      const status = client.connections.at(-1)?.status ?? 0;
      if (!this.#isOpen || status < 500) return;
      await delay(COME_BACK_AFTER_MS);
    }
  }

  #take(event: string, id: string, data: unknown): void {
    this.#text += JSON.stringify(data);
    if (this.#isEnded) this.#broken.push(`was told of "${event}" after the end.`);
    const logged = Number(id.split("-").at(-1));
    const expected = this.#logged === null ? logged : this.#logged + (event === "log" ? 1 : 0);
    if (logged !== expected) this.#broken.push(`had ${this.#logged} entries of the log, and was told entry ${logged}.`);
    this.#logged = logged;
    if (event === "log") return;
    const { job } = jobProgressSchema.parse(data);
    const before = this.#seen;
    this.#seen = job;
    if (before?.status !== job.status) this.#statuses.push(job.status);
    this.#isEnded = event === "end";
    if (this.#isEnded && !isTerminal(job.status))
      this.#broken.push(`was told that it ended, when it was ${job.status}.`);
    if (before !== null) this.#compare(before, job);
  }

  /** What was kept is counted anew where a source lost its place; the others only grow. */
  #compare(before: JobBody, job: JobBody): void {
    if (RANKS[job.status] < RANKS[before.status])
      this.#broken.push(`was told that it was ${job.status} after ${before.status}.`);
    for (const counter of ["entities_inserted", "entities_updated", "entities_deleted"] as const) {
      if (job[counter] < before[counter])
        this.#broken.push(`was told of ${job[counter]} ${counter} after ${before[counter]}.`);
    }
  }
}
