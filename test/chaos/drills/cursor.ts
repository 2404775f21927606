import type { SeededRandom } from "#sources/internal/seeded-random";
import { answered } from "#test/chaos/ask";
import { LONGEST_TRANSACTION } from "#test/chaos/crm-world";
import { complete } from "#test/chaos/run-job";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

/** What is committed late has a time that a cursor has passed. */
export async function lateCommits(stage: Stage, subject: Subject, random: SeededRandom): Promise<readonly string[]> {
  const { crm } = stage.upstream;
  crm.commit(random, "customers", 0);
  await complete(stage, subject);
  const ids = Array.from({ length: LONGEST_TRANSACTION }, (_, late) => crm.commit(random, "customers", late + 1));
  await complete(stage, subject);
  const missing = await missingOf(stage, subject, "customers", ids);
  return missing.length === 0 ? [] : [`a sync from the cursor missed what was committed late: ${missing.join(", ")}.`];
}

/** Rows of one second come in two syncs: the later one asks for that second again. */
export async function equalTimes(stage: Stage, subject: Subject, random: SeededRandom): Promise<readonly string[]> {
  const { crm } = stage.upstream;
  crm.commit(random, "products", 0);
  await complete(stage, subject);
  const ids = [crm.commit(random, "products", 0)];
  await complete(stage, subject);
  const missing = await missingOf(stage, subject, "products", ids);
  return missing.length === 0 ? [] : ["a sync from the cursor missed what is of the cursor's own second."];
}

async function missingOf(
  stage: Stage,
  subject: Subject,
  stream: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const id of ids) {
    const path = `/source-connections/${subject.id}/entities/${stream}/${id}`;
    const answer = await answered(
      path,
      () => stage.call("GET", path),
      ({ status }) => status === 200 || status === 404,
    );
    if (answer.status === 404) missing.push(id);
  }
  return missing;
}
