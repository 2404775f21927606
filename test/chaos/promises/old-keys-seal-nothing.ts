import { z } from "zod";

import { ask } from "#test/chaos/ask";
import { objectOf } from "#test/chaos/object-of";
import type { Stage } from "#test/chaos/stage";
import { allOf, type Subjects } from "#test/chaos/subject";

const deliveriesSchema = z.object({ sealedWith: z.array(z.string()) });

/**
 * What a connection keeps is sealed with the newest key after a sync, and what signs deliveries after one of them. Then
 * the others are not needed any more: from the next start on there are none.
 */
export async function oldKeysSealNothing(stage: Stage, subjects: Subjects): Promise<readonly string[]> {
  const all = allOf(subjects);
  const findings: string[] = [];
  const look = (what: string, keys: readonly string[]) => {
    if (keys.every((key) => key === stage.newestKey)) return;
    findings.push(`${what}: it is sealed with ${keys.join()}, and not with ${stage.newestKey}.`);
  };
  for (const subject of all) look(subject.source, (await objectOf(stage, subject)).sealedWith);
  const [first] = all;
  const answer = await ask(stage, "GET", `/events/${first?.organizationId ?? ""}`, { where: "chaos" });
  look("deliveries", deliveriesSchema.parse(answer.body).sealedWith);
  if (findings.length === 0) stage.dropOldKeys();
  return findings;
}
