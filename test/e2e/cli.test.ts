import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";

import { freePort } from "#cli/port";
import { jobBodySchema } from "#http/schemas/job";
import { accessTo, sluiceCommand, type CommandOptions } from "./command-line.ts";
import { connect, run, runToEnd, untilJob } from "./connection.ts";
import { startSluice, type Sluice } from "./sluice.ts";

const SECRET = "never-to-be-seen-8472";
const ESCAPES = /\p{Cc}/u;

/** Each command is a process of its own: half a second, on a busy machine several times that. */
vi.setConfig({ testTimeout: 180_000 });

let sluice: Sluice;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "sluice-cli-"));
  sluice = await startSluice();
});

afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await sluice?.close();
});

/** Logged in through the environment. */
function cli(args: readonly string[], options: CommandOptions = {}) {
  return sluiceCommand(args, { ...options, env: { ...accessTo(sluice), ...options.env } });
}

/** What a command prints with --json. */
async function json<Answer>(schema: z.ZodType<Answer>, args: readonly string[], options?: CommandOptions) {
  const ended = await cli([...args, "--json"], options);
  expect(ended).toMatchObject({ exitCode: 0 });
  return schema.parse(JSON.parse(ended.stdout));
}

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** A connection with 21 entities, synced. */
async function filledConnection(): Promise<string> {
  const config = { entity_count: 20 };
  const { id } = await connect(sluice, { short_name: "incremental_stub", config, credentials: { stub_key: SECRET } });
  expect(await runToEnd(sluice, id)).toMatchObject({ status: "COMPLETED" });
  return id;
}

/** A manifest with one stream, read from that path. */
function manifestText(path: string): string {
  return `
version: 6.0.0
type: DeclarativeSource
check: { type: CheckStream, stream_names: [people] }
streams:
  - type: DeclarativeStream
    name: people
    primary_key: [id]
    schema_loader: { type: InlineSchemaLoader, schema: {} }
    retriever:
      type: SimpleRetriever
      requester: { type: HttpRequester, url_base: "https://api.example.com", path: "${path}", http_method: GET }
      record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [] } }
spec: { type: Spec, connection_specification: { type: object, properties: {} } }
`;
}

/** What a shell is offered, without the notes beside it. */
async function offered(...words: string[]): Promise<string> {
  return (await cli(["complete", "--", ...words])).stdout.replaceAll(/\t.*/g, "");
}

describe("login", () => {
  test("keeps the key where only its owner can read it, and every command uses it", async () => {
    const env = { SLUICE_CONFIG: join(directory, "login", "config.json") };
    const ended = await sluiceCommand(["login", "--url", sluice.address, "--key-stdin"], {
      env,
      input: `${sluice.apiKey}\n`,
    });
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(ended.stdout + ended.stderr).not.toContain(sluice.apiKey);
    expect(statSync(env.SLUICE_CONFIG).mode & 0o777).toBe(0o600);
    expect(await sluiceCommand(["connections"], { env })).toMatchObject({ exitCode: 0 });
    expect(await sluiceCommand(["logout"], { env })).toMatchObject({ exitCode: 0 });
    expect(await sluiceCommand(["connections"], { env })).toMatchObject({ exitCode: 5 });
  });

  test("refuses a wrong key, and keeps nothing", async () => {
    const env = { SLUICE_CONFIG: join(directory, "wrong", "config.json") };
    const options = { env, input: "slc_wrong" };
    const ended = await sluiceCommand(["login", "--url", sluice.address, "--key-stdin"], options);
    expect(ended).toMatchObject({ exitCode: 5, stdout: "" });
    expect(() => readFileSync(env.SLUICE_CONFIG)).toThrow("ENOENT");
  });

  test("never gives a kept key to another server", async () => {
    const config = file("kept.json", JSON.stringify({ url: sluice.address, api_key: sluice.apiKey }));
    const env = { SLUICE_CONFIG: config, SLUICE_URL: `http://127.0.0.1:${await freePort()}` };
    expect(await sluiceCommand(["connections"], { env })).toMatchObject({ exitCode: 5 });
  });

  test("the environment wins over what was kept", async () => {
    const config = file("stale.json", JSON.stringify({ url: "http://127.0.0.1:1", api_key: "slc_stale" }));
    expect(await cli(["sources"], { env: { SLUICE_CONFIG: config } })).toMatchObject({ exitCode: 0 });
  });
});

