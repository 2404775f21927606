import type { Job } from "./api-answers.ts";
import { CannotStart } from "./cannot-start.ts";
import { Refused, Unreachable } from "./refused.ts";
import { Interrupted, NotFound, NotLoggedIn, WrongUsage } from "./stopped.ts";

/** How `sluice` ends, for scripts. The README has the same table, and so has `sluice --help`. */
export const EXIT = {
  done: 0,
  /** A fault of the command line, or a manifest that can't run. */
  fault: 1,
  /** Wrong options or arguments, or input that the server refused. */
  usage: 2,
  syncFailed: 3,
  syncCancelled: 4,
  /** Not logged in, or the server refused the key. */
  noAccess: 5,
  notFound: 6,
  /** What was asked for doesn't go with the state of things: a job is active, a job has ended. */
  conflict: 7,
  /** The server can't be reached, is out of order, or asks to come back later. */
  unavailable: 8,
  /** By Ctrl-C, as a shell reports it. */
  interrupted: 130,
} as const;

/** What each exit code means, in a table for people. */
export const EXIT_CODES_EXPLAINED = `Exit codes:
  0  done                            5  not logged in, or the key was refused
  1  something unforeseen            6  not found
  2  wrong usage, or refused input   7  conflict: a job is active, or has ended
  3  the sync failed                 8  the server can't be reached; try again later
  4  the sync was cancelled          130  interrupted`;

export function exitCodeOfJob({ status }: Pick<Job, "status">): number {
  if (status === "FAILED") return EXIT.syncFailed;
  return status === "CANCELLED" ? EXIT.syncCancelled : EXIT.done;
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof Refused) return exitCodeOfStatus(error.status);
  if (error instanceof Unreachable) return EXIT.unavailable;
  if (error instanceof NotLoggedIn) return EXIT.noAccess;
  if (error instanceof NotFound) return EXIT.notFound;
  if (error instanceof Interrupted) return EXIT.interrupted;
  return error instanceof WrongUsage || error instanceof CannotStart ? EXIT.usage : EXIT.fault;
}

function exitCodeOfStatus(status: number): number {
  if (status === 401 || status === 403) return EXIT.noAccess;
  if (status === 404) return EXIT.notFound;
  if (status === 409) return EXIT.conflict;
  return status === 429 || status >= 500 ? EXIT.unavailable : EXIT.usage;
}
