import { setTimeout as delay } from "node:timers/promises";

import { begin } from "#test/support/scripted-upstream";
import { answered, ask, comes } from "#test/chaos/ask";
import { complete, startJob, untilEnded } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

/** The longest that a cancel takes: the promise's second and what a busy machine adds, less than a request may take. */
const CANCEL_MS = 2_000;

/** How long a request may outlive the job that sent it: less than is left of the time that a request may take. */
const OUTLIVED_MS = 1_000;

/** A cancel is prompt, whatever the source does, and final. */
export async function aCancel(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  const requests: Promise<void>[] = [];
  const takeBack = stage.upstream.demand({
    source: subject.source,
    answer: ({ over }) => {
      requests.push(over);
      resolve();
      return begin("{", "stall", { headers: { "content-type": "application/json" } });
    },
  });
  try {
    const { id } = await startJob(stage, subject);
    await comes(`a request of the job ${id}`, arrived);
    const cancelledAt = Date.now();
    const path = `/source-connections/${subject.id}/jobs/${id}`;
    const answer = await ask(stage, "POST", `${path}/cancel`);
    const job = await untilEnded(stage, subject, id);
    const ms = Date.parse(job.completed_at ?? "") - cancelledAt;
    const isHungUp = await Promise.race([
      Promise.all(requests).then(() => true),
      delay(OUTLIVED_MS, false, { ref: false }),
    ]);
    return [
      ...(job.status === "CANCELLED" ? [] : [`a job that was being cancelled (${id}) ended ${job.status}.`]),
      ...(ms <= CANCEL_MS ? [] : [`a cancel of a job whose source hangs took ${ms} ms: ${answer.text}`]),
      ...(isHungUp ? [] : [`the job ${id} was cancelled, and its requests were still open after that.`]),
    ];
  } finally {
    takeBack();
  }
}

/** What a cancelled sync has seen proves nothing for the next one: what went meanwhile is gone. */
export async function goneBehindACancel(stage: Stage, subject: Subject): Promise<readonly string[]> {
  await complete(stage, subject, "?force_full_sync=true");
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  let pages = 0;
  const takeBack = stage.upstream.demand({
    source: subject.source,
    answer: ({ path }) => {
      if (path === "tags") pages += 1;
      if (pages < 3) return null;
      resolve();
      return begin("{", "stall", { headers: { "content-type": "application/json" } });
    },
  });
  const { id } = await startJob(stage, subject, "?force_full_sync=true");
  await comes(`a request of the job ${id}`, arrived);
  await ask(stage, "POST", `/source-connections/${subject.id}/jobs/${id}/cancel`);
  await untilEnded(stage, subject, id).finally(takeBack);
  const tag = stage.upstream.crm.removeFirstTag();
  await complete(stage, subject, "?force_full_sync=true");
  const path = `/source-connections/${subject.id}/entities/tags/${tag}`;
  const found = await answered(
    path,
    () => stage.call("GET", path),
    ({ status }) => status === 200 || status === 404,
  );
  return found.status === 404 ? [] : [`the tag ${tag} went after a sync that was cancelled had seen it, and is kept.`];
}
