/**
 * Cron expressions as every crontab has them: five fields of `*`, numbers, ranges, lists and steps, names for months
 * and weekdays, and the usual macros. Read here to say which field is wrong and why; when they are due is for
 * next-time.ts to find.
 */
export interface Cron {
  /** Five fields, each in a form that every cron library reads alike. */
  readonly fields: readonly [minute: string, hour: string, day: string, month: string, weekday: string];
  /** The minutes and hours at which it is due, ascending. */
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
}

export type ParsedCron = { readonly cron: Cron } | { readonly problem: string };

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of values, the first being that of `min`. */
  readonly names: readonly string[];
}

const MINUTE: Field = { name: "minute", min: 0, max: 59, names: [] };
const HOUR: Field = { name: "hour", min: 0, max: 23, names: [] };
const DAY: Field = { name: "day of month", min: 1, max: 31, names: [] };
const MONTH: Field = {
  name: "month",
  min: 1,
  max: 12,
  names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
/** 7 is Sunday too. */
const WEEKDAY: Field = {
  name: "day of week",
  min: 0,
  max: 7,
  names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};

const MACROS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** What stands for a whole expression, in any case. */
export const CRON_MACROS: readonly string[] = Object.keys(MACROS);

/** The most days that a month, from January, can have. */
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Raised inside this file only; `parseCron` answers with its message. */
class Problem extends Error {}

export function parseCron(text: string): ParsedCron {
  try {
    return { cron: parse(text.trim()) };
  } catch (error) {
    if (error instanceof Problem) return { problem: `Invalid CRON expression: ${error.message}` };
    throw error;
  }
}

function parse(text: string): Cron {
  const expanded = text.startsWith("@") ? MACROS[text.toLowerCase()] : text;
  if (expanded === undefined) {
    throw new Problem(`"${text}" is no macro that is known here; there are ${CRON_MACROS.join(", ")}`);
  }
  const parts = expanded.split(/\s+/);
  const [minute, hour, day, month, weekday, extra] = parts;
  const isFive = weekday !== undefined && extra === undefined;
  if (!isFive || minute === undefined || hour === undefined || day === undefined || month === undefined) {
    const count = text === "" ? 0 : parts.length;
    throw new Problem(
      `five fields are expected, such as \`0 6 * * *\` (minute, hour, day, month, weekday), not ${count}`,
    );
  }
  const [minutes, hours, days, months] = [
    readField(MINUTE, minute),
    readField(HOUR, hour),
    readField(DAY, day),
    readField(MONTH, month),
  ];
  const weekdays = readField(WEEKDAY, weekday);
  if (
    weekdays.text === "*" &&
    !months.values.some((at) => days.values.some((date) => date <= (DAYS_IN_MONTH[at - 1] ?? 0)))
  ) {
    throw new Problem(`day of month: no month of "${month}" has a day "${day}", so it would never run`);
  }
  return {
    fields: [minutes.text, hours.text, days.text, months.text, weekdays.text],
    minutes: minutes.values,
    hours: hours.values,
  };
}

interface FieldReading {
  readonly text: string;
  readonly values: readonly number[];
}

function readField(field: Field, text: string): FieldReading {
  const items = text.split(",").map((item) => readItem(field, item));
  const values = new Set(items.flatMap(({ from, to, step }) => range(from, to, step)));
  return { text: items.map((item) => item.text).join(","), values: [...values].toSorted((a, b) => a - b) };
}

/** One element of a list: `*`, a value or a range, each with or without a step. */
function readItem(field: Field, item: string): { text: string; from: number; to: number; step: number } {
  const [span = "", stepText, ...more] = item.split("/");
  if (more.length > 0) throw bad(field, `"${item}" has more than one step`);
  const step = stepText === undefined ? 1 : readStep(field, stepText);
  // Every value is what `*` says, also where a day of month and a day of week are given.
  const suffix = step === 1 ? "" : `/${step}`;
  if (span === "*") return { text: `*${suffix}`, from: field.min, to: field.max, step };
  const [first = "", last, ...others] = span.split("-");
  if (others.length > 0) throw bad(field, `"${item}" is no range`);
  const from = readValue(field, first);
  // A value with a step, as in 5/15, means: from there on.
  const open = stepText === undefined ? from : Math.max(from, field === WEEKDAY ? 6 : field.max);
  const to = last === undefined ? open : readValue(field, last);
  if (to < from) throw bad(field, `the range "${span}" ends before it begins; write it as two, separated by a comma`);
  return { text: to === from && stepText === undefined ? String(from) : `${from}-${to}${suffix}`, from, to, step };
}

function readValue(field: Field, text: string): number {
  const named = field.names.indexOf(text.toUpperCase());
  if (named >= 0) return field.min + named;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.min && value <= field.max) return value;
  const names = field.names.length === 0 ? "" : ` or ${field.names[0]}-${field.names.at(-1)}`;
  throw bad(field, `"${text}" is not ${field.min}-${field.max}${names}`);
}

function readStep(field: Field, text: string): number {
  const most = field === WEEKDAY ? 7 : field.max - field.min + 1;
  const step = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (step >= 1 && step <= most) return step;
  throw bad(field, `the step "${text}" is not 1-${most}`);
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}

function bad(field: Field, what: string): Problem {
  return new Problem(`${field.name}: ${what}`);
}
