import { readFileSync, writeFileSync } from "node:fs";

import type { GroupMember } from "#cli/process-group";

/** What makes Linux count the peak of a process anew (proc(5), `clear_refs`). */
const PEAK_ANEW = "5";

/** What the process that carries the Worker and its objects holds in RAM. */
export class RuntimeMemory {
  readonly #runtime: () => GroupMember | undefined;

  constructor(runtime: () => GroupMember | undefined) {
    this.#runtime = runtime;
  }

  /** Now. */
  get megabytes(): number {
    return (this.#runtime()?.residentBytes ?? 0) / 1e6;
  }

  /** The most since it began, or since `countAnew`; null where the system does not say. */
  get peak(): number | null {
    try {
      const status = readFileSync(`/proc/${this.#runtime()?.pid}/status`, "utf8");
      const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
      return kibibytes === undefined ? null : (Number(kibibytes) * 1024) / 1e6;
    } catch {
      return null;
    }
  }

  /** False where the peak goes on to be that since the process began. */
  countAnew(): boolean {
    try {
      writeFileSync(`/proc/${this.#runtime()?.pid}/clear_refs`, PEAK_ANEW);
      return true;
    } catch {
      return false;
    }
  }
}
