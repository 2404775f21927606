import { connectionPath, jobPath } from "#dashboard/connection-path";
import { countText } from "#dashboard/number-text";
import { JOB_STATUS } from "#dashboard/status";
import type { JobBody } from "#http/schemas/job";
import { absoluteText } from "#dashboard/time-text";
import { Badge } from "./badge.tsx";
import { PostButton } from "./post-button.tsx";

/** The counts of a job that is at work, by what the API calls them; a script keeps them true. */
const COUNTS = [
  ["entities_inserted", "Inserted"],
  ["entities_updated", "Updated"],
  ["entities_deleted", "Deleted"],
  ["entities_kept", "Unchanged"],
  ["entities_failed", "Refused"],
] as const;

/** A job at work. A script keeps it true; without one the page has to be loaded again. */
export function LiveJob({ job }: { readonly job: JobBody }) {
  const { id, source_connection_id: connectionId, waiting_until: waitingUntil, waiting_reason: reason } = job;
  return (
    <section class="card live" data-live={`${jobPath(connectionId, id)}/events`} aria-labelledby="live-title">
      <noscript>
        <p>
          <a href={jobPath(connectionId, id)}>Load again</a> to see how far it is.
        </p>
      </noscript>
      <header>
        <div class="row">
          <h2 id="live-title">
            <a class="plain" href={jobPath(connectionId, id)}>
              {job.sync_mode === "full" ? "Full sync" : "Incremental sync"}
            </a>
          </h2>
          <span data-status>
            <Badge {...JOB_STATUS[job.status]} />
          </span>
        </div>
        {job.status !== "CANCELLING" && (
          <PostButton action={`${connectionPath(connectionId)}/jobs/${id}/cancel`} text="Cancel" small />
        )}
      </header>
      <dl class="facts">
        <div>
          <dt>Records a second</dt>
          <dd class="figure" data-rate>
            –
          </dd>
        </div>
        {COUNTS.map(([name, text]) => (
          <div>
            <dt>{text}</dt>
            <dd class="figure" data-count={name}>
              {countText(job[name])}
            </dd>
          </div>
        ))}
      </dl>
      <p class="notice warn" data-waiting hidden={waitingUntil === null}>
        {waitingUntil !== null && `Waiting until ${absoluteText(Date.parse(waitingUntil))}: ${reason ?? ""}`}
      </p>
      <ul class="flows" data-streams aria-label="Streams" />
      <template data-stream>
        <li>
          <div class="flow-head">
            <strong data-name />
            <span class="soft small" data-state />
          </div>
          <progress max="1" />
          <div class="soft small" data-counts />
        </li>
      </template>
      <p class="sr" role="status" data-said />
    </section>
  );
}
