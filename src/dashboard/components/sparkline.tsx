import { JOB_STATUS } from "#dashboard/status";
import type { JobStatus } from "#core/job";
import type { Tone } from "./badge.tsx";

export interface SparkJob {
  readonly status: JobStatus;
  readonly entities_inserted: number;
  readonly entities_updated: number;
  readonly entities_deleted: number;
}

/** Bars that fit; the overview asks for as many jobs. */
export const SPARK_JOBS = 12;
const STEP = 8;
const WIDTH = 6;
const HEIGHT = 24;
/** Of a job that changed nothing: it is to be seen that there was one. */
const LEAST = 4;

/** The bed: where a bar could be. */
const EMPTY = Array.from({ length: SPARK_JOBS }, (_, index) => `M${index * STEP} ${HEIGHT}v-2h${WIDTH}v2z`).join("");

/** A connection's newest jobs, oldest first: a bar each, the higher the more it changed, coloured by how it ended. */
export function Sparkline({ jobs }: { readonly jobs: readonly SparkJob[] }) {
  if (jobs.length === 0) return <span class="soft">none yet</span>;
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${SPARK_JOBS * STEP - (STEP - WIDTH)} ${HEIGHT}`}
      role="img"
      aria-label={label(jobs)}
    >
      <path class="fill-none" d={EMPTY} />
      {bars(jobs).map(({ tone, path }) => (
        <path class={`fill-${tone}`} d={path} />
      ))}
    </svg>
  );
}

/** One path for each colour, as a thousand of these are on a page. */
export function bars(newestFirst: readonly SparkJob[]): { readonly tone: Tone; readonly path: string }[] {
  const jobs = newestFirst.slice(0, SPARK_JOBS).toReversed();
  const most = Math.max(...jobs.map(changes), 1);
  const paths = new Map<Tone, string>();
  for (const [index, job] of jobs.entries()) {
    const { tone } = JOB_STATUS[job.status];
    // By magnitude: the first sync of a source changes everything, and those after it next to nothing.
    const share = Math.log1p(changes(job)) / Math.log1p(most);
    const height = Math.round(LEAST + share * (HEIGHT - LEAST));
    const x = (index + SPARK_JOBS - jobs.length) * STEP;
    paths.set(tone, `${paths.get(tone) ?? ""}M${x} ${HEIGHT}v-${height}h${WIDTH}v${height}z`);
  }
  return [...paths].map(([tone, path]) => ({ tone, path }));
}

function changes(job: SparkJob): number {
  return job.entities_inserted + job.entities_updated + job.entities_deleted;
}

function label(jobs: readonly SparkJob[]): string {
  const counts = new Map<string, number>();
  for (const { status } of jobs) counts.set(status, (counts.get(status) ?? 0) + 1);
  const parts = [...counts].map(([status, count]) => `${count} ${status.toLowerCase()}`);
  return `Last ${jobs.length} syncs: ${parts.join(", ")}`;
}
