import { z } from "zod";

import type { Finding } from "./finding.ts";
import type { Stage } from "./stage.ts";

const PAGE_SIZE = 1_000;
const usageSchema = z.object({ rowsWritten: z.number() });

/** Rows that the object writes for each entity, which is what storage is billed by: in a first sync, and in another full one that finds nothing new. */
export async function measureRowsWritten(stage: Stage, entities: number): Promise<Finding[]> {
  const { client } = stage;
  const database = stage.addDatabase("rows", entities);
  const connectionId = await stage.connectTo(database, PAGE_SIZE);

  const rowsOf = async (inserted: number, kept: number): Promise<number> => {
    const before = await rowsWritten(stage, connectionId);
    const { id } = await client.run(connectionId, { isFull: true });
    const job = await client.untilFinished(connectionId, id);
    if (job.entities_inserted !== inserted || job.entities_kept !== kept) {
      throw new Error(
        `The sync ended ${job.status}: ${job.entities_inserted} inserted, ${job.entities_kept} kept. ${job.error}`,
      );
    }
    return (await rowsWritten(stage, connectionId)) - before;
  };
  const first = await rowsOf(entities, 0);
  const again = await rowsOf(0, entities);
  const finding = (name: string, rows: number, atMost: number): Finding => ({
    name,
    value: rows / entities,
    target: { atMost },
    from: `${rows.toLocaleString("en-US")} rows, ${entities.toLocaleString("en-US")} entities, ${PAGE_SIZE} a page`,
  });
  return [finding("rows written / entity, first", first, 1.05), finding("rows written / entity, again", again, 0.01)];
}

async function rowsWritten({ worker }: Stage, connectionId: string): Promise<number> {
  const response = await fetch(`${worker.address}/bench/connections/${connectionId}/usage`);
  return usageSchema.parse(await response.json()).rowsWritten;
}
