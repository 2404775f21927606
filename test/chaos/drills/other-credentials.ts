import { setTimeout as delay } from "node:timers/promises";

import type { SeededRandom } from "#sources/internal/seeded-random";
import { ask, until } from "#test/chaos/ask";
import { differences, exportCopy, withoutIds, type Copy } from "#test/chaos/copy-check";
import { renew } from "#test/chaos/perform";
import { KEYLESS } from "#test/chaos/plan";
import { complete, completed, startJob, untilEnded } from "#test/chaos/run-job";
import type { Sight } from "#test/chaos/sight";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";
import { truthOf } from "#test/chaos/truth-of";
import { GUARDED } from "./delete-guard.ts";
import { hold } from "./hold.ts";

const FULL = "?force_full_sync=true";
const CONFIRMED = `${FULL}&confirm_deletes=true`;

/** A stream of several pages, which nothing else asks for. */
const TAGS = "tags";
const AGENTS = "agents";

/** The page of it that is asked for when some have been read, and more are to come. */
const PAGE = 3;

/** What has arrived by then is committed so much later. */
const COMMITTED_MS = 400;

/** Added, so that half of them are some pages. */
const PRODUCTS = 20;

/**
 * Credentials come into a pass that show more, or less, than those that it began with: what it has not seen is no proof of
 * anything. The next full sync leaves what they show.
 */
export async function otherCredentialsMidway(stage: Stage, subject: Subject): Promise<readonly string[]> {
  await show(stage, subject, "all");
  await complete(stage, subject, FULL);
  await show(stage, subject, "most");
  const more = await changeMidway(stage, subject, "all");
  const less = await changeMidway(stage, subject, "most");
  await show(stage, subject, "all");
  return [...more, ...less, ...(await exactInFull(stage, subject))];
}

async function changeMidway(stage: Stage, subject: Subject, sight: Sight): Promise<readonly string[]> {
  const stream = subject.source === "desk" ? AGENTS : TAGS;
  const before = await exportCopy(stage, subject.id);
  const held = hold(stage, subject, stream, PAGE);
  const { id } = await startJob(stage, subject, FULL);
  await held.reached();
  await delay(COMMITTED_MS);
  await show(stage, subject, sight).finally(held.release);
  completed(await untilEnded(stage, subject, id));
  const after = await exportCopy(stage, subject.id);
  const lost = [...before.keys()].filter((key) => isOf(stream, key) && !after.has(key));
  return [
    ...(lost.length === 0
      ? []
      : [`a pass went on with credentials that show ${sight}, and proved deletes: ${lost.slice(0, 3).join(" ")}.`]),
    ...(await exactInFull(stage, subject)),
  ];
}

/**
 * A first read that was left unfinished, and then other credentials, which show what lies before the place where it was
 * left: the next sync finds that, from the cursors as it may be.
 */
export async function firstReadByOthers(
  stage: Stage,
  subject: Subject,
  random: SeededRandom,
): Promise<readonly string[]> {
  for (let n = 0; n < PRODUCTS; n += 1) stage.upstream.crm.commit(random, "products", 0);
  await show(stage, subject, "half");
  await complete(stage, subject, CONFIRMED);
  const path = `/source-connections/${subject.id}`;
  await ask(stage, "POST", `${path}/streams/products/reset`);
  const held = hold(stage, subject, "products", PAGE);
  const { id } = await startJob(stage, subject);
  await held.reached();
  await delay(COMMITTED_MS);
  await ask(stage, "POST", `${path}/jobs/${id}/cancel`).finally(held.release);
  await untilEnded(stage, subject, id);
  await show(stage, subject, "all");
  await complete(stage, subject);
  const products = await copyOf(stage, subject);
  const missing = [...(await truthOf(stage, subject)).keys()].filter(
    (key) => isOf("products", key) && !products.has(key),
  );
  return [
    ...(missing.length === 0
      ? []
      : [`a first read went on with other credentials than it began with, and missed ${missing.length} products.`]),
    ...(await exactInFull(stage, subject)),
  ];
}

/** Whoever confirmed deletes did so for what the credentials showed: others that come before all is read need it anew. */
export async function confirmedForOthers(stage: Stage, subject: Subject): Promise<readonly string[]> {
  if (stage.upstream.crm.tagCount < GUARDED) return [];
  const held = hold(stage, subject, TAGS, 1);
  const { id } = await startJob(stage, subject, CONFIRMED);
  await held.reached();
  await show(stage, subject, "few").finally(held.release);
  const job = await untilEnded(stage, subject, id);
  const isHeldBack = job.status === "FAILED" && job.error_category === "deletes_held_back";
  await show(stage, subject, "all");
  return [
    ...(isHeldBack ? [] : [`deletes were confirmed for what other credentials showed, and it ended ${job.status}.`]),
    ...(job.entities_deleted === 0 ? [] : [`a job that was to be held back deleted ${job.entities_deleted}.`]),
    ...(await exactInFull(stage, subject)),
  ];
}

async function exactInFull(stage: Stage, subject: Subject): Promise<readonly string[]> {
  await complete(stage, subject, FULL);
  const { now } = subject.sights;
  const copy = await copyOf(stage, subject);
  return differences(`after a full sync by credentials that show ${now}`, copy, await truthOf(stage, subject));
}

async function copyOf(stage: Stage, subject: Subject): Promise<Copy> {
  return withoutIds(await exportCopy(stage, subject.id), KEYLESS);
}

async function show(stage: Stage, subject: Subject, sight: Sight): Promise<void> {
  await until(`${subject.source} takes credentials that show ${sight}`, async () => {
    return (await renew(stage, subject, sight))?.status === 200;
  });
}

function isOf(stream: string, key: string): boolean {
  return key.startsWith(`${stream}/`);
}
