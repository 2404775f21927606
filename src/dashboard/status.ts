import type { JobStatus } from "#core/job";
import type { ConnectionStatus } from "#core/connection";
import type { Tone } from "./components/badge.tsx";

interface Shown {
  readonly tone: Tone;
  readonly text: string;
}

/** How a connection's state is told to people. `active` says only that nothing is wrong. */
export const CONNECTION_STATUS: Readonly<Record<ConnectionStatus, Shown>> = {
  active: { tone: "good", text: "Healthy" },
  syncing: { tone: "busy", text: "Syncing" },
  error: { tone: "bad", text: "Failing" },
  needs_reauth: { tone: "warn", text: "Needs credentials" },
};

export const JOB_STATUS: Readonly<Record<JobStatus, Shown>> = {
  PENDING: { tone: "busy", text: "Pending" },
  RUNNING: { tone: "busy", text: "Running" },
  CANCELLING: { tone: "busy", text: "Cancelling" },
  COMPLETED: { tone: "good", text: "Completed" },
  FAILED: { tone: "bad", text: "Failed" },
  CANCELLED: { tone: "quiet", text: "Cancelled" },
};

interface Standing {
  readonly disabled: boolean;
  readonly health_status: "healthy" | "degraded" | "failing" | "unknown";
}

/** How deliveries to a subscription go. */
export function healthShown({ disabled, health_status: health }: Standing): Shown {
  return disabled ? { tone: "quiet", text: "Disabled" } : HEALTH[health];
}

const HEALTH: Readonly<Record<Standing["health_status"], Shown>> = {
  healthy: { tone: "good", text: "Healthy" },
  degraded: { tone: "warn", text: "Some fail" },
  failing: { tone: "bad", text: "Failing" },
  unknown: { tone: "quiet", text: "Nothing sent yet" },
};
