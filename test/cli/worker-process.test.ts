import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { freePort, isPortFree, parsePort } from "#cli/port";
import { groupMembers } from "#cli/process-group";
import { type WorkerOptions, type WorkerProcess, startWorker } from "#cli/worker-process";

/** Starting wrangler takes seconds, on a busy machine many. */
const PATIENCE_MS = 240_000;

/** A Worker that has what the command line looks for, and remembers how often it was asked. */
const WORKER = `
import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  async count() {
    const count = 1 + ((await this.ctx.storage.get("count")) ?? 0);
    await this.ctx.storage.put("count", count);
    return count;
  }
}
export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/health") return Response.json({ status: "healthy" });
    return Response.json({ count: await env.COUNTER.getByName("one").count(), greeting: env.GREETING, secret: env.SECRET });
  },
};`;

const CONFIG = `
name = "counter"
main = "worker.js"
compatibility_date = "2026-10-20"
durable_objects.bindings = [{ name = "COUNTER", class_name = "Counter" }]
migrations = [{ tag = "v1", new_sqlite_classes = ["Counter"] }]
d1_databases = [{ binding = "DB", database_name = "counter", migrations_dir = "migrations" }]
`;

let directory: string;
let options: WorkerOptions;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "sluice-worker-"));
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  mkdirSync(join(directory, "migrations"));
  write("migrations/0001_initial.sql", "CREATE TABLE things (id TEXT PRIMARY KEY);");
  write("worker.js", WORKER);
  write("wrangler.toml", CONFIG);
  write("secrets", 'SECRET="k1:AA+/=="\n');
  options = {
    port: await freePort(),
    stateDirectory: join(directory, "state"),
    secretsFile: join(directory, "secrets"),
    configFile: join(directory, "wrangler.toml"),
    vars: { GREETING: "hello: world, a=b" },
  };
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("a running Worker", { timeout: PATIENCE_MS }, () => {
  let worker: WorkerProcess;
  beforeEach(async () => {
    worker = await startWorker(options);
  }, PATIENCE_MS);
  afterEach(() => worker.kill());

  const ask = async () => (await fetch(worker.address)).json();

  test("has its variables and secrets, and after kill -9 of everything goes on from what it stored", async () => {
    expect(await ask()).toEqual({ count: 1, greeting: "hello: world, a=b", secret: "k1:AA+/==" });
    await worker.kill();
    expect(worker.runtime()).toBeUndefined();
    expect(await isPortFree(options.port)).toBe(true);
    worker = await startWorker(options);
    expect(await ask()).toMatchObject({ count: 2 });
  });

  test("keeps others off its port and its state, saying what to do", async () => {
    await expect(startWorker({ ...options, stateDirectory: join(directory, "other") })).rejects.toThrow(
      `Port ${options.port} is already in use on 127.0.0.1. Stop what listens there, or choose another port`,
    );
    await expect(startWorker({ ...options, port: await freePort() })).rejects.toThrow(
      `Another Sluice already works on this state: process ${process.pid}, ${worker.address}.`,
    );
  });

  test("shows the memory of the process that carries the objects, not of the one that passes requests on", () => {
    expect(worker.runtime()?.residentBytes).toBeGreaterThan(10_000_000);
    expect(worker.runtime()?.command).not.toContain(`entry=127.0.0.1:${options.port}`);
  });

  test("frees its port when it is stopped", async () => {
    await worker.stop();
    expect(await isPortFree(options.port)).toBe(true);
  });
});

test(
  "nothing survives the process that started it, even where that had no time to tidy up",
  { timeout: PATIENCE_MS },
  async () => {
    const script = `
    import { startWorker } from ${JSON.stringify(new URL("../../src/cli/worker-process.ts", import.meta.url).href)};
    const { groupId } = await startWorker(${JSON.stringify(options)});
    console.log(groupId);
    process.kill(process.pid, "SIGKILL");`;
    const starter = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
    expect(starter).toMatchObject({ signal: "SIGKILL", stderr: "" });
    const groupId = Number(starter.stdout);
    expect(groupId).toBeGreaterThan(0);
    await expect.poll(() => groupMembers(groupId), { timeout: 60_000 }).toEqual([]);
    expect(await isPortFree(options.port)).toBe(true);
  },
);

test.each([true, false])(
  "a Worker that can't be built is a message with the reason, at once (rebuilding on change: %s)",
  { timeout: PATIENCE_MS },
  async (rebuildOnChange) => {
    writeFileSync(join(directory, "worker.js"), `${WORKER}\nimport "./missing.js";`);
    const stateDirectory = join(directory, `unbuilt-${rebuildOnChange}`);
    await expect(startWorker({ ...options, stateDirectory, rebuildOnChange })).rejects.toThrow(
      /could not be built.*missing\.js/s,
    );
    expect(await isPortFree(options.port)).toBe(true);
  },
);

test("a port is a whole number from 1 to 65535", () => {
  expect(parsePort("8787")).toBe(8787);
  for (const text of ["", "0", "65536", "80.5", "http", "-1"]) expect(() => parsePort(text)).toThrow("--port needs");
});

test("a free port is none that an outgoing connection could take, and none that is listened on", async () => {
  const taken = createServer();
  const port = await freePort();
  expect(port).toBeLessThan(32_768);
  taken.listen(port, "127.0.0.1");
  await once(taken, "listening");
  const wanted = [(port - 15_000 + 0.5) / 17_768, 0.5];
  expect(await freePort(() => wanted.shift() ?? 0.25)).not.toBe(port);
  taken.close();
});
