import type { View } from "#test/simulation/view";
import type { HookAnswer } from "#triggers/webhook/hook";
import { hasEnded } from "./ended.ts";
import { quietAt } from "./alarms-are-armed.ts";
import type { WatchedPromise } from "./promise.ts";

/**
 * A delivery that was accepted is stood for by a job that begins to read after it came; one that came before is
 * recognised; debounced ones start nothing before it has been quiet, or their longest wait is over.
 */
export class DeliveriesAreStoodFor implements WatchedPromise {
  /** When each delivery came that was accepted and that no job stands for yet. */
  #open: number[] = [];
  /** When each name was first sent, and whether somebody was told that it was accepted. */
  readonly #sent = new Map<string, { readonly at: number; isAnswered: boolean }>();
  #before: View | null = null;
  #isRenewed = false;
  readonly #faults: string[] = [];

  /** A delivery is on its way. Whether it arrives, and how often, is not known before it is answered. */
  sent(deliveryId: string | null, at: number): void {
    if (deliveryId !== null && !this.#sent.has(deliveryId)) this.#sent.set(deliveryId, { at, isAnswered: false });
  }

  /** The delivery that was sent at `at` was answered. */
  answered(deliveryId: string | null, at: number, { outcome }: HookAnswer): void {
    const sent = deliveryId === null ? undefined : this.#sent.get(deliveryId);
    if (outcome === "duplicate") {
      // Also one whose answer got lost: it counts from when it was first sent.
      if (sent === undefined) this.#faults.push("A delivery without a name was taken for one that had come before.");
      else if (!sent.isAnswered) this.#open.push(sent.at);
    } else {
      if (sent?.isAnswered === true) this.#faults.push(`Delivery ${deliveryId} came again, and was ${outcome}.`);
      this.#open.push(at);
    }
    if (sent !== undefined) sent.isAnswered = true;
  }

  /** The address is taken away, and with it what it knows of earlier deliveries. A run that waits starts at once. */
  renewed(): void {
    this.#sent.clear();
    this.#isRenewed = true;
  }

  breaches(view: View): string[] {
    const before = this.#before;
    this.#before = view;
    const { connection, jobs, waiting, followUp } = view;
    if (connection === null || connection.deletedAt !== null) return [];
    const newest = jobs.at(-1);
    const startedAt = Math.max(0, ...jobs.map((job) => job.startedAt ?? 0));
    this.#open = this.#open.filter((at) => startedAt < at);
    const isToCome = waiting !== null || followUp !== null || newest?.status === "PENDING";
    const breaches = this.#faults.splice(0);
    // A job that was cancelled before it read was not wanted any more, and the deliveries it stood for with it.
    if (this.#open.length > 0 && !isToCome && newest?.status === "CANCELLED" && newest.startedAt === null)
      this.#open = [];
    if (this.#open.length > 0 && !isToCome) breaches.push("A delivery was accepted, and no run is to come for it.");
    if (before !== null && !this.#isRenewed) breaches.push(...early(before, view), ...forgotten(before, view));
    if (waiting === null) this.#isRenewed = false;
    return breaches;
  }
}

/** More deliveries do not make the first one wait any longer than it has to. */
function forgotten(before: View, { waiting, jobs, followUp }: View): string[] {
  if (before.waiting === null || waiting === null || waiting.firstAt <= before.waiting.firstAt) return [];
  const isStoodFor = jobs !== before.jobs || (followUp === null) !== (before.followUp === null);
  return isStoodFor ? [] : [`A delivery has waited since ${before.waiting.firstAt}; by now it is ${waiting.firstAt}.`];
}

/** A run that deliveries waited for came before its time. */
function early(before: View, { waiting, now, jobs, debounceMs }: View): string[] {
  if (before.waiting === null || waiting !== null || debounceMs === null || before.debounceMs === null) return [];
  if (before.connection?.isPaused === true) return [];
  const dueAt = quietAt(before.waiting, Math.min(debounceMs, before.debounceMs));
  const newest = jobs.at(-1);
  const isNew = newest !== undefined && newest.trigger === "webhook" && !before.jobs.some(({ id }) => id === newest.id);
  return isNew && !hasEnded(newest.status) && now < dueAt
    ? [`Job ${newest.id} began ${dueAt - now} ms before it had been quiet for long enough.`]
    : [];
}
