import { json } from "#test/support/scripted-upstream";
import type { SeededRandom } from "#sources/internal/seeded-random";
import { exportCopy } from "#test/chaos/copy-check";
import { completed, runToEnd } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";
import { truthOf } from "#test/chaos/truth-of";

/** What comes in front of a listing while it is read moves the rest back. All that was there is seen, and counted once. */
export async function movingPages(stage: Stage, subject: Subject, random: SeededRandom): Promise<readonly string[]> {
  const { desk } = stage.upstream;
  const before = desk.agentIds();
  const takeBack = stage.upstream.demand({
    source: "desk",
    answer: ({ path }) => {
      if (path === "agents") desk.addAgent(random);
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

/** A page that says in its body that it is none is asked for again, and proves nothing of what it does not have. */
export async function refusedInBody(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const said = [
    json({ ok: false, error: "unavailable" }),
    json({ ok: false, error: "ratelimited" }, { headers: { "retry-after": new Date().toUTCString() } }),
  ];
  const takeBack = stage.upstream.demand({
    source: "desk",
    answer: ({ path }) => (path === "agents" ? (said.pop() ?? null) : null),
  });
  const job = completed(await runToEnd(stage, subject, "?force_full_sync=true").finally(takeBack));
  const counted = job.entities_inserted + job.entities_updated + job.entities_kept;
  const { size } = await truthOf(stage, subject);
  const isWhole = job.entities_deleted === 0 && counted === size;
  const what = `${counted} of ${size} were read, and ${job.entities_deleted} deleted`;
  return isWhole ? [] : [`a page said in its body that it was none: ${what}.`];
}
