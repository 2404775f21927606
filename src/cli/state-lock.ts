import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { CannotStart } from "./cannot-start.ts";

/**
 * Claims a state directory for this process until the returned function is called.
 *
 * Two Workers on one state would each run the same alarms and jobs. Throws CannotStart while another process that
 * lives holds the directory; a lock left behind by one that died is taken over.
 */
export function lockState(stateDirectory: string, port: number): () => void {
  mkdirSync(stateDirectory, { recursive: true });
  const path = join(stateDirectory, "sluice.lock");
  if (!claim(path, port)) {
    const holder = readHolder(path);
    if (holder !== null && isAlive(holder.pid)) {
      throw new CannotStart(
        `Another Sluice already works on this state: process ${holder.pid}, http://127.0.0.1:${holder.port}.\n` +
          `Use that one, or stop it first. (If no such process is yours, delete ${path}.)`,
      );
    }
    rmSync(path, { force: true });
    if (!claim(path, port)) throw new CannotStart("Another Sluice is just starting on this state. Use that one.");
  }
  const unlock = () => {
    process.off("exit", unlock);
    if (readHolder(path)?.pid === process.pid) rmSync(path, { force: true });
  };
  process.once("exit", unlock);
  return unlock;
}

/** Creates the lock file; false if it exists. */
function claim(path: string, port: number): boolean {
  try {
    writeFileSync(path, `${process.pid} ${port}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function readHolder(path: string): { pid: number; port: number } | null {
  try {
    const [pid, port] = readFileSync(path, "utf8").trim().split(" ").map(Number);
    return pid && port ? { pid, port } : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, but belongs to someone else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
