import { describe, expect, test } from "vitest";

import { httpClient, textAt } from "#test/support/http-client";
import { newConnection, newTenant } from "#test/support/tenant";

const OTHER_ID = "11111111-1111-4111-8111-111111111111";

interface Route {
  readonly method: string;
  /** As registered, with `{parameters}`. */
  readonly path: string;
}

/** Everything the app answers to, as its own document says; routes that need no key apart. */
function routes(open: boolean): Route[] {
  const document = httpClient().app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "", version: "" } });
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    (["get", "post", "put", "patch", "delete"] as const).flatMap((method) => {
      const operation = item[method];
      if (operation === undefined || (operation.security?.length === 0) !== open) return [];
      return [{ method: method.toUpperCase(), path }];
    }),
  );
}

function addressOf({ path }: Route, parameters: Readonly<Record<string, string>> = {}): string {
  return path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => parameters[name] ?? OTHER_ID);
}

/** A body that is right for the route, so that what is refused is the caller. */
function bodyOf({ method, path }: Route): object {
  if (method !== "POST" && method !== "PATCH") return {};
  if (path.endsWith("/webhook")) return { json: { verification: { scheme: "none" } } };
  if (path.endsWith("/rotate")) return {};
  if (path === "/v1/source-connections") {
    return { json: { short_name: "stub", authentication: { credentials: { stub_key: "key" } } } };
  }
  if (path.startsWith("/v1/api-keys") || path.startsWith("/v1/organizations")) return { json: { name: "named" } };
  return path.endsWith("/run") || path.endsWith("/cancel") ? {} : { json: { name: "renamed" } };
}

const secured = routes(false);

test("there are routes to be tested", () => {
  expect(secured.length).toBeGreaterThan(25);
  expect(routes(true).map(({ path }) => path)).toEqual([
    "/health",
    "/health/live",
    "/health/ready",
    "/v1/hooks/{token}",
  ]);
});

describe.each(secured)("$method $path", (route) => {
  test("answers 401 without a key, and reaches nothing", async () => {
    const { call, connections } = httpClient();
    const answer = await call(route.method, addressOf(route), { ...bodyOf(route), key: null });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(connections.calls).toEqual([]);
  });

  test("answers 403 with a bad key, however it is bad", async () => {
    const { call, connections } = httpClient();
    for (const key of ["nonsense", `slc_${"a".repeat(43)}`, "test-root-key-012345678", "test-root-key-01234567890"]) {
      const answer = await call(route.method, addressOf(route), { ...bodyOf(route), key });
      expect(answer.status).toBe(403);
      expect(answer.body).toEqual({ detail: "Invalid or expired API key" });
    }
    expect(connections.calls).toEqual([]);
  });

  test("takes a trailing slash for nothing", async () => {
    const { call } = httpClient();
    const plain = await call(route.method, addressOf(route), bodyOf(route));
    const slashed = await call(route.method, `${addressOf(route)}/`, bodyOf(route));
    expect(slashed.status).toBe(plain.status);
    expect(slashed.text).not.toContain("nothing at this address");
  });

  test("is refused with 405 and Allow in another method", async () => {
    const taken = new Set(secured.filter(({ path }) => path === route.path).map(({ method }) => method));
    const other = ["PUT", "PATCH", "POST", "DELETE"].find((method) => !taken.has(method)) ?? "PUT";
    const answer = await httpClient().call(other, addressOf(route));
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")?.split(", ")).toContain(route.method);
  });
});

const scoped = secured.filter(({ path }) => path.includes("{"));
const withConnection = scoped.filter(({ path }) => path.includes("source-connections/{id}"));

describe.each(withConnection)("$method $path", (route) => {
  test("answers 404 for another organization's connection, exactly as for one that does not exist", async () => {
    const client = httpClient();
    const [owner, stranger] = [await newTenant(client), await newTenant(client)];
    const id = await newConnection(client, owner.key);
    client.connections.at(id).entitiesNow.push({ stream: "issues", id: OTHER_ID, data: {} });
    const asked = { ...bodyOf(route), key: stranger.key };

    const foreign = await client.call(route.method, addressOf(route, { id, stream: "issues" }), asked);
    const absent = await client.call(route.method, addressOf(route, { stream: "issues" }), asked);

    expect(foreign.status).toBe(404);
    expect([foreign.status, foreign.text]).toEqual([absent.status, absent.text]);
  });

  test("answers 422 for an id that is no UUID, and reaches no object", async () => {
    const { call, connections } = httpClient();
    for (const id of ["1", "not-a-uuid", "550e8400-e29b-41d4-a716-44665544000g", "%00", "%FF", "..%2f..%2fx"]) {
      const answer = await call(route.method, addressOf(route, { id }), bodyOf(route));
      expect(answer.status).toBe(422);
      expect(answer.body).toEqual({
        detail: [{ loc: ["path", "id"], msg: "Input should be a valid UUID", type: "uuid_parsing" }],
      });
    }
    expect(connections.calls).toEqual([]);
  });
});

test("another organization's collections and keys are 404, and stay as they are", async () => {
  const client = httpClient();
  const [owner, stranger] = [await newTenant(client), await newTenant(client)];
  await client.call("POST", "/v1/collections", {
    key: owner.key,
    json: { name: "Secret plans", readable_id: "plans" },
  });
  const keys = await client.call("GET", "/v1/api-keys", { key: owner.key });
  const keyId = textAt(keys.body, 0, "id");
  const attempts = [
    await client.call("GET", "/v1/collections/plans", { key: stranger.key }),
    await client.call("PATCH", "/v1/collections/plans", { key: stranger.key, json: { name: "Mine now" } }),
    await client.call("DELETE", "/v1/collections/plans", { key: stranger.key }),
    await client.call("POST", "/v1/collections/plans/refresh_all", { key: stranger.key }),
    await client.call("DELETE", `/v1/api-keys/${keyId}`, { key: stranger.key }),
  ];
  expect(attempts.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
  const kept = await client.call("GET", "/v1/collections/plans", { key: owner.key });
  expect(kept.body).toMatchObject({ name: "Secret plans" });
});

test("an upper-case UUID means the same connection", async () => {
  const client = httpClient();
  const { key } = await newTenant(client);
  const id = await newConnection(client, key);
  const answer = await client.call("GET", `/v1/source-connections/${id.toUpperCase()}`, { key });
  expect(answer.status).toBe(200);
});
