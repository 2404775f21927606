import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";

import { CRM_KEY, CRM_MANIFEST, CrmApi } from "#test/support/crm-api";
import { hasPublishedManifests, PUBLISHED_MANIFESTS } from "#test/support/published-manifests";

/** Of the published manifests, those with components that need Python, and the streams that have them. */
const NEED_PYTHON: Readonly<Record<string, { readonly running: number; readonly all: number }>> = {
  "bamboo-hr.yaml": { running: 3, all: 4 },
  "instatus.yaml": { running: 8, all: 12 },
  "intercom.yaml": { running: 0, all: 13 },
  "recurly.yaml": { running: 17, all: 18 },
  "salesloft.yaml": { running: 0, all: 29 },
  "zendesk-sunshine.yaml": { running: 0, all: 6 },
};

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `sluice manifest …`, as a person runs it; `npm run manifest --` is the same. */
function manifest(...args: readonly string[]): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const options = { env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" }, maxBuffer: 64_000_000 };
  const child = execFile(
    process.execPath,
    ["src/cli/sluice.js", "manifest", ...args],
    options,
    (_error, stdout, stderr) => resolve({ exitCode: child.exitCode ?? -1, stdout, stderr }),
  );
  return promise;
}

let directory: string;

const lines = (text: string) => text.split("\n").filter((line) => line !== "");

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "sluice-manifest-"));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** A file with this text; its path. */
function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const finding = z.object({ path: z.array(z.string()), message: z.string(), customClass: z.string().nullable() });
const report = z.array(
  z.object({
    file: z.string(),
    issues: z.array(z.object({ path: z.array(z.string()), message: z.string() })),
    streams: z.array(
      z.object({
        name: z.string(),
        primary_key: z.array(z.array(z.string())).nullable(),
        incremental: z.boolean(),
        supported: z.boolean(),
        findings: z.array(finding),
      }),
    ),
    dynamic_streams: z.array(z.object({ name: z.string(), supported: z.boolean(), findings: z.array(finding) })),
  }),
);

