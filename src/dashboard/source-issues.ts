import type { Issue } from "./issue.ts";
import type { FormField } from "./source-form.ts";
import { shownFields, type Problem, type Typed } from "./source-values.ts";

/** Where the API says that things are. */
const PLACES = { config: ["body", "config"], credentials: ["body", "authentication", "credentials"] } as const;

/** Parts of the body that are a field of every form. */
const PLAIN_PLACES: ReadonlyMap<string, string> = new Map([
  ["body.name", "name"],
  ["body.readable_collection_id", "collection"],
  ["body.schedule.cron", "cron"],
  ["body.schedule.timezone", "timezone"],
]);

export function problemIssues(part: keyof typeof PLACES, problems: readonly Problem[]): Issue[] {
  return problems.map(({ place, message }) => ({ loc: [...PLACES[part], ...place], msg: message }));
}

export interface PlacedIssues {
  /** By the name of the field. */
  readonly wrong: ReadonlyMap<string, string>;
  /** What no field of the form is about. */
  readonly rest: readonly string[];
}

/** Finds the field that each issue is about. */
export function placedIssues(
  issues: readonly Issue[],
  form: Readonly<Record<keyof typeof PLACES, readonly FormField[]>>,
  typed: Typed,
): PlacedIssues {
  const wrong = new Map<string, string>();
  const rest: string[] = [];
  for (const { loc, msg } of issues) {
    const name = PLAIN_PLACES.get(loc.join(".")) ?? fieldAt(loc, form, typed);
    if (name === null) rest.push(`${loc.slice(1).join(".")}: ${msg}.`);
    else wrong.set(name, wrong.has(name) ? `${wrong.get(name)} ${sentence(msg)}` : sentence(msg));
  }
  return { wrong, rest };
}

function fieldAt(loc: Issue["loc"], form: Parameters<typeof placedIssues>[1], typed: Typed): string | null {
  for (const part of ["config", "credentials"] as const) {
    const prefix = PLACES[part];
    if (!prefix.every((key, at) => loc[at] === key)) continue;
    const path = loc.slice(prefix.length);
    const field = shownFields(form[part], typed).find(
      ({ place }) => (place.length > 0 || path.length === 0) && place.every((key, at) => String(path[at]) === key),
    );
    return field?.name ?? null;
  }
  return null;
}

function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
