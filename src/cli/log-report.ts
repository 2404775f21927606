import type { LogEntry } from "./api-answers.ts";
import { oneLine } from "./terminal-text.ts";

/** `orders: The API answered 503. Goes on at 2026-11-01T06:00:00.000Z.` */
export function logText({ stream, message, until }: LogEntry): string {
  const about = stream === null ? "" : `${stream}: `;
  const then = until === null ? "" : ` Goes on at ${until}.`;
  return oneLine(`${about}${message}${then}`);
}
