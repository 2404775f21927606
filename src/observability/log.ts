import { dataPoint, type DataPoint } from "./data-point.ts";
import type { LogEvent } from "./events.ts";

const REDACTED = "[redacted]";

/** What secrets look like in texts that others wrote: an error's message may quote a header or a URL. */
const SECRETS: readonly RegExp[] = [
  /\bslc_[A-Za-z0-9_-]{43}/g,
  /(?<=\b(?:bearer|basic|token) +)[A-Za-z0-9._~+/=-]{8,}/gi,
  // user:password@ in a URL
  /(?<=\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+(?=@)/gi,
  // ?api_key=…&token=… in a URL
  /(?<=[?&][^\s=&#]*(?:key|token|secret|password|signature|code)[^\s=&#]*=)[^\s&#]+/gi,
];

let record: ((point: DataPoint) => void) | null = null;

/** From now on, what is logged and can be counted also goes there, as one data point for each line. */
export function recordTo(dataset: { writeDataPoint(point: DataPoint): void }): void {
  record = (point) => dataset.writeDataPoint(point);
}

/** Writes one line of JSON, with whatever looks like a secret taken out. */
export function log(event: LogEvent): void {
  console.log(JSON.stringify(event, (_key, value: unknown) => (typeof value === "string" ? redact(value) : value)));
  const point = record === null ? null : dataPoint(event);
  try {
    if (point !== null) record?.(point);
  } catch {
    // An invocation may write 250 points. What can't be counted must not break what was to be counted.
  }
}

/** Takes out of a text whatever looks like a secret. */
export function redact(text: string): string {
  return SECRETS.reduce((cleaned, pattern) => cleaned.replaceAll(pattern, REDACTED), text);
}