describe("sluice manifest check", () => {
  test.runIf(hasPublishedManifests)(
    "of the published manifests 96 run, and 6 are refused for nothing but their custom components",
    async () => {
      const names = readdirSync(PUBLISHED_MANIFESTS).filter((name) => name.endsWith(".yaml"));
      const { exitCode, stdout } = await manifest(
        "check",
        "--json",
        ...names.map((name) => join(PUBLISHED_MANIFESTS, name)),
      );
      expect(exitCode).toBe(1);
      const checked = report.parse(JSON.parse(stdout));
      expect(checked).toHaveLength(102);
      expect(checked.flatMap(({ issues }) => issues)).toEqual([]);
      const partly = checked
        .filter(({ streams }) => streams.some(({ supported }) => !supported))
        .map(({ file: path, streams }) => [
          path.slice(PUBLISHED_MANIFESTS.length + 1),
          { running: streams.filter(({ supported }) => supported).length, all: streams.length },
        ]);
      expect(Object.fromEntries(partly)).toEqual(NEED_PYTHON);
      const findings = checked.flatMap(({ streams, dynamic_streams: dynamic }) =>
        [...streams, ...dynamic].flatMap((one) => one.findings),
      );
      expect(findings.filter(({ customClass }) => customClass === null)).toEqual([]);
      for (const { message, customClass } of findings) expect(message).toContain(customClass);
    },
  );

  test("says for each stream whether it runs, and why not", async () => {
    const { exitCode, stdout } = await manifest("check", file("crm.yaml", CRM_MANIFEST));
    expect(exitCode).toBe(1);
    expect(stdout).toContain("crm.yaml: 3 of 4 streams run");
    expect(stdout).toContain("✓ people  incremental, key: id");
    expect(stdout).toContain("✗ scripted");
    expect(stdout).toContain("streams.3.retriever: CustomRetriever source_crm.components.ScriptedRetriever");
  });

  test("ends with 0 where everything runs", async () => {
    const running = CRM_MANIFEST.replace(/ {2}- type: DeclarativeStream\n {4}name: scripted[^]*?(?=\nspec:)/, "");
    const { exitCode, stdout } = await manifest("check", file("running.yaml", running));
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("all 3 streams run") });
  });

  test("says what is wrong with a manifest that can't be used, and goes on with the next", async () => {
    const { exitCode, stdout } = await manifest("check", file("none.yaml", "streams: []"), file("bad.yaml", "a: [1"));
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/none\.yaml: can't be used\n {2}streams: .*stream/);
    expect(stdout).toMatch(/bad\.yaml: can't be used\n.*Line 1, column/);
  });

  test("says which file can't be read, and goes on with the next", async () => {
    const { exitCode, stdout } = await manifest(
      "check",
      join(directory, "no-such.yaml"),
      file("crm.yaml", CRM_MANIFEST),
    );
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/Can't read .*no-such\.yaml/),
    });
    expect(stdout).toContain("3 of 4 streams run");
  });

  test.each([
    { args: ["check"], says: "missing required argument 'files'" },
    { args: ["mend", "x.yaml"], says: "unknown command 'mend'" },
    { args: ["check", "x.yaml", "--fast"], says: "--fast" },
    { args: ["read", "x.yaml"], says: "--stream <name>" },
  ])("$args is answered with what is missing", async ({ args, says }) => {
    const { exitCode, stderr } = await manifest(...args);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(says) });
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("sluice manifest read", () => {
  let api: CrmApi;
  let crm: string;
  let config: string;
  beforeAll(async () => {
    api = await CrmApi.start();
    crm = file("crm.yaml", CRM_MANIFEST);
    config = file("config.json", JSON.stringify({ url: api.url, api_key: CRM_KEY, start_date: "2026-01-01" }));
  });
  afterAll(() => api.close());
  beforeEach(() => {
    api.before = () => undefined;
    api
      .fill("companies", 2)
      .fill("people", 25)
      .fill("companies/companies-1/notes", 12)
      .fill("companies/companies-2/notes", 1);
  });

  test("prints a record a line, and on the other channel what it asked, without the credentials", async () => {
    const { exitCode, stdout, stderr } = await manifest("read", crm, "--stream", "people", "--config", config);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(lines(stdout).map((line) => JSON.parse(line))).toEqual(api.tables.get("people"));
    expect(lines(stderr).filter((line) => line.startsWith("GET"))).toHaveLength(3);
    expect(stderr).toContain(`GET ${api.url}/people?since=2026-01-01`);
    expect(stderr).toContain("25 records.");
    expect(stdout + stderr).not.toContain("SECR3T");
  });

  test("reads substreams through their parents", async () => {
    const { exitCode, stdout } = await manifest("read", crm, "-s", "notes", "-c", config, "--quiet");
    expect(exitCode).toBe(0);
    expect(lines(stdout)).toHaveLength(13);
  });

  test("goes on from a cursor that an earlier read ended with", async () => {
    const { stderr } = await manifest("read", crm, "-s", "people", "-c", config);
    const cursor = /Cursor for the next read: (.*)/.exec(stderr)?.[1] ?? "";
    api.tables.get("people")?.push({ id: "people-new", updated_at: "2026-03-01T00:00:00Z" });
    const again = await manifest("read", crm, "-s", "people", "-c", config, "--cursor", file("cursor.json", cursor));
    expect(lines(again.stdout).map((line) => JSON.parse(line).id)).toEqual(["people-25", "people-new"]);
  });

  test("stops at the limit", async () => {
    const { exitCode, stdout } = await manifest("read", crm, "-s", "people", "-c", config, "--limit", "11", "--quiet");
    expect({ exitCode, records: lines(stdout).length }).toEqual({ exitCode: 0, records: 11 });
  });

  test("ends with 1 where the API refuses, and says how", async () => {
    const wrong = file(
      "wrong.json",
      JSON.stringify({ url: api.url, api_key: "wrong_SECR3T_key", start_date: "2026-01-01" }),
    );
    const { exitCode, stdout, stderr } = await manifest("read", crm, "-s", "people", "-c", wrong);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("401");
    expect(stderr).not.toContain("SECR3T");
  });

  test.each([
    { what: "a stream that is not there", args: ["-s", "persons"], says: "companies, people, notes" },
    { what: "a stream that needs Python", args: ["-s", "scripted"], says: "source_crm.components.ScriptedRetriever" },
    { what: "a limit that is no number", args: ["-s", "people", "--limit", "all"], says: "--limit" },
    { what: "a cursor that is not there", args: ["-s", "people", "--cursor", "none.json"], says: "none.json" },
  ])("$what is answered in a sentence", async ({ args, says }) => {
    const { exitCode, stderr } = await manifest("read", crm, "-c", config, ...args);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(says) });
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("a config that the spec refuses is told before anything is asked", async () => {
    api.asked.length = 0;
    const poor = file("poor.json", JSON.stringify({ url: api.url, api_key: CRM_KEY }));
    const { exitCode, stderr } = await manifest("read", crm, "-s", "people", "-c", poor);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("start_date: Field required"),
    });
    expect(api.asked).toEqual([]);
  });

  test("a manifest that can't be used is told with its places", async () => {
    const { exitCode, stderr } = await manifest("read", file("none.yaml", "streams: []"), "-s", "x", "-c", config);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("streams: ") });
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
