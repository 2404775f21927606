import { JOB_STATUS } from "#dashboard/status";
import { changesOf, changesText } from "#dashboard/job-text";
import { absoluteText, durationText } from "#dashboard/time-text";
import { countOf } from "#dashboard/number-text";
import type { JobBody } from "#http/schemas/job";

const STEP = 24;
const WIDTH = 16;
const CHANGES_HEIGHT = 96;
const DURATION_HEIGHT = 56;
const GAP = 10;
/** A job that changed nothing, or took no time, is to be seen nevertheless. */
const LEAST = 2;
/** Fewer bars than these would be as wide as blocks. */
const MIN_BARS = 20;

/**
 * What the last jobs changed, above, and how long they took, below, oldest first. Heights go by magnitude, as a first
 * sync is thousands of times what comes after it. The table of jobs says the same in numbers.
 */
export function HistoryPlot({ jobs }: { readonly jobs: readonly JobBody[] }) {
  const oldestFirst = jobs.toReversed();
  const slots = Math.max(MIN_BARS, oldestFirst.length);
  const most = Math.max(1, ...oldestFirst.map(changesOf));
  const longest = Math.max(0.1, ...oldestFirst.map((job) => job.duration_seconds ?? 0));
  const height = CHANGES_HEIGHT + GAP + DURATION_HEIGHT;
  return (
    <figure class="plot">
      <figcaption class="legend small">
        <span class="key inserted">inserted</span>
        <span class="key updated">updated</span>
        <span class="key deleted">deleted</span>
        <span class="key lasted">duration</span>
        <span class="soft">
          at most {countOf(most, "change")}, {durationText(longest)}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${slots * STEP - (STEP - WIDTH)} ${height}`}
        role="img"
        aria-label={`Changes and duration of the last ${jobs.length} syncs. The table of syncs has the same in numbers.`}
      >
        <path class="axis" d={`M0 ${CHANGES_HEIGHT + 0.5}H${slots * STEP}M0 ${height - 0.5}H${slots * STEP}`} />
        {oldestFirst.map((job, index) => (
          <Bar
            job={job}
            x={(index + slots - oldestFirst.length) * STEP}
            most={most}
            longest={longest}
            bottom={height}
          />
        ))}
      </svg>
    </figure>
  );
}

interface BarProps {
  readonly job: JobBody;
  readonly x: number;
  readonly most: number;
  readonly longest: number;
  readonly bottom: number;
}

function Bar({ job, x, most, longest, bottom }: BarProps) {
  const total = changesOf(job);
  const high = total === 0 ? 0 : scaled(total, most, CHANGES_HEIGHT);
  const lasted = scaled(job.duration_seconds ?? 0, longest, DURATION_HEIGHT);
  const parts = [
    ["inserted", job.entities_inserted],
    ["updated", job.entities_updated],
    ["deleted", job.entities_deleted],
  ] as const;
  let y = CHANGES_HEIGHT;
  return (
    <g>
      <title>
        {`${JOB_STATUS[job.status].text}, ${absoluteText(Date.parse(job.created_at))}: ${changesText(job)}` +
          (job.duration_seconds === null ? "" : `, in ${durationText(job.duration_seconds)}`)}
      </title>
      <path class="hit" d={`M${x} 0h${WIDTH}v${bottom}h-${WIDTH}z`} />
      {parts.map(([what, count]) => {
        if (count === 0) return null;
        const part = (high * count) / total;
        y -= part;
        return <rect class={what} x={x} y={round(y)} width={WIDTH} height={round(part)} />;
      })}
      <rect
        class={job.status === "FAILED" ? "failed" : "lasted"}
        x={x}
        y={round(bottom - lasted)}
        width={WIDTH}
        height={round(lasted)}
      />
    </g>
  );
}

function scaled(value: number, most: number, height: number): number {
  return LEAST + (Math.log1p(value) / Math.log1p(most)) * (height - LEAST);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
