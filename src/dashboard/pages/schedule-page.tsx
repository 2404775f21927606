import { ConnectionHead } from "#dashboard/components/connection-head.tsx";
import { describedBy, Field } from "#dashboard/components/field.tsx";
import { Notice } from "#dashboard/components/notice.tsx";
import { PostButton } from "#dashboard/components/post-button.tsx";
import { When } from "#dashboard/components/when.tsx";
import { connectionPath } from "#dashboard/connection-path";
import { countText } from "#dashboard/number-text";
import type { Told } from "#dashboard/told";
import { zonedText } from "#dashboard/zoned-text";
import type { SourceConnectionBody } from "#http/schemas/source-connection";

/** What the form holds. */
export interface ScheduleForm {
  readonly cron: string;
  readonly timezone: string;
  readonly fullCron: string;
}

export type ScheduleFaults = Readonly<Record<keyof ScheduleForm, string | null>>;

interface Props {
  readonly connection: SourceConnectionBody;
  readonly form: ScheduleForm;
  readonly faults: ScheduleFaults;
  /** The next times of what the form holds, ISO 8601; empty where it can't be read. */
  readonly times: readonly string[];
  readonly fullTimes: readonly string[];
  readonly told: Told | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

const PRESETS = [
  ["*/5 * * * *", "every five minutes"],
  ["@hourly", "every hour"],
  ["0 6 * * *", "daily at six"],
  ["0 6 * * MON-FRI", "at six, Monday to Friday"],
  ["@weekly", "weekly"],
  ["@monthly", "monthly"],
] as const;

export function SchedulePage({ connection, form, faults, times, fullTimes, told, now }: Props) {
  const { schedule } = connection;
  const path = connectionPath(connection.id, "schedule");
  return (
    <>
      <ConnectionHead connection={connection} tab="schedule" />
      {told !== null && <Notice tone={told.tone}>{told.text}</Notice>}
      <Standing connection={connection} now={now} />
      <div class="columns">
        <section class="card" aria-labelledby="edit">
          <h2 id="edit">{schedule === null ? "Sync by itself" : "Schedule"}</h2>
          <form class="form" id="schedule" method="post" action={path} data-preview={`${path}/times`}>
            <Field
              id="cron"
              label="Cron expression"
              wrong={faults.cron}
              hint="Five fields: minute, hour, day of month, month, day of week. Or @hourly, @daily, @weekly, @monthly."
            >
              <input
                class="input mono"
                id="cron"
                name="cron"
                list="presets"
                value={form.cron}
                required
                autocomplete="off"
                spellcheck={false}
                {...describedBy("cron", { hint: true, wrong: faults.cron })}
              />
              <datalist id="presets">
                {PRESETS.map(([cron, text]) => (
                  <option value={cron}>{text}</option>
                ))}
              </datalist>
            </Field>
            <Field id="timezone" label="Time zone" wrong={faults.timezone} hint="A name such as Europe/Berlin or UTC.">
              <input
                class="input"
                id="timezone"
                name="timezone"
                list="zones"
                value={form.timezone}
                required
                autocomplete="off"
                spellcheck={false}
                {...describedBy("timezone", { hint: true, wrong: faults.timezone })}
              />
              <datalist id="zones" />
            </Field>
            <Field
              id="full"
              label="Full syncs besides"
              wrong={faults.fullCron}
              hint="When everything is read, whatever the cursors, to find deletes. Empty for never."
            >
              <input
                class="input mono"
                id="full"
                name="full_sync_cron"
                list="presets"
                value={form.fullCron}
                autocomplete="off"
                spellcheck={false}
                {...describedBy("full", { hint: true, wrong: faults.fullCron })}
              />
            </Field>
            <div class="row">
              <button class="button primary">Save the schedule</button>
              <button class="button" formmethod="get" data-preview-button>
                Show the next times
              </button>
            </div>
          </form>
          {schedule?.cron != null && (
            <PostButton
              action={path}
              text="Remove the schedule"
              tone="danger"
              fields={{ remove: "yes" }}
              confirm="Remove the schedule? Syncs then start by hand and by webhook only."
            />
          )}
        </section>
        <section class="card" aria-labelledby="next" aria-live="polite">
          <h2 id="next">The next five times</h2>
          <p class="soft small">As the fields say now, whether they are saved or not.</p>
          <h3>Syncs</h3>
          <Times id="times" times={times} zone={form.timezone} />
          <h3>Full syncs</h3>
          <Times id="full-times" times={fullTimes} zone={form.timezone} />
        </section>
      </div>
    </>
  );
}

function Times({ id, times, zone }: { readonly id: string; readonly times: readonly string[]; readonly zone: string }) {
  return (
    <ol class="times" id={id}>
      {times.map((at) => (
        <li>
          <time datetime={at}>{zonedText(Date.parse(at), zone)}</time>
        </li>
      ))}
      {times.length === 0 && <li class="soft">none</li>}
    </ol>
  );
}

function Standing({
  connection: { schedule },
  now,
}: {
  readonly connection: SourceConnectionBody;
  readonly now: number;
}) {
  if (schedule === null || schedule.cron === null) {
    return <p class="soft">Nothing starts by itself: syncs start by hand, or by webhook.</p>;
  }
  if (schedule.paused) {
    return (
      <Notice tone="warn">
        {schedule.paused_reason === "needs_reauth"
          ? "The schedule is paused: the source refuses the credentials. New ones resume it."
          : "The schedule is paused. It goes on when the connection is resumed, in its settings."}
      </Notice>
    );
  }
  return (
    <p class="soft">
      The next sync starts <When at={schedule.next_run} now={now} />
      {schedule.next_full_run !== null && (
        <>
          , the next full one <When at={schedule.next_full_run} now={now} />
        </>
      )}
      .
      {schedule.skipped_count > 0 &&
        ` ${countText(schedule.skipped_count)} fell out so far, as a sync was still at work.`}
    </p>
  );
}
