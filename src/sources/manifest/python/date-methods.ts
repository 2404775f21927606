import { type Arguments, callable } from "./arguments.ts";
import { daysFromDate, type Fields, isoCalendar, microsOf, splitDay, weekdayOf } from "./calendar.ts";
import { microsFromSeconds } from "./datetime.ts";
import { CalendarDate, DateTime, UTC, type Zone, ZoneValue } from "./date-value.ts";
import { timestampOf } from "./instant.ts";
import { parseIsoDatetime } from "./iso-datetime.ts";
import { asDouble } from "./number.ts";
import { typeError } from "./python-error.ts";
import { strptime } from "./strptime.ts";
import { CalendarDuration, TimeDelta } from "./time-delta.ts";
import { Callable, float, Tuple, typeName, type Value } from "./value.ts";

const DATE_FIELDS = ["year", "month", "day"] as const;
const TIME_FIELDS = ["hour", "minute", "second", "microsecond"] as const;
const FIELDS = [...DATE_FIELDS, ...TIME_FIELDS];

/** An attribute or a method of a date or a length of time; undefined if it has none of that name here. */
export function dateAttribute(value: Value, name: string, now: () => number): Value | undefined {
  if (value instanceof TimeDelta) return deltaAttribute(value, name);
  if (value instanceof CalendarDuration) return durationAttribute(value, name);
  if (value instanceof CalendarDate) return commonAttribute(value, name) ?? dateOnly(value, name, now);
  if (value instanceof DateTime)
    return datetimeAttribute(value, name) ?? commonAttribute(value, name) ?? creation(name, now);
  return undefined;
}

function deltaAttribute(delta: TimeDelta, name: string): Value | undefined {
  if (name === "total_seconds") return callable(name, [], () => float(Number(delta.micros) / 1e6));
  const { days, seconds, microseconds } = delta.parts;
  return new Map([
    ["days", days],
    ["seconds", seconds],
    ["microseconds", microseconds],
  ]).get(name);
}

function durationAttribute({ duration }: CalendarDuration, name: string): Value | undefined {
  if (name === "years") return duration.years;
  if (name === "months") return duration.months;
  return deltaAttribute(new TimeDelta(duration.micros), name);
}

function commonAttribute(value: CalendarDate | DateTime, name: string): Value | undefined {
  const { fields } = value;
  const { days } = splitDay(value.wall);
  const dateField = DATE_FIELDS.find((field) => field === name);
  if (dateField !== undefined) return fields[dateField];
  switch (name) {
    case "strftime":
      return callable(name, ["format"], (given) => value.format(given.text("format")));
    case "weekday":
      return callable(name, [], () => weekdayOf(days));
    case "isoweekday":
      return callable(name, [], () => weekdayOf(days) + 1);
    case "isocalendar":
      return callable(name, [], () => {
        const { year, week, weekday } = isoCalendar(days);
        return new Tuple([year, week, weekday]);
      });
    case "toordinal":
      return callable(name, [], () => days - daysFromDate(1, 1, 1) + 1);
    case "ctime":
      return callable(name, [], () => value.format("%a %b %e %H:%M:%S %Y"));
    default:
      return undefined;
  }
}

function dateOnly(date: CalendarDate, name: string, now: () => number): Value | undefined {
  switch (name) {
    case "isoformat":
      return callable(name, [], () => date.toString());
    case "replace":
      return callable(name, DATE_FIELDS, (given) => new CalendarDate(microsOf(replaced(date.fields, given))));
    case "today":
      return callable(name, [], () => new CalendarDate(microsNow(now)));
    default:
      return undefined;
  }
}

function microsNow(now: () => number): bigint {
  return BigInt(Math.trunc(now())) * 1000n;
}

function replaced(fields: Fields, given: Arguments): Fields {
  const changes = FIELDS.filter((field) => given.has(field)).map((field) => [field, given.integer(field)] as const);
  return { ...fields, ...Object.fromEntries(changes) };
}

function datetimeAttribute(value: DateTime, name: string): Value | undefined {
  const timeField = TIME_FIELDS.find((field) => field === name);
  if (timeField !== undefined) return value.fields[timeField];
  const { zone } = value;
  switch (name) {
    case "tzinfo":
      return zone === undefined ? null : new ZoneValue(zone);
    case "isoformat":
      return callable(name, ["sep", "timespec"], (given) =>
        value.isoText(given.text("sep", "T"), given.text("timespec", "auto")),
      );
    case "timestamp":
      return callable(name, [], () => float(timestampOf(value.instant)));
    case "date":
      return callable(name, [], () => value.date);
    case "replace":
      return callable(name, [...FIELDS, "tzinfo"], (given) => {
        const chosen = given.has("tzinfo") ? zoneGiven(given.get("tzinfo", null)) : zone;
        return new DateTime(microsOf(replaced(value.fields, given)), chosen);
      });
    case "astimezone":
      return callable(name, ["tz"], (given) => value.inZone(zoneGiven(given.get("tz", null)) ?? UTC));
    case "utcoffset":
      return callable(name, [], () =>
        zone === undefined ? null : new TimeDelta(BigInt(Math.round(zone.offsetMinutes * 60)) * 1_000_000n),
      );
    case "tzname":
      return callable(name, [], () => zone?.name ?? null);
    default:
      return undefined;
  }
}

function zoneGiven(value: Value): Zone | undefined {
  if (value === null) return undefined;
  if (value instanceof ZoneValue) return value.zone;
  throw typeError(`tzinfo argument must be None or of a tzinfo subclass, not type '${typeName(value)}'`);
}

/** Methods of the class, which Python also finds on each datetime. */
function creation(name: string, now: () => number): Callable | undefined {
  switch (name) {
    case "strptime":
      return callable(name, ["date_string", "format"], (given) =>
        DateTime.fromParsed(strptime(given.text("date_string"), given.text("format"))),
      );
    case "fromtimestamp":
      return callable(name, ["timestamp", "tz"], (given) =>
        fromSeconds(given.need("timestamp"), zoneGiven(given.get("tz", null))),
      );
    case "utcfromtimestamp":
      return callable(name, ["timestamp"], (given) => fromSeconds(given.need("timestamp"), undefined));
    case "fromisoformat":
      return callable(name, ["date_string"], (given) =>
        DateTime.fromParsed(parseIsoDatetime(given.text("date_string"))),
      );
    case "utcnow":
    case "today":
      return callable(name, [], () => new DateTime(microsNow(now), undefined));
    case "now":
      return callable(name, ["tz"], (given) => {
        const zone = zoneGiven(given.get("tz", null));
        return zone === undefined
          ? new DateTime(microsNow(now), undefined)
          : new DateTime(microsNow(now), UTC).inZone(zone);
      });
    default:
      return undefined;
  }
}

function fromSeconds(value: Value, zone: Zone | undefined): DateTime {
  const seconds = asDouble(value);
  if (seconds === undefined) throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  const utc = new DateTime(microsFromSeconds(seconds), UTC);
  return zone === undefined ? new DateTime(utc.wall, undefined) : utc.inZone(zone);
}
