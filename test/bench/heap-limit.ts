import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { URL, fileURLToPath } from "node:url";

import type { Finding } from "./finding.ts";

const STEP_MB = 4;
const LEAST_MB = 24;
/** What an isolate has for all of its objects. */
const ISOLATE_MB = 128;

/**
 * The smallest heap of V8 in which three streams with pages as large as are read at once are synced side by side, found
 * by trying. A Worker's memory can't be looked into while it computes, and what it takes without a limit is mostly
 * garbage; so this is the same code over Node's SQLite. Bodies and bindings, buffers outside the heap, come on top.
 */
export async function measureHeap(): Promise<Finding> {
  for (let megabytes = LEAST_MB; megabytes < ISOLATE_MB; megabytes += STEP_MB) {
    if (!isEnough(megabytes)) continue;
    return {
      name: "least heap for a slice / what an isolate has",
      value: megabytes / ISOLATE_MB,
      target: { atMost: 0.5 },
      from: `${megabytes} MB / ${ISOLATE_MB} MB: 3 streams side by side, pages of 7.6 MB, first and unchanged, in Node`,
    };
  }
  throw new Error(`A sync of three streams of large pages does not fit a heap of ${ISOLATE_MB} MB.`);
}

function isEnough(megabytes: number): boolean {
  const directory = mkdtempSync(join(tmpdir(), "sluice-heap-"));
  try {
    const options = [`--max-old-space-size=${megabytes}`, "--max-semi-space-size=2", "--no-warnings"];
    const script = fileURLToPath(new URL("./sync-in-heap.ts", import.meta.url));
    const { status, signal, stderr } = spawnSync(process.execPath, [...options, script, join(directory, "copy.db")], {
      encoding: "utf8",
    });
    if (status === 0) return true;
    if (signal === "SIGABRT" || stderr.includes("heap out of memory")) return false;
    throw new Error(`The sync failed: ${stderr}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
