import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { freePort, isPortFree } from "#cli/port";

/** A command as a person runs it, and what it prints. */
interface Command {
  readonly process: ChildProcess;
  /** What it printed so far, stdout and stderr together. */
  printed(): string;
  /** Waits until it has printed this, or has ended without. */
  until(pattern: RegExp): Promise<RegExpExecArray | null>;
  /** The exit code; null if a signal ended it. */
  readonly ended: Promise<number | null>;
}

const started: Command[] = [];

function start(name: "demo" | "dev", ...args: string[]): Command {
  const child = spawn(process.execPath, [`src/cli/${name}.ts`, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const output = new PassThrough({ encoding: "utf8" }).resume();
  let text = "";
  output.on("data", (chunk) => (text += String(chunk)));
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  const ended = once(child, "close").then(() => child.exitCode);
  const command: Command = {
    process: child,
    printed: () => text,
    ended,
    async until(pattern) {
      while (!pattern.test(text) && child.exitCode === null) await Promise.race([once(output, "data"), ended]);
      return pattern.exec(text);
    },
  };
  started.push(command);
  return command;
}

afterEach(async () => {
  for (const { process: child, ended } of started.splice(0)) {
    child.kill("SIGKILL");
    await ended;
  }
});

describe("npm run demo", () => {
  test("with --once shows a full sync, a refused second run, an incremental sync and its changes, and leaves nothing", async () => {
    const port = await freePort();
    const demo = start("demo", "--once", "--port", String(port));
    const exitCode = await demo.ended;
    const story = demo.printed();
    expect({ exitCode, story }).toMatchObject({ exitCode: 0 });
    for (const promise of [
      /✓ COMPLETED in .* 30,000 inserted, 0 updated, 0 deleted/,
      /✓ A second run during the first was refused with 409/,
      /✓ COMPLETED in .* 3 inserted, 3 updated, 2 deleted/,
      /\+ {2}people {2}person-ada/,
      /~ {2}people {2}person-0000007 {2}city: \S+ → Reykjavík/,
      /- {2}orders {2}order-0000012/,
    ]) {
      expect(story).toMatch(promise);
    }
    expect(story).not.toContain("✗");
    expect(await isPortFree(port)).toBe(true);
  });

  test("stays up without --once, prints a curl line that works, and Ctrl-C ends all of it", async () => {
    const port = await freePort();
    const demo = start("demo", "--port", String(port));
    const line = await demo.until(/curl -H 'Authorization: (?<key>Bearer \S+)' '(?<url>\S+entities\S+)'/);
    const { key = "", url = "" } = line?.groups ?? {};
    const response = await fetch(url, { headers: { authorization: key } });
    expect(await response.json()).toMatchObject({ entities: [{ stream: "people" }, { stream: "people" }] });
    demo.process.kill("SIGINT");
    expect(await demo.ended).toBe(0);
    expect(await isPortFree(port)).toBe(true);
  });

  test("interrupted while it starts, leaves nothing on its port", async () => {
    const port = await freePort();
    const demo = start("demo", "--port", String(port));
    await demo.until(/Starting the Worker/);
    demo.process.kill("SIGINT");
    expect(await demo.ended).toBe(130);
    await expect.poll(() => isPortFree(port)).toBe(true);
  });
});

describe("npm run dev", () => {
  let state: string;
  beforeAll(() => {
    state = mkdtempSync(join(tmpdir(), "sluice-dev-"));
  });
  afterAll(() => rmSync(state, { recursive: true, force: true }));

  test("prints a key that works at once; a second instance is told about the first, without a stack", async () => {
    const port = await freePort();
    const dev = start("dev", "--port", String(port), "--state", state);
    const line = await dev.until(/curl -H 'Authorization: (?<key>Bearer \S+)' (?<url>\S+)/);
    const { key = "", url = "" } = line?.groups ?? {};
    expect((await fetch(url, { headers: { authorization: key } })).status).toBe(200);

    const samePort = start("dev", "--port", String(port));
    expect(await samePort.ended).toBe(1);
    const sameState = start("dev", "--port", String(await freePort()), "--state", state);
    expect(await sameState.ended).toBe(1);
    expect(samePort.printed()).toContain(`Port ${port} is already in use`);
    expect(sameState.printed()).toContain(`Another Sluice already works on this state: process ${dev.process.pid}`);
    expect(samePort.printed() + sameState.printed()).not.toMatch(/^ {4}at /m);

    dev.process.kill("SIGINT");
    expect(await dev.ended).toBe(0);
    expect(await isPortFree(port)).toBe(true);
  });

  test.each([
    [["--port", "http"], '--port needs a whole number from 1 to 65535, not "http".'],
    [["--prot", "1"], "Usage: npm run dev"],
  ])("refuses %j with what to write instead", async (args, message) => {
    const dev = start("dev", ...args);
    expect(await dev.ended).toBe(1);
    expect(dev.printed()).toContain(message);
  });
});
