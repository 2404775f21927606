import { objectOf } from "#test/chaos/object-of";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

/** Each release since the first has migrated the object's tables, once. */
export async function releasesMigrateOnce(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const { releases } = await objectOf(stage, subject);
  return releases === stage.releases ? [] : [`${stage.releases} releases came, and ${releases} migrated the tables.`];
}
