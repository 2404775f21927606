import { type Fields, fieldsOf, MICROS_PER_DAY, microsOf, splitDay } from "./calendar.ts";
import { Hashable } from "./hash-key.ts";
import { type Instant, offsetMicros, wallMicros } from "./instant.ts";
import { offsetText, zoneNameOf } from "./offset-text.ts";
import { strftime } from "./strftime.ts";
import type { Parsed } from "./strptime.ts";

/** The zone of a datetime: nothing but an offset, with a name and the text that `repr` shows. */
export interface Zone {
  readonly offsetMinutes: number;
  readonly name: string;
  readonly shown: string;
}

/** `datetime.timezone.utc`. */
export const UTC: Zone = { offsetMinutes: 0, name: "UTC", shown: "datetime.timezone.utc" };
/** UTC as pytz has it; it differs in how it is shown. */
export const PYTZ_UTC: Zone = { offsetMinutes: 0, name: "UTC", shown: "<UTC>" };

function zoneAt(offsetMinutes: number): Zone {
  if (offsetMinutes === 0) return UTC;
  const seconds = Math.round(offsetMinutes * 60);
  const delta = seconds < 0 ? `days=-1, seconds=${seconds + 86_400}` : `seconds=${seconds}`;
  return {
    offsetMinutes,
    name: zoneNameOf(offsetMinutes),
    shown: `datetime.timezone(datetime.timedelta(${delta}))`,
  };
}

/** The `tzinfo` of a datetime. */
export class ZoneValue extends Hashable {
  readonly typeName = "datetime.timezone";
  readonly zone: Zone;

  constructor(zone: Zone) {
    super();
    this.zone = zone;
  }

  get hashKey(): string {
    return `zone${this.zone.offsetMinutes}`;
  }

  override toString(): string {
    return this.zone.name;
  }

  toRepr(): string {
    return this.zone.shown;
  }
}

const two = (value: number) => String(value).padStart(2, "0");

function dateText({ year, month, day }: Fields): string {
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}

/** A date, as Python's `datetime.date`. */
export class CalendarDate extends Hashable {
  readonly typeName = "datetime.date";
  /** Microseconds from 1970 to the date's midnight. */
  readonly wall: bigint;

  /** Takes any time of the day. Throws an OverflowError outside years 1 to 9999. */
  constructor(wall: bigint) {
    super();
    this.wall = wall - BigInt(splitDay(wall).rest);
    fieldsOf(this.wall);
  }

  override get hashKey(): string {
    return `date${this.wall}`;
  }

  get fields(): Fields {
    return fieldsOf(this.wall);
  }

  format(format: string): string {
    return strftime(this.fields, format);
  }

  override toString(): string {
    return dateText(this.fields);
  }

  toRepr(): string {
    const { year, month, day } = this.fields;
    return `datetime.date(${year}, ${month}, ${day})`;
  }
}

/** A date and time, as Python's `datetime.datetime`; without a zone it is naive. */
export class DateTime extends Hashable {
  readonly typeName = "datetime.datetime";
  /** Microseconds from 1970 to what the clock shows. */
  readonly wall: bigint;
  readonly zone: Zone | undefined;

  /** Throws an OverflowError outside years 1 to 9999. */
  constructor(wall: bigint, zone: Zone | undefined) {
    super();
    this.wall = wall;
    this.zone = zone;
    fieldsOf(wall);
  }

  static fromParsed({ fields, offsetMinutes }: Parsed): DateTime {
    return new DateTime(microsOf(fields), offsetMinutes === undefined ? undefined : zoneAt(offsetMinutes));
  }

  static fromInstant(instant: Instant): DateTime {
    return new DateTime(wallMicros(instant), zoneAt(instant.offsetMinutes));
  }

  override get hashKey(): string {
    return this.zone === undefined ? `naive${this.wall}` : `at${this.instant.epochMicros}`;
  }

  get fields(): Fields {
    return fieldsOf(this.wall);
  }

  /** A naive one is taken for UTC, which is the zone of the machine that the CDK runs on. */
  get instant(): Instant {
    const offsetMinutes = this.zone?.offsetMinutes ?? 0;
    return { epochMicros: this.wall - offsetMicros(offsetMinutes), offsetMinutes };
  }

  get date(): CalendarDate {
    return new CalendarDate(this.wall);
  }

  /** The same point in time, elsewhere. */
  inZone(zone: Zone): DateTime {
    return new DateTime(this.instant.epochMicros + offsetMicros(zone.offsetMinutes), zone);
  }

  format(format: string): string {
    return strftime(this.fields, format, this.zone);
  }

  isoText(separator = "T", precision?: string): string {
    const { hour, minute, second, microsecond } = this.fields;
    const micros = String(microsecond).padStart(6, "0");
    const hours = two(hour);
    const minutes = `${hours}:${two(minute)}`;
    const seconds = `${minutes}:${two(second)}`;
    const forms = new Map([
      ["hours", hours],
      ["minutes", minutes],
      ["seconds", seconds],
      ["milliseconds", `${seconds}.${micros.slice(0, 3)}`],
      ["microseconds", `${seconds}.${micros}`],
    ]);
    const clock = forms.get(precision ?? "") ?? (microsecond === 0 ? seconds : `${seconds}.${micros}`);
    const offset = this.zone === undefined ? "" : offsetText(this.zone.offsetMinutes, ":");
    return dateText(this.fields) + separator + clock + offset;
  }

  override toString(): string {
    return this.isoText(" ");
  }

  toRepr(): string {
    const { year, month, day, hour, minute, second, microsecond } = this.fields;
    const parts = [year, month, day, hour, minute];
    if (second !== 0 || microsecond !== 0) parts.push(second);
    if (microsecond !== 0) parts.push(microsecond);
    const zone = this.zone === undefined ? "" : `, tzinfo=${this.zone.shown}`;
    return `datetime.datetime(${parts.join(", ")}${zone})`;
  }
}

/** Python moves a date by only the whole days of a timedelta, rounded down; forward, or with -1 backward. */
export function moveDate(date: CalendarDate, direction: 1 | -1, micros: bigint): CalendarDate {
  return new CalendarDate(date.wall + BigInt(direction * splitDay(micros).days) * MICROS_PER_DAY);
}
