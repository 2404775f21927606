import { z } from "zod";

import { ask } from "./ask.ts";
import type { Stage } from "./stage.ts";
import type { Subject } from "./subject.ts";

const objectSchema = z.object({
  objectId: z.string(),
  deletes: z.array(z.object({ jobId: z.string(), stream: z.string(), ids: z.array(z.string()) })),
  feed: z.array(z.object({ jobId: z.string(), upserts: z.number(), deletes: z.number() })),
  releases: z.number(),
  sealedWith: z.array(z.string()),
  untold: z.number(),
  alarmAt: z.number().nullable(),
});

/** What a connection's object has of its own, as no caller of the API is told it. Does not touch its alarm. */
export async function objectOf(stage: Stage, { id }: Subject): Promise<z.infer<typeof objectSchema>> {
  return objectSchema.parse((await ask(stage, "GET", `/connections/${id}`, { where: "chaos" })).body);
}
