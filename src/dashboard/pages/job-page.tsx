import { Badge } from "#dashboard/components/badge.tsx";
import { LiveJob } from "#dashboard/components/live-job.tsx";
import { Trouble } from "#dashboard/components/trouble.tsx";
import { When } from "#dashboard/components/when.tsx";
import { connectionPath } from "#dashboard/connection-path";
import { isActive, originText } from "#dashboard/job-text";
import { countText } from "#dashboard/number-text";
import { JOB_STATUS } from "#dashboard/status";
import { absoluteText, durationText } from "#dashboard/time-text";
import type { JobBody } from "#http/schemas/job";
import type { JobLogBody } from "#http/schemas/job-log";

interface Props {
  readonly job: JobBody;
  /** The connection's. */
  readonly name: string;
  readonly log: JobLogBody;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function JobPage({ job, name, log, now }: Props) {
  return (
    <>
      <div class="page-head">
        <div>
          <p class="crumbs">
            <a href="/">Connections</a> / <a href={connectionPath(job.source_connection_id)}>{name}</a> / sync
          </p>
          <h1>
            Sync of <time datetime={job.created_at}>{absoluteText(Date.parse(job.created_at))}</time>
          </h1>
          <div class="row">
            <Badge {...JOB_STATUS[job.status]} />
            <span class="soft small">{originText(job)}</span>
          </div>
        </div>
      </div>
      {isActive(job.status) ? <LiveJob job={job} /> : <Summary job={job} now={now} />}
      {job.status === "FAILED" && <Trouble job={job} />}
      <Details job={job} />
      <Log log={log} />
    </>
  );
}

function Summary({ job, now }: { readonly job: JobBody; readonly now: number }) {
  const figures = [
    ["Inserted", job.entities_inserted],
    ["Updated", job.entities_updated],
    ["Deleted", job.entities_deleted],
    ["Unchanged", job.entities_kept],
    ["Refused", job.entities_failed],
  ] as const;
  return (
    <section class="card" aria-label="In numbers">
      <dl class="facts">
        {figures.map(([text, count]) => (
          <div>
            <dt>{text}</dt>
            <dd class="figure">{countText(count)}</dd>
          </div>
        ))}
        <div>
          <dt>Duration</dt>
          <dd class="figure">{job.duration_seconds === null ? "–" : durationText(job.duration_seconds)}</dd>
        </div>
        <div>
          <dt>Ended</dt>
          <dd>
            <When at={job.completed_at} now={now} never="not yet" />
          </dd>
        </div>
      </dl>
    </section>
  );
}

function Details({ job: { error_details: details } }: { readonly job: JobBody }) {
  if (details === null) return null;
  return (
    <div class="columns">
      {details.streams.length > 0 && (
        <section class="card" aria-labelledby="failed">
          <h2 id="failed">Streams that failed</h2>
          <dl class="list">
            {details.streams.map(({ stream, message }) => (
              <div>
                <dt>{stream ?? "Listing the streams"}</dt>
                <dd>{message}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {details.rejected.length > 0 && (
        <section class="card" aria-labelledby="refused">
          <h2 id="refused">Entities that could not be stored</h2>
          <dl class="list">
            {details.rejected.map(({ stream, id, reason }) => (
              <div>
                <dt class="mono">
                  {stream} {id ?? "without an id"}
                </dt>
                <dd>{reason}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}

const LEVEL = { info: "quiet", warning: "warn", error: "bad" } as const;
const LEVEL_TEXT = { info: "Info", warning: "Warning", error: "Error" } as const;

function Log({ log }: { readonly log: JobLogBody }) {
  return (
    <section class="card" aria-labelledby="log">
      <header>
        <h2 id="log">What happened</h2>
        {log.entries_dropped > 0 && <span class="soft small">{countText(log.entries_dropped)} more were not kept</span>}
      </header>
      {log.is_kept ? (
        <ol class="log" data-log>
          {log.entries.map((entry) => (
            <li>
              <time datetime={entry.at} title={absoluteText(Date.parse(entry.at))}>
                {entry.at.slice(11, 19)}
              </time>
              <Badge tone={LEVEL[entry.level]} text={LEVEL_TEXT[entry.level]} />
              <span>
                {entry.stream !== null && <strong>{entry.stream}: </strong>}
                {entry.message}
              </span>
            </li>
          ))}
        </ol>
      ) : (
        <p class="soft">Logs are kept of a connection’s last 20 syncs; this one’s is gone.</p>
      )}
    </section>
  );
}
