import { setTimeout as delay } from "node:timers/promises";

import { z } from "zod";

import type { SeededRandom } from "#sources/internal/seeded-random";
import { ask } from "./ask.ts";
import { exportCopy } from "./copy-check.ts";
import { complete, completed, runToEnd, startJob, untilEnded } from "./run-job.ts";
import type { Stage } from "./stage.ts";
import type { Subject } from "./subject.ts";
import { TOKEN_PATH } from "./upstream.ts";

/** How long the server takes for a token whose asker is cancelled meanwhile. */
const TOKEN_MS = 400;

const objectSchema = z.object({ objectId: z.string() });

/** What comes in front of a listing while it is read moves the rest back. All that was there is seen, and counted once. */
export async function movingPages(stage: Stage, subject: Subject, random: SeededRandom): Promise<readonly string[]> {
  const { desk } = stage.upstream;
  const before = desk.agentIds();
  const takeBack = stage.upstream.demand({
    source: "desk",
    isFor: (path) => path === "agents",
    answer: () => {
      desk.addAgent(random);
      return null;
    },
  });
  const job = completed(await runToEnd(stage, subject, "?force_full_sync=true").finally(takeBack));
  const copy = await exportCopy(stage, subject.id);
  const missing = before.filter((id) => !copy.has(`agents/${id}`));
  const seen = job.entities_inserted + job.entities_updated + job.entities_kept;
  return [
    ...(missing.length === 0 ? [] : [`a listing moved while it was read, and ${missing.join(", ")} are missing.`]),
    ...(seen === copy.size ? [] : [`a listing moved while it was read, and ${seen} of ${copy.size} were counted.`]),
    ...(job.entities_deleted === 0 ? [] : [`a listing moved while it was read, and ${job.entities_deleted} went.`]),
  ];
}

/** Who dies as it uses an access token for the first time has what came with it: nobody has to sign in again. */
export async function deathWithNewToken(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const { upstream } = stage;
  const used = new Set<string>();
  let deaths = 0;
  const takeBack = upstream.demand({
    source: "desk",
    isFor: (path) => path !== TOKEN_PATH,
    answer: async (_path, sent) => {
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
    isFor: (path) => path === TOKEN_PATH,
    answer: async () => {
      asked.resolve();
      await delay(TOKEN_MS);
      return null;
    },
  });
  upstream.signIn.endAccess();
  const { id } = await startJob(stage, subject);
  await asked.promise;
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
  const answer = await ask(stage, "GET", `/connections/${subject.id}`, { where: "chaos" });
  const { objectId } = objectSchema.parse(answer.body);
  const { signIn, lives } = stage.upstream;
  stage.history.add(`desk: ${signIn.issued} access tokens so far`);
  return signIn.broken(lives.get(objectId) ?? []);
}
