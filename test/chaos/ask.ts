import { setTimeout as delay } from "node:timers/promises";

import type { Answer, CallOptions, Stage } from "./stage.ts";

const LOOK_EVERY_MS = 100;

/** An object that was put out of memory a moment ago may refuse a call or two. */
const GRACE_MS = 20_000;

/**
 * The longest that anything takes once nothing is in its way: a lost alarm is noticed after a minute, a backoff that
 * grew during a round is shorter, and the machine may be slow.
 */
const PATIENCE_MS = 120_000;

/** A promise that was not kept; its message says which. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** Asks until the answer is 200. That it never is, though nothing is in its way, is a broken promise. */
export async function ask(
  stage: Stage,
  method: string,
  path: string,
  { where = "api", ...options }: CallOptions & { readonly where?: "api" | "chaos" } = {},
): Promise<Answer> {
  const once = () => (where === "api" ? stage.call(method, path, options) : stage.reach(method, path, options.body));
  return answered(`${method} ${path}`, once, ({ status }) => status === 200);
}

/** Asks until the answer is of the kind that there has to be once nothing is in its way. */
export async function answered(
  what: string,
  once: () => Promise<Answer | null>,
  isRight: (answer: Answer) => boolean,
): Promise<Answer> {
  const deadline = Date.now() + GRACE_MS;
  for (;;) {
    const answer = await once();
    if (answer !== null && isRight(answer)) return answer;
    if (Date.now() > deadline) {
      const said = answer === null ? "not answered" : `answered ${answer.status}: ${answer.text}`;
      throw new Broken(`${what} was ${said}, though nothing was wrong any more.`);
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** Waits for what has to come. That it never does, is a broken promise. */
export async function comes<T>(what: string, promise: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = delay(PATIENCE_MS, null, { signal: timer.signal }).then(() => {
    throw new Broken(`Waited ${PATIENCE_MS / 1000} s in vain for ${what}.`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    late.catch(() => undefined);
    timer.abort();
  }
}

/** Looks until it is so. That it never is, is a broken promise. */
export async function until(what: string, isSo: () => Promise<boolean>, seen: () => string = () => ""): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Broken(`Waited ${PATIENCE_MS / 1000} s in vain until ${what}. ${seen()}`);
    await delay(LOOK_EVERY_MS);
  }
}
