import type { MetricFamily, Sample } from "#observability/prometheus";
import type { EndedJobs, Metrics } from "#records/metrics-repository";
import { DURATION_CLASSES } from "#records/projection";

/** Metrics of jobs and connections. */
export function jobFamilies({ ended, active, connections, waitingEvents }: Metrics): MetricFamily[] {
  return [
    {
      name: "sluice_job_duration_seconds",
      type: "histogram",
      help: "Jobs that have ended, by how long they took from start to end. Its count is how many there were.",
      samples: kindsOf(ended).flatMap(durationSamples),
    },
    {
      name: "sluice_job_entities_total",
      type: "counter",
      help: "Entities in jobs that have ended, by what became of them.",
      samples: (["inserted", "updated", "deleted", "kept", "failed"] as const).map((change) => ({
        labels: { change },
        value: sum(ended, (each) => each[`entities_${change}`]),
      })),
    },
    {
      name: "sluice_outbox_lag_seconds",
      type: "summary",
      help: "From the end of a job to D1 knowing of it.",
      samples: [
        { suffix: "_sum", value: sum(ended, (each) => each.lag_ms) / 1000 },
        { suffix: "_count", value: sum(ended, (each) => each.jobs) },
      ],
    },
    {
      name: "sluice_jobs_active",
      type: "gauge",
      help: "Jobs that have not ended.",
      samples: active.map(({ status, trigger, jobs }) => ({ labels: { status, trigger }, value: jobs })),
    },
    gauge("sluice_jobs_overdue", "Active jobs that should have gone on more than a minute ago.", [
      { value: sum(active, (each) => each.overdue) },
    ]),
    gauge(
      "sluice_connections",
      "Source connections.",
      connections.map((each) => ({ labels: { status: each.status }, value: each.connections })),
    ),
    gauge("sluice_entities", "Entities in all copies.", [{ value: sum(connections, (each) => each.entities) }]),
    gauge("sluice_collection_events_waiting", "Events of collections that were not handed over to deliveries yet.", [
      { value: waitingEvents },
    ]),
  ];
}

export function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: "gauge", help, samples };
}

/** All classes of one status and trigger together. */
function kindsOf(ended: readonly EndedJobs[]): EndedJobs[][] {
  return [...Map.groupBy(ended, ({ status, trigger }) => `${status} ${trigger}`).values()];
}

function durationSamples(kind: readonly EndedJobs[]): Sample[] {
  const [first] = kind;
  if (first === undefined) return [];
  const labels = { status: first.status, trigger: first.trigger };
  const upTo = (seconds: number) =>
    sum(kind, (each) => (each.duration_class !== 0 && each.duration_class <= seconds ? each.jobs : 0));
  const count = sum(kind, (each) => each.jobs);
  return [
    ...DURATION_CLASSES.map((le) => ({ suffix: "_bucket", labels: { ...labels, le: String(le) }, value: upTo(le) })),
    { suffix: "_bucket", labels: { ...labels, le: "+Inf" }, value: count },
    { suffix: "_sum", labels, value: sum(kind, (each) => each.duration_ms) / 1000 },
    { suffix: "_count", labels, value: count },
  ];
}

function sum<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0);
}
