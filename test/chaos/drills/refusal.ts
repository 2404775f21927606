import { json } from "#test/support/scripted-upstream";
import { runToEnd } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

/** A source that says back what it was sent, when it refuses for good. The job says what was said, but for that. */
export async function refusedOutright(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const takeBack = stage.upstream.demand({
    source: subject.source,
    answer: ({ sent }) =>
      json(
        { error: "bad_request", message: `I do not understand "${sent}".` },
        { status: 400, headers: { "x-sent": sent } },
      ),
  });
  const job = await runToEnd(stage, subject).finally(takeBack);
  const isTold = job.status === "FAILED" && job.error?.includes("I do not understand") === true;
  return isTold ? [] : [`a refusal was told as ${job.status}: ${job.error ?? ""}`];
}
