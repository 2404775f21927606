import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";

import { ApiClient } from "#cli/api-client";
import { ApiTransport } from "#cli/api-transport";
import { Refused, Unreachable } from "#cli/refused";

const JOB = {
  id: "770e8400-e29b-41d4-a716-446655440000",
  status: "RUNNING",
  started_at: null,
  duration_seconds: null,
  entities_inserted: 0,
  entities_updated: 0,
  entities_deleted: 0,
  entities_kept: 0,
  entities_failed: 0,
  sync_mode: "full",
  trigger: "manual",
  created_at: "2026-01-01T00:00:00.000Z",
  error: null,
  error_details: null,
  waiting_until: null,
  waiting_reason: null,
};

let server: Server;
let address: string;
/** What the server was asked, and with which key. */
let asked: string[];
/** The `Last-Event-ID` of those requests that had one. */
let positions: string[];
/** What it answers, in this order; the last for ever. */
let answers: { readonly status: number; readonly headers?: Record<string, string>; readonly body: unknown }[];

const listen: RequestListener = (request, response) => {
  const position = request.headers["last-event-id"];
  if (typeof position === "string") positions.push(position);
  asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
  const answer = answers.length > 1 ? answers.shift() : answers[0];
  response.writeHead(answer?.status ?? 500, { connection: "close", ...answer?.headers });
  response.end(typeof answer?.body === "string" ? answer.body : JSON.stringify(answer?.body));
};

beforeEach(async () => {
  asked = [];
  positions = [];
  server = createServer(listen);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  address = `http://127.0.0.1:${typeof bound === "object" ? bound?.port : ""}`;
});

afterEach(async () => {
  server.close();
  await once(server, "close");
});

function ask(): Promise<unknown> {
  const query = { a: "b c", none: undefined };
  return new ApiTransport(address, "slc_key").ask(z.unknown(), "GET", "/x", { query });
}

describe("a request", () => {
  test("carries the key, and of the query what is given", async () => {
    answers = [{ status: 200, body: {} }];
    await ask();
    expect(asked).toEqual(["GET /v1/x?a=b+c Bearer slc_key"]);
  });

  test("keeps numbers of entities that a double can't hold", async () => {
    answers = [{ status: 200, body: '{"id":9007199254740993}' }];
    expect(JSON.stringify(await ask())).toBe('{"id":9007199254740993}');
  });

  test("that comes too soon is sent again when the server says, and in the end given up", async () => {
    const tooSoon = { status: 429, headers: { "retry-after": "0" }, body: { detail: "Too many" } };
    answers = [tooSoon, { status: 200, body: { fine: true } }];
    expect(await ask()).toEqual({ fine: true });
    answers = [tooSoon];
    await expect(ask()).rejects.toBeInstanceOf(Refused);
    expect(asked).toHaveLength(5);
  });

  test("that should wait for an hour is refused at once", async () => {
    answers = [{ status: 429, headers: { "retry-after": "3600" }, body: { detail: "Too many" } }];
    await expect(ask()).rejects.toThrow("Too many");
    expect(asked).toHaveLength(1);
  });

  test("is not sent on with its key where the server redirects", async () => {
    answers = [{ status: 307, headers: { location: `${address}/elsewhere` }, body: "" }];
    await expect(ask()).rejects.toBeInstanceOf(Unreachable);
    expect(asked).toHaveLength(1);
  });

  test("that something else answers is told from a refusal", async () => {
    answers = [{ status: 200, body: "<html>" }];
    const strict = new ApiTransport(address, "k").ask(z.object({ id: z.string() }), "GET", "/x");
    await expect(strict).rejects.toBeInstanceOf(Unreachable);
  });
});

function event(name: string, id: string, data: unknown): string {
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

describe("a watcher of events", () => {
  const connection = "550e8400-e29b-41d4-a716-446655440000";
  const at = "2026-01-01T00:00:00.000Z";
  const entry = { at, level: "info", type: "planned", stream: null, message: "Reads orders.", until: null };
  const watch = async () => {
    const seen: string[] = [];
    const job = await new ApiClient(address, "k").jobs.watch(connection, JOB.id, {
      onProgress: ({ status }) => seen.push(status),
      onLog: ({ message }) => seen.push(message),
    });
    return { seen, job };
  };

  test("connects again where the stream ended, from the last event that it saw", async () => {
    answers = [
      {
        status: 200,
        body: `retry: 1000\n\n${event("log", "1.0-1", entry)}${event("snapshot", "1.0-1", { job: JOB })}: heartbeat\n\n`,
      },
      { status: 503, body: { detail: "Restarting" } },
      { status: 200, body: event("end", "1.1-2", { job: { ...JOB, status: "COMPLETED" } }) },
    ];
    const { seen, job } = await watch();
    expect(job.status).toBe("COMPLETED");
    expect(seen).toEqual(["Reads orders.", "RUNNING", "COMPLETED"]);
    expect(positions).toEqual(["0-0", "1.0-1", "1.0-1"]);
  });

  test("that is told there is nothing more asks for the job itself", async () => {
    answers = [
      { status: 204, body: undefined },
      { status: 200, body: { ...JOB, status: "FAILED" } },
    ];
    expect((await watch()).job.status).toBe("FAILED");
  });

  test("ends at once where the job is not there any more", async () => {
    answers = [{ status: 404, body: { detail: "Job not found" } }];
    await expect(watch()).rejects.toThrow("Job not found");
    expect(asked).toHaveLength(1);
  });
});

describe("a watcher", () => {
  const connection = "550e8400-e29b-41d4-a716-446655440000";

  test("goes on while the server is away for a while", async () => {
    const seen: string[] = [];
    answers = [
      { status: 200, body: JOB },
      { status: 503, body: { detail: "Restarting" } },
      { status: 502, body: "<html>" },
      { status: 200, body: { ...JOB, status: "COMPLETED" } },
    ];
    const client = new ApiClient(address, "k");
    const ended = await client.jobs.untilFinished(connection, JOB.id, ({ status }) => seen.push(status));
    expect(ended.status).toBe("COMPLETED");
    expect(seen).toEqual(["RUNNING", "COMPLETED"]);
  });

  test("ends at once where the job is not there any more", async () => {
    answers = [
      { status: 200, body: JOB },
      { status: 404, body: { detail: "Job not found" } },
    ];
    await expect(new ApiClient(address, "k").jobs.untilFinished(connection, JOB.id)).rejects.toThrow("Job not found");
    expect(asked).toHaveLength(2);
  });
});
