import { objectOf } from "#test/chaos/object-of";
import type { Stage } from "#test/chaos/stage";
import type { Subject } from "#test/chaos/subject";

/** After a sync a connection's credentials, and the tokens that they led to, are sealed with the newest key. */
export async function oldKeysSealNothing(stage: Stage, subject: Subject): Promise<readonly string[]> {
  const { sealedWith } = await objectOf(stage, subject);
  return sealedWith.every((key) => key === stage.newestKey)
    ? []
    : [`it has synced, and what it stores is sealed with ${sealedWith.join()}, and not with ${stage.newestKey}.`];
}