describe("exit codes", () => {
  test.each([
    ["an unknown command", ["frobnicate"], 2],
    ["an unknown option", ["jobs", "x", "--wait"], 2],
    ["a missing argument", ["run"], 2],
    ["a number that is none", ["jobs", "x", "--limit", "many"], 2],
    ["help", ["run", "--help"], 0],
    ["a connection that is not there", ["run", "00000000-0000-4000-8000-000000000000"], 6],
    ["a name that is nobody's", ["jobs", "nobody"], 6],
    ["a source that is not there", ["sources", "get", "nothing"], 6],
    ["a config that lacks what the source needs", ["connections", "create", "couchdb"], 2],
    ["a delete that nobody can confirm", ["connections", "delete", "00000000-0000-4000-8000-000000000000"], 2],
  ])("of %s", async (_what, args, exitCode) => {
    const ended = await cli(args);
    expect(ended).toMatchObject({ exitCode });
    expect(ended.stderr).not.toMatch(/^ {4}at /m);
    expect(ended.stdout === "").toBe(exitCode !== 0);
  });

  test("of wrong usage, as JSON where JSON was asked for", async () => {
    const ended = await cli(["run", "--json"]);
    expect({ ...ended, stderr: JSON.parse(ended.stderr) }).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: { error: "missing required argument 'connection'", exit_code: 2 },
    });
  });

  test("of a server that can't be reached", async () => {
    const env = { SLUICE_URL: `http://127.0.0.1:${await freePort()}` };
    const ended = await cli(["connections"], { env });
    expect(ended).toMatchObject({ exitCode: 8, stdout: "" });
    expect(ended.stderr).toContain("Can't reach Sluice");
  });

  test("of a server that is something else", async () => {
    const ended = await cli(["connections"], { env: { SLUICE_URL: `${sluice.address}/docs` } });
    expect(ended.exitCode).not.toBe(0);
    expect(ended.stderr).not.toMatch(/^ {4}at /m);
  });

  test("of a failed, a cancelled and a refused sync", async () => {
    const failing = await connect(sluice, { short_name: "exception_stub", config: {}, credentials: { stub_key: "k" } });
    const failed = await cli(["run", failing.id, "--wait"]);
    expect(failed).toMatchObject({ exitCode: 3 });
    expect(failed.stdout).toMatch(/^FAILED in /m);

    const config = { entity_count: 1000, duration_seconds: 100 };
    const slow = await connect(sluice, { short_name: "timed", config, credentials: { timed_key: "k" } });
    const job = await run(sluice, slow.id);
    await untilJob(sluice, job, "runs", ({ status }) => status === "RUNNING");
    const refused = await cli(["run", slow.id, "--json"]);
    expect(refused).toMatchObject({ exitCode: 7, stdout: "" });
    expect(JSON.parse(refused.stderr)).toMatchObject({ status: 409, exit_code: 7, job: { id: job.id } });
    const watched = cli(["jobs", slow.id, job.id, "--watch"]);
    const cancelled = await cli(["cancel", slow.id]);
    expect(cancelled).toMatchObject({ exitCode: 0 });
    expect(await watched).toMatchObject({ exitCode: 4 });
    expect(await cli(["cancel", slow.id])).toMatchObject({ exitCode: 6 });
    expect(await cli(["cancel", slow.id, job.id])).toMatchObject({ exitCode: 7 });
  });
});

