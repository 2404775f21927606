import { setTimeout as delay } from "node:timers/promises";

import { ask, comes } from "#test/chaos/ask";
import { objectOf } from "#test/chaos/object-of";
import { complete, runToEnd, startJob, untilEnded } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

/** How long the server takes for a token whose asker is cancelled meanwhile. */
const TOKEN_MS = 400;

/** Who dies as it uses an access token for the first time has what came with it: nobody has to sign in again. */
export async function deathWithNewToken(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const { upstream } = stage;
  const used = new Set<string>();
  let deaths = 0;
  const takeBack = upstream.demand({
    source: "desk",
    answer: async ({ sent }) => {
      if (used.has(sent) || deaths === 2) return null;
      used.add(sent);
      deaths += 1;
      await stage.reach("POST", `/connections/${subject.id}`, { type: "evict" });
      return null;
    },
  });
  upstream.signIn.endAccess();
  const job = await runToEnd(stage, subject).finally(takeBack);
  const isFine = job.status === "COMPLETED" && deaths > 0;
  return isFine ? [] : [`who died ${deaths} times with a new access token ended ${job.status}: ${job.error ?? ""}`];
}

/** A cancel does not wait for a token, and does not lose it either: what it was given for is worth nothing any more. */
export async function cancelWithoutToken(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const { upstream } = stage;
  const asked = Promise.withResolvers<void>();
  const takeBack = upstream.demand({
    source: "desk",
    isOfTokens: true,
    answer: async () => {
      asked.resolve();
      await delay(TOKEN_MS);
      return null;
    },
  });
  upstream.signIn.endAccess();
  const { id } = await startJob(stage, subject);
  await comes(`the job ${id} to ask for a token`, asked.promise);
  await ask(stage, "POST", `/source-connections/${subject.id}/jobs/${id}/cancel`);
  const cancelled = await untilEnded(stage, subject, id);
  takeBack();
  await delay(2 * TOKEN_MS);
  const next = await runToEnd(stage, subject);
  return [
    ...(cancelled.status === "CANCELLED" ? [] : [`a job that was being cancelled (${id}) ended ${cancelled.status}.`]),
    ...(next.status === "COMPLETED" ? [] : [`a cancel lost a token, and the next job ended: ${next.error ?? ""}`]),
  ];
}

/** No refresh token was used twice, but by who could not know better. */
export async function usedOnce(stage: Stage, subject: Subject): Promise<readonly string[]> {
  await complete(stage, subject);
  const { objectId } = await objectOf(stage, subject);
  const { signIn, lives } = stage.upstream;
  stage.history.add(`desk: ${signIn.issued} access tokens so far`);
  return signIn.broken(lives.get(objectId) ?? []);
}
