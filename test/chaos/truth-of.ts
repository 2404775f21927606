import { z } from "zod";

import { copyOf, type Copy } from "./copy-check.ts";
import { NO_SEGMENT } from "./segment.ts";
import { describe } from "./settle.ts";
import type { Sight } from "./sight.ts";
import type { Stage } from "./stage.ts";
import type { Subject } from "./subject.ts";

const leavingOutSchema = z.object({ without: z.string().default(NO_SEGMENT) });

/**
 * What the copy is to be: what the source has at this moment of what the connection's config asks for, as far as its
 * credentials show it.
 */
export async function truthOf(stage: Stage, subject: Subject, sight: Sight = subject.sights.now): Promise<Copy> {
  const { config } = await describe(stage, subject);
  const { without } = leavingOutSchema.parse(config);
  const { source } = subject;
  return copyOf(source === "couch" ? stage.upstream.couch.truth() : stage.upstream[source].truth({ sight, without }));
}
