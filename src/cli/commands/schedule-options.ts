import { WrongUsage } from "#cli/stopped";

export interface ScheduleOptions {
  readonly cron?: string | undefined;
  readonly timezone?: string | undefined;
  readonly fullSyncCron?: string | undefined;
  /** False for `--no-schedule`. */
  readonly schedule: boolean;
}

/** A schedule as the API takes it: null for none, undefined where nothing was said about it. */
export function scheduleIn({ cron, timezone, fullSyncCron, schedule }: ScheduleOptions): object | null | undefined {
  if (!schedule) {
    if (cron === undefined && timezone === undefined && fullSyncCron === undefined) return null;
    throw new WrongUsage("--no-schedule doesn't go with --cron, --timezone and --full-sync-cron.");
  }
  if (cron === undefined) {
    if (timezone === undefined && fullSyncCron === undefined) return undefined;
    throw new WrongUsage("--timezone and --full-sync-cron go with --cron.");
  }
  return {
    cron,
    ...(timezone === undefined ? {} : { timezone }),
    ...(fullSyncCron === undefined ? {} : { full_sync_cron: fullSyncCron }),
  };
}
