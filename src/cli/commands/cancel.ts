import { Command } from "@commander-js/extra-typings";

import type { ApiClient } from "#cli/api-client";
import { connectionNamed } from "#cli/connection-named";
import { isFinal } from "#cli/job-end";
import type { Session } from "#cli/session";
import { NotFound } from "#cli/stopped";

/** `sluice cancel` */
export function cancelCommand(session: Session) {
  return new Command("cancel")
    .summary("cancel a sync")
    .description("Cancels a job; without an id the active one. What it committed stays.")
    .argument("<connection>", "its name or id")
    .argument("[job]", "id of the job")
    .action(async (reference, jobId) => {
      const client = session.client();
      const id = await connectionNamed(client, reference);
      const job = await client.jobs.cancel(id, jobId ?? (await activeJob(client, id)));
      await session.out.result(job, `${job.status} ${job.id}`);
    });
}

/** Throws NotFound where none is active. */
async function activeJob(client: ApiClient, connectionId: string): Promise<string> {
  const [newest] = await client.jobs.list(connectionId, 1);
  if (newest !== undefined && !isFinal(newest)) return newest.id;
  throw new NotFound("No job is active on this connection.");
}