describe("connections", () => {
  test("create checks, runs the first sync, and shows how it got on in plain lines", async () => {
    const ended = await cli([
      "connections",
      "create",
      "timed",
      "--name=Clockwork",
      "--cron=@daily",
      "--config=entity_count=30",
      "--config=duration_seconds=2",
      `--credentials-file=${file("credentials.json", JSON.stringify({ timed_key: SECRET }))}`,
    ]);
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(ended.stdout).toMatch(/^COMPLETED in \d+\.\d s: 31 inserted, 0 updated, 0 deleted, 0 unchanged$/m);
    expect(ended.stdout.replaceAll("\n", "")).not.toMatch(ESCAPES);
    expect(ended.stdout + ended.stderr).not.toContain(SECRET);
    const created = await json(z.looseObject({}), ["connections", "get", "Clockwork"]);
    expect(created).toMatchObject({
      short_name: "timed",
      config: { entity_count: 30, duration_seconds: 2 },
      schedule: { cron: "@daily" },
    });
  });

  test("create names every field that is missing, and the source's refusal", async () => {
    const lacking = await cli(["connections", "create", "timed"], { env: { SLUICE_CREDENTIALS: "{}" } });
    expect(lacking.stderr).toContain("timed_key");
    const refused = await cli(["connections", "create", "exception_stub", "-c", "fail_on_validate=true"], {
      env: { SLUICE_CREDENTIALS: JSON.stringify({ stub_key: SECRET }) },
    });
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).not.toContain(SECRET);
  });

  test("update changes one field of the config and leaves the others; delete erases", async () => {
    const config = { entity_count: 3, seed: 7 };
    const { id } = await connect(sluice, { short_name: "incremental_stub", config, credentials: { stub_key: "k" } });
    const changes = ["-c", "entity_count=5", "--name", "Renamed", "--pause", "--no-schedule"];
    const updated = await json(z.looseObject({}), ["connections", "update", id, ...changes]);
    expect(updated).toMatchObject({
      name: "Renamed",
      config: { entity_count: 5, seed: 7 },
      is_paused: true,
      schedule: null,
    });
    expect(await cli(["connections", "update", id])).toMatchObject({ exitCode: 2 });
    expect(await cli(["connections", "delete", "Renamed", "--yes"])).toMatchObject({ exitCode: 0 });
    expect(await cli(["connections", "get", id])).toMatchObject({ exitCode: 6 });
  });

  test("list is a line each with tabs in a pipe, and the server's answer with --json", async () => {
    const { id } = await connect(sluice, {
      short_name: "incremental_stub",
      config: {},
      credentials: { stub_key: "k" },
    });
    const { stdout } = await cli(["connections"]);
    expect(stdout).toContain(`${id}\tactive\t0\tincremental_stub\tEnd to end\n`);
    const list = await json(z.array(z.looseObject({ id: z.string() })), ["connections", "list"]);
    expect(list.map((each) => each.id)).toContain(id);
    await json(z.looseObject({}), ["connections", "update", id, "--pause"]);
    expect((await cli(["connections"])).stdout).toContain(`${id}\tactive, paused\t0\t`);
  });
});

