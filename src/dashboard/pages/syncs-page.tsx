import { Badge } from "#dashboard/components/badge.tsx";
import { ConnectionHead } from "#dashboard/components/connection-head.tsx";
import { HistoryPlot } from "#dashboard/components/history-plot.tsx";
import { LiveJob } from "#dashboard/components/live-job.tsx";
import { Notice } from "#dashboard/components/notice.tsx";
import { PostButton } from "#dashboard/components/post-button.tsx";
import { Table } from "#dashboard/components/table.tsx";
import { Trouble } from "#dashboard/components/trouble.tsx";
import { When } from "#dashboard/components/when.tsx";
import { connectionPath, jobPath } from "#dashboard/connection-path";
import { changesText, isActive, originText } from "#dashboard/job-text";
import { countOf, countText } from "#dashboard/number-text";
import { JOB_STATUS } from "#dashboard/status";
import { durationText } from "#dashboard/time-text";
import type { Told } from "#dashboard/told";
import type { JobBody } from "#http/schemas/job";
import type { SourceConnectionBody } from "#http/schemas/source-connection";
import type { StreamBody } from "#http/schemas/stream";

interface Props {
  readonly connection: SourceConnectionBody;
  /** Newest first. */
  readonly jobs: readonly JobBody[];
  readonly streams: readonly StreamBody[];
  /** Where the jobs before these are; null if there are none. */
  readonly older: string | null;
  readonly told: Told | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function SyncsPage({ connection, jobs, streams, older, told, now }: Props) {
  const path = connectionPath(connection.id);
  const [newest] = jobs;
  const active = newest !== undefined && isActive(newest.status) ? newest : null;
  return (
    <>
      <ConnectionHead connection={connection} tab="syncs">
        {active === null && (
          <>
            <PostButton action={`${path}/run`} text="Sync everything" fields={{ mode: "full" }} />
            <PostButton action={`${path}/run`} text="Sync now" tone="primary" />
          </>
        )}
      </ConnectionHead>
      {told !== null && <Notice tone={told.tone}>{told.text}</Notice>}
      {active !== null && <LiveJob job={active} />}
      {newest?.status === "FAILED" && <Trouble job={newest} />}
      <Facts connection={connection} streams={streams} now={now} />
      <Streams connection={connection} streams={streams} isBusy={active !== null} now={now} />
      <section class="card" aria-labelledby="history">
        <header>
          <h2 id="history">History</h2>
        </header>
        {jobs.length === 0 ? (
          <p class="soft">No sync yet. “Sync now” starts the first one.</p>
        ) : (
          <>
            <HistoryPlot jobs={jobs} />
            <JobTable jobs={jobs} now={now} />
          </>
        )}
        {older !== null && (
          <a class="button" href={older}>
            Older syncs
          </a>
        )}
      </section>
    </>
  );
}

function Facts({
  connection,
  streams,
  now,
}: {
  readonly connection: SourceConnectionBody;
  readonly streams: readonly StreamBody[];
  readonly now: number;
}) {
  const { schedule, sync, entities } = connection;
  return (
    <section class="card" aria-label="At a glance">
      <dl class="facts">
        <div>
          <dt>Entities</dt>
          <dd class="figure">{countText(entities?.total_entities ?? 0)}</dd>
        </div>
        <div>
          <dt>Streams</dt>
          <dd class="figure">{countText(streams.length)}</dd>
        </div>
        <div>
          <dt>Syncs</dt>
          <dd class="figure">{countText(sync?.total_runs ?? 0)}</dd>
          <dd class="soft small">{countText(sync?.failed_runs ?? 0)} failed</dd>
        </div>
        <div>
          <dt>Next sync</dt>
          <dd>
            <When
              at={schedule?.next_run ?? null}
              now={now}
              never={schedule?.paused === true ? "paused" : "not scheduled"}
            />
          </dd>
          {schedule?.cron !== null && schedule?.cron !== undefined && <dd class="soft small mono">{schedule.cron}</dd>}
        </div>
        {schedule?.full_sync_cron !== null && schedule?.full_sync_cron !== undefined && (
          <div>
            <dt>Next full sync</dt>
            <dd>
              <When at={schedule.next_full_run} now={now} never="paused" />
            </dd>
            <dd class="soft small mono">{schedule.full_sync_cron}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

interface StreamsProps {
  readonly connection: SourceConnectionBody;
  readonly streams: readonly StreamBody[];
  readonly isBusy: boolean;
  readonly now: number;
}

function Streams({ connection, streams, isBusy, now }: StreamsProps) {
  const path = connectionPath(connection.id);
  return (
    <section class="card flush" aria-labelledby="streams">
      <header>
        <h2 id="streams">Streams</h2>
      </header>
      {streams.length === 0 ? (
        <p class="soft inset">They appear with the first sync.</p>
      ) : (
        <div class="scroll" tabindex={0} role="region" aria-label="Streams, scrollable">
          <Table
            columns={[
              "Stream",
              { title: "Entities", class: "number" },
              { title: "Last change", class: "middle" },
              { title: "Continues from", class: "wide" },
              { title: "Actions", isSilent: true },
            ]}
          >
            {streams.map((stream) => (
              <tr>
                <th scope="row">
                  <a class="name" href={`${path}/entities?stream=${encodeURIComponent(stream.name)}`}>
                    {stream.name}
                  </a>
                </th>
                <td class="number">{countText(stream.entity_count)}</td>
                <td class="middle">
                  <When at={stream.last_changed_at} now={now} />
                </td>
                <td class="wide">
                  <Cursor stream={stream} />
                </td>
                <td class="number">
                  {!isBusy && (
                    <PostButton
                      action={`${path}/reset`}
                      text="Reset"
                      small
                      fields={{ stream: stream.name }}
                      label={`Reset ${stream.name}`}
                      confirm={`Let the next sync read “${stream.name}” from the beginning?`}
                    />
                  )}
                </td>
              </tr>
            ))}
          </Table>
        </div>
      )}
    </section>
  );
}

/** Longer ones are behind a click. */
const SHOWN_CURSOR = 48;

function Cursor({ stream: { cursor, is_reset: isReset } }: { readonly stream: StreamBody }) {
  if (cursor === null) return <span class="soft">{isReset ? "reset: read in full next" : "the beginning"}</span>;
  const text = typeof cursor === "string" ? cursor : JSON.stringify(cursor);
  if (text.length <= SHOWN_CURSOR) return <code class="mono">{text}</code>;
  return (
    <details>
      <summary class="mono">{text.slice(0, SHOWN_CURSOR)}…</summary>
      <pre class="code">{JSON.stringify(cursor, null, 2)}</pre>
    </details>
  );
}

function JobTable({ jobs, now }: { readonly jobs: readonly JobBody[]; readonly now: number }) {
  return (
    <div class="scroll" tabindex={0} role="region" aria-label="Syncs, scrollable">
      <Table
        caption={`The last ${countOf(jobs.length, "sync", "syncs")}, newest first`}
        columns={[
          "Sync",
          "Status",
          { title: "Kind", class: "wide" },
          { title: "Changes", class: "middle" },
          { title: "Duration", class: "number" },
        ]}
        bleeds
      >
        {jobs.map((job) => (
          <tr>
            <th scope="row">
              <a class="name" href={jobPath(job.source_connection_id, job.id)}>
                <When at={job.created_at} now={now} />
              </a>
            </th>
            <td>
              <Badge {...JOB_STATUS[job.status]} />
            </td>
            <td class="wide soft">{originText(job)}</td>
            <td class="middle">{changesText(job)}</td>
            <td class="number">{job.duration_seconds === null ? "–" : durationText(job.duration_seconds)}</td>
          </tr>
        ))}
      </Table>
    </div>
  );
}
