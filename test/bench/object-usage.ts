import { z } from "zod";

import type { Stage } from "./stage.ts";

const usageSchema = z.object({ rowsRead: z.number(), rowsWritten: z.number() });
export type ObjectUsage = z.infer<typeof usageSchema>;

/** Rows that a connection's object has read and written since it came into memory, which is what storage is billed by. */
export async function objectUsage({ address }: Stage, connectionId: string): Promise<ObjectUsage> {
  const response = await fetch(`${address}/bench/connections/${connectionId}/usage`);
  return usageSchema.parse(await response.json());
}