describe("the copy and its changes", () => {
  test("entities are a page, one, or all of them as NDJSON; a reader may leave early", async () => {
    const id = await filledConnection();
    const page = await cli(["entities", id, "--limit", "2"]);
    expect(page.stdout.split("\n")).toHaveLength(3);
    const all = (await cli(["entities", id, "--ndjson"])).stdout.trimEnd().split("\n");
    expect(all).toHaveLength(21);
    const entity = z.object({ stream: z.string(), id: z.string() }).parse(JSON.parse(all[3] ?? ""));
    const one = await json(z.looseObject({}), ["entities", id, "--stream", entity.stream, "--id", entity.id]);
    expect(one).toEqual(JSON.parse(all[3] ?? ""));
    const early = spawnSync(
      "bash",
      ["--norc", "-c", `set -o pipefail; "$0" src/cli/sluice.js entities ${id} --ndjson | head -1`, process.execPath],
      {
        env: { PATH: process.env["PATH"] ?? "", ...accessTo(sluice) },
        encoding: "utf8",
      },
    );
    expect(early).toMatchObject({ status: 0, stdout: `${all[0]}\n`, stderr: "" });
  });

  test("a cursor file gives each change once, and the newest ones the next time", async () => {
    const id = await filledConnection();
    const cursorFile = join(directory, "feed.cursor");
    const changes = async () => {
      const { exitCode, stdout } = await cli(["changes", id, "--cursor-file", cursorFile, "--ndjson"]);
      expect(exitCode).toBe(0);
      return stdout.split("\n").filter((line) => line !== "");
    };
    expect(await changes()).toHaveLength(21);
    expect(await changes()).toHaveLength(0);
    await json(z.looseObject({}), ["connections", "update", id, "-c", "entity_count=23"]);
    expect(await cli(["run", id, "--wait"])).toMatchObject({ exitCode: 0 });
    expect((await changes()).length).toBeGreaterThanOrEqual(3);
  });

  test("with --json changes are one answer, whose cursor goes on", async () => {
    const id = await filledConnection();
    const feed = z.object({ changes: z.array(z.unknown()), next_cursor: z.string() });
    const first = await json(feed, ["changes", id, "--limit", "5"]);
    const rest = await json(feed, ["changes", id, "--since", first.next_cursor]);
    expect([first.changes.length, rest.changes.length]).toEqual([5, 16]);
    expect(await cli(["changes", id, "--since", "nonsense"])).toMatchObject({ exitCode: 2 });
    const last = await json(feed, ["changes", id, "--last", "7"]);
    expect([last.changes, last.next_cursor]).toEqual([rest.changes.slice(-7), rest.next_cursor]);
    expect(await cli(["changes", id, "--last", "7", "--limit", "5"])).toMatchObject({ exitCode: 2 });
  });
});

test("run gives only the job's id to a script, jobs the same job", async () => {
  const id = await filledConnection();
  const { stdout } = await cli(["run", id, "--full"]);
  expect(stdout).toMatch(/^[0-9a-f-]{36}\n$/);
  const followed = await cli(["jobs", id, stdout.trim(), "--watch"]);
  expect(followed).toMatchObject({ exitCode: 0 });
  const told = await cli(["jobs", id, stdout.trim(), "--log"]);
  expect(told.stdout).toMatch(/^\S+\tinfo\tStarted on request: reads everything, as was asked for\.$/m);
  expect(told.stdout).toMatch(/^\S+\tinfo\tCompleted: .*\.$/m);
  const [newest] = await json(z.array(jobBodySchema), ["jobs", id]);
  expect(newest).toMatchObject({ id: stdout.trim(), status: "COMPLETED", sync_mode: "full" });
});

test("manifests are checked without a server, pushed, and replaced", async () => {
  const manifest = file("own-crm.yaml", manifestText("/people"));
  const env = { SLUICE_URL: "", SLUICE_API_KEY: "" };
  expect(await cli(["manifest", "check", manifest], { env })).toMatchObject({ exitCode: 0 });
  expect(await cli(["manifest", "check", file("broken.yaml", "version: 1")], { env })).toMatchObject({ exitCode: 1 });
  expect((await cli(["manifest", "push", manifest])).stdout).toContain("Registered own-crm, version 1.");
  file("own-crm.yaml", manifestText("/v2/people"));
  expect(await json(z.looseObject({}), ["manifest", "push", manifest])).toMatchObject({ version: 2, is_custom: true });
  expect(await cli(["manifest", "push", file("Not a name.yaml", manifestText("/"))])).toMatchObject({ exitCode: 2 });
  expect(await cli(["sources", "delete", "own-crm"])).toMatchObject({ exitCode: 0 });
});

