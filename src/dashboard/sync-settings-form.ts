import type { SyncSettings } from "#core/connection";
import { findingOn, type Issue } from "./issue.ts";

/** What a deadline can be given in, and how many seconds that is; the longest last. */
export const DEADLINE_UNITS = [
  ["seconds", 1],
  ["minutes", 60],
  ["hours", 3_600],
  ["days", 86_400],
] as const;

/** What the form holds. A field that is empty leaves it to the Worker's default. */
export interface SyncSettingsForm {
  /** The share of a stream that may be deleted, in percent. */
  readonly guardPercent: string;
  /** Streams with fewer entities are not guarded. */
  readonly guardFrom: string;
  readonly deadline: string;
  /** One of DEADLINE_UNITS. */
  readonly deadlineUnit: string;
}

/** What is wrong with each field; null where nothing is. */
export interface SyncSettingsFaults {
  readonly guardPercent: string | null;
  readonly guardFrom: string | null;
  readonly deadline: string | null;
}

export const NO_FAULTS: SyncSettingsFaults = { guardPercent: null, guardFrom: null, deadline: null };

/** What the form begins with. */
export function syncSettingsForm(settings: SyncSettings): SyncSettingsForm {
  const { delete_guard_ratio: ratio, delete_guard_min_entities: from, job_deadline_seconds: seconds } = settings;
  const { count, unit } = durationOf(seconds ?? null);
  return {
    guardPercent: ratio === undefined ? "" : percentText(ratio),
    guardFrom: from === undefined ? "" : String(from),
    deadline: count,
    deadlineUnit: unit,
  };
}

/** The share as it is typed: `0.125` as `12.5`. */
export function percentText(ratio: number): string {
  return String(scaled(ratio, 100));
}

/** In the longest unit that it is a whole number of: 7,200 seconds as 2 hours. None of anything is in hours. */
export function durationOf(seconds: number | null): { readonly count: string; readonly unit: string } {
  if (seconds === null) return { count: "", unit: "hours" };
  const [unit, size] = DEADLINE_UNITS.findLast(([, each]) => seconds % each === 0) ?? DEADLINE_UNITS[0];
  return { count: String(seconds / size), unit };
}

/** What is asked of the API, for which settings are one thing: a setting left out is set no more. */
export function syncSettingsInput({ guardPercent, guardFrom, deadline, deadlineUnit }: SyncSettingsForm) {
  const unit = DEADLINE_UNITS.find(([name]) => name === deadlineUnit)?.[1] ?? 1;
  return {
    ...given("delete_guard_ratio", guardPercent, 0.01),
    ...given("delete_guard_min_entities", guardFrom, 1),
    ...given("job_deadline_seconds", deadline, unit),
  };
}

/** The API's findings are about other units than the form's. */
export function syncSettingsFaults(issues: readonly Issue[]): SyncSettingsFaults {
  const isWrong = (name: keyof SyncSettings) => findingOn(issues, ["sync_settings", name]) !== null;
  return {
    guardPercent: isWrong("delete_guard_ratio") ? "Give a percentage from 0 to 100." : null,
    guardFrom: isWrong("delete_guard_min_entities") ? "Give a whole number." : null,
    deadline: isWrong("job_deadline_seconds") ? "Give whole seconds: one at least, and 30 days at most." : null,
  };
}

/** What is no number goes to the API as it is, to be refused. */
function given(name: keyof SyncSettings, text: string, factor: number): Record<string, number | string> {
  if (text === "") return {};
  const number = Number(text);
  return { [name]: Number.isFinite(number) ? scaled(number, factor) : text };
}

/** Without what a binary fraction adds: 33.3 % is 0.333, and 0.1 hours are 360 seconds. */
function scaled(number: number, factor: number): number {
  return Number((number * factor).toPrecision(12));
}
