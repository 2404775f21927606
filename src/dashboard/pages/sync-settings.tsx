import { DEFAULT_DELETE_GUARD } from "#core/delete-guard";
import { describedBy, Field } from "#dashboard/components/field.tsx";
import { connectionPath } from "#dashboard/connection-path";
import {
  DEADLINE_UNITS,
  durationOf,
  percentText,
  type SyncSettingsFaults,
  type SyncSettingsForm,
} from "#dashboard/sync-settings-form";

interface Props {
  readonly connectionId: string;
  readonly form: SyncSettingsForm;
  readonly faults: SyncSettingsFaults;
  /** The Worker's, for connections that set none. */
  readonly defaultDeadlineSeconds: number;
}

/** What a connection may set for its own syncs. */
export function SyncSettings({ connectionId, form, faults, defaultDeadlineSeconds }: Props) {
  const usual = durationOf(defaultDeadlineSeconds);
  return (
    <section class="card" id="syncs" aria-labelledby="syncs-title">
      <h2 id="syncs-title">Syncs</h2>
      <p class="soft">
        What is left empty is as for every connection of this Worker. A sync that is at work keeps the time it was
        given.
      </p>
      <form class="form" method="post" action={`${connectionPath(connectionId, "settings")}/syncs`}>
        <Field
          id="guard-percent"
          label="Deletes are held back above"
          isOptional
          wrong={faults.guardPercent}
          hint={`Percent of a stream that one full sync would delete; ${percentText(DEFAULT_DELETE_GUARD.ratio)} if empty, and with 100 nothing is held back.`}
        >
          <input
            class="input"
            id="guard-percent"
            name="guard_percent"
            type="number"
            min="0"
            max="100"
            step="any"
            value={form.guardPercent}
            placeholder={percentText(DEFAULT_DELETE_GUARD.ratio)}
            {...describedBy("guard-percent", { hint: true, wrong: faults.guardPercent })}
          />
        </Field>
        <Field
          id="guard-from"
          label="In streams that have at least"
          isOptional
          wrong={faults.guardFrom}
          hint={`Entities; ${DEFAULT_DELETE_GUARD.minEntities} if empty. Smaller streams lose whatever a full sync does not find.`}
        >
          <input
            class="input"
            id="guard-from"
            name="guard_from"
            type="number"
            min="0"
            step="1"
            value={form.guardFrom}
            placeholder={String(DEFAULT_DELETE_GUARD.minEntities)}
            {...describedBy("guard-from", { hint: true, wrong: faults.guardFrom })}
          />
        </Field>
        <div class="form inline">
          <Field
            id="deadline"
            label="A sync gives up after"
            isOptional
            wrong={faults.deadline}
            hint={`From its start, waits and outages included; ${textOf(usual)} if empty, 30 days at most.`}
          >
            <input
              class="input"
              id="deadline"
              name="deadline"
              type="number"
              min="0"
              step="any"
              value={form.deadline}
              placeholder={usual.unit === form.deadlineUnit ? usual.count : undefined}
              {...describedBy("deadline", { hint: true, wrong: faults.deadline })}
            />
          </Field>
          <Field id="deadline-unit" label="In">
            <select class="select" id="deadline-unit" name="deadline_unit">
              {DEADLINE_UNITS.map(([unit]) => (
                <option value={unit} selected={unit === form.deadlineUnit}>
                  {unit}
                </option>
              ))}
            </select>
          </Field>
        </div>
        <div class="row">
          <button class="button primary">Save</button>
        </div>
      </form>
    </section>
  );
}

function textOf({ count, unit }: ReturnType<typeof durationOf>): string {
  return `${count} ${count === "1" ? unit.slice(0, -1) : unit}`;
}