test("an inbound address is made, shown once, and taken away", async () => {
  const id = await filledConnection();
  const inbound = z.looseObject({ url: z.string().nullable() });
  const made = await json(inbound, ["webhooks", "inbound", "create", id, "--scheme", "github", "--secret-file", "-"], {
    input: `${SECRET}\n`,
  });
  expect(made.url).toContain(`${sluice.address}/v1/hooks/`);
  expect(JSON.stringify(made)).not.toContain(SECRET);
  const shown = await cli(["webhooks", "inbound", "get", id]);
  expect(shown.stdout).toContain("github, 1 secret\n");
  expect(await cli(["webhooks", "inbound", "create", id, "--scheme", "none"])).toMatchObject({ exitCode: 7 });
  expect(await cli(["webhooks", "inbound", "delete", id])).toMatchObject({ exitCode: 0 });
  expect(await cli(["webhooks", "inbound", "get", id])).toMatchObject({ exitCode: 6 });
});

test("subscriptions are made with patterns of events, listed, disabled and deleted", async () => {
  const made = await json(z.looseObject({ id: z.string() }), ["webhooks", "create", sluice.address, "-e", "sync.*"]);
  expect(made).toMatchObject({ filter_types: expect.arrayContaining(["sync.completed", "sync.failed"]) });
  expect((await cli(["webhooks"])).stdout).toContain(made.id);
  expect(await json(z.looseObject({}), ["webhooks", "update", made.id, "--disable"])).toMatchObject({ disabled: true });
  expect(await cli(["webhooks", "create", sluice.address])).toMatchObject({ exitCode: 2 });
  expect(await cli(["webhooks", "delete", made.id])).toMatchObject({ exitCode: 0 });
});

test("a new key is all that is printed into a pipe; it works until it is revoked", async () => {
  const { stdout } = await cli(["keys", "create", "Nightly", "--days", "1"]);
  const env = { SLUICE_API_KEY: stdout.trim() };
  expect(await cli(["sources"], { env })).toMatchObject({ exitCode: 0 });
  const keys = await json(z.array(z.looseObject({ id: z.string(), name: z.string() })), ["keys"]);
  const { id } = keys.find(({ name }) => name === "Nightly") ?? { id: "" };
  expect(await cli(["keys", "delete", id])).toMatchObject({ exitCode: 0 });
  expect(await cli(["sources"], { env })).toMatchObject({ exitCode: 5 });
});

describe("completion", () => {
  test("offers commands, options, their values and the connections that there are", async () => {
    const { id } = await connect(sluice, { short_name: "timed", config: {}, credentials: { timed_key: "k" } });
    expect(await offered("conn")).toBe("connections\n");
    expect(await offered("run", "x", "--w")).toBe("--wait\n--watch\n");
    expect(await offered("run", "x", "--on-conflict", "")).toBe("reject\nattach\nqueue\n");
    expect(await offered("run", id.slice(0, 8))).toBe(`${id}\n`);
    expect(await offered("connections", "create", "couch")).toBe("couchdb\n");
  });

  test("bash takes the script as it is printed", async () => {
    const { stdout } = await cli(["completion", "bash"]);
    const shim = `sluice() { "${process.execPath}" src/cli/sluice.js "$@"; }`;
    const script = `${shim}\n${stdout}\nCOMP_WORDS=(sluice jo); COMP_CWORD=1; _sluice; echo "\${COMPREPLY[@]}"`;
    expect(execFileSync("bash", ["--norc", "-c", script], { encoding: "utf8" })).toBe("jobs\n");
  });
});

test("npx sluice works in a clone", () => {
  const { status, stdout } = spawnSync("npx", ["--no", "sluice", "open", "docs"], {
    env: { ...process.env, ...accessTo(sluice) },
    encoding: "utf8",
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${sluice.address}/docs\n` });
});
