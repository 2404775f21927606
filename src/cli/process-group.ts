import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** A job's slice can take 20 s, but it resumes anyway: waiting for it would only annoy. */
const STOP_DEADLINE_MS = 5_000;
/** A process ends within milliseconds of SIGKILL, unless the system is stuck in something that it does for it. */
const KILL_DEADLINE_MS = 30_000;
const POLL_INTERVAL_MS = 50;

/** Something of a group still runs, and nothing helps. */
export class CannotEnd extends Error {
  override readonly name = "CannotEnd";
}

/** One live process of a group. */
export interface GroupMember {
  readonly pid: number;
  /** Memory it holds in RAM. */
  readonly residentBytes: number;
  /** Program and arguments. */
  readonly command: string;
}

/** Sends a signal to every process of a group. False if there is none left. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-groupId, signal);
  } catch {
    return false;
  }
}

/**
 * Ends a group and comes back when nothing of it runs. Whoever does not end in time when asked to is killed. Throws CannotEnd
 * if even that does not help.
 */
export async function endGroup(groupId: number, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  const start = performance.now();
  signalGroup(groupId, signal);
  for (let left = groupMembers(groupId); left.length > 0; left = groupMembers(groupId)) {
    const waitedMs = performance.now() - start;
    if (waitedMs > STOP_DEADLINE_MS) signalGroup(groupId, "SIGKILL");
    if (waitedMs > KILL_DEADLINE_MS) {
      throw new CannotEnd(`These can't be ended: ${left.map(({ pid, command }) => `${pid} ${command}`).join("; ")}`);
    }
    await delay(POLL_INTERVAL_MS);
  }
}

/** The processes of a group that still run. Those that ended and wait to be collected by their parent don't count. */
export function groupMembers(groupId: number): GroupMember[] {
  return existsSync("/proc/self/stat") ? fromProc(groupId) : fromPs(groupId);
}

/** Position of the number of threads in `stat`, counted from the state. */
const THREADS_FIELD = 17;

/** Linux. Small images of it have no `ps`. */
function fromProc(groupId: number): GroupMember[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      // "pid (name) state parent group …": the name may hold spaces and parentheses.
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      const [state, , group] = fields;
      if (Number(group) !== groupId) return [];
      // A killed process is a zombie from the moment its first thread is gone; the others still hold files and ports.
      if (state === "Z" && Number(fields[THREADS_FIELD]) <= 1) return [];
      const residentKib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return [{ pid: Number(pid), residentBytes: Number(residentKib) * 1024, command }];
    } catch {
      return []; // It ended while we looked.
    }
  });
}

function fromPs(groupId: number): GroupMember[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,pgid=,stat=,rss=,command="], { encoding: "utf8" });
  return table.split("\n").flatMap((line) => {
    const [, pid, group, state, residentKib, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (Number(group) !== groupId || command === undefined || state?.startsWith("Z")) return [];
    return [{ pid: Number(pid), residentBytes: Number(residentKib) * 1024, command }];
  });
}
