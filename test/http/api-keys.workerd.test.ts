import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { at, httpClient, NOW, textAt } from "#test/support/http-client";
import { newTenant } from "#test/support/tenant";

test("a key is shown once, stored as a hash, works, and stops working when revoked", async () => {
  const { call } = httpClient();
  const created = await call("POST", "/v1/api-keys", { json: { name: "Nightly" } });
  const key = textAt(created.body, "key");
  expect(key).toMatch(/^slc_[A-Za-z0-9_-]{43}$/);
  expect(created.body).toMatchObject({ name: "Nightly", expires_at: null, created_at: "2026-03-15T09:30:00.000Z" });

  const listed = await call("GET", "/v1/api-keys", { key });
  expect(listed.text).not.toContain(key);
  expect(listed.text).toContain(textAt(created.body, "prefix"));
  const stored = await env.DB.prepare("SELECT * FROM api_keys").all();
  expect(JSON.stringify(stored.results)).not.toContain(key);

  const revoked = await call("DELETE", `/v1/api-keys/${textAt(created.body, "id")}`);
  expect(Object.keys(Object(revoked.body))).not.toContain("key");
  expect((await call("GET", "/v1/api-keys", { key })).status).toBe(403);
});

test("a key expires at the time it was given", async () => {
  let now = NOW;
  const { call } = httpClient({ now: () => now });
  const created = await call("POST", "/v1/api-keys", { json: { name: "For a day", expires_in_days: 1 } });
  expect(created.body).toMatchObject({ expires_at: "2026-03-16T09:30:00.000Z" });
  now = NOW + 86_400_000 - 1;
  expect((await call("GET", "/v1/api-keys", { key: textAt(created.body, "key") })).status).toBe(200);
  now += 1;
  expect((await call("GET", "/v1/api-keys", { key: textAt(created.body, "key") })).status).toBe(403);
});

test.each([
  { name: "" },
  { name: "Old", expires_at: "2020-01-01T00:00:00Z" },
  { name: "No date", expires_at: "tomorrow" },
  { name: "Both", expires_at: "2030-01-01T00:00:00Z", expires_in_days: 3 },
  { name: "Never", expires_in_days: 0 },
  { name: "Nobody's", organization_id: "not-a-uuid" },
])("refuses to create %j", async (json) => {
  expect((await httpClient().call("POST", "/v1/api-keys", { json })).status).toBe(422);
});

test("a key sees and makes keys of its own organization only; the root key may name another", async () => {
  const client = httpClient();
  const [mine, theirs] = [await newTenant(client), await newTenant(client)];
  const own = await client.call("GET", "/v1/api-keys", { key: mine.key });
  expect(own.body).toMatchObject([{ organization_id: mine.id }]);

  const asked = { key: mine.key, json: { name: "Mole", organization_id: theirs.id } };
  expect((await client.call("POST", "/v1/api-keys", asked)).status).toBe(403);
  expect((await client.call("GET", `/v1/api-keys?organization_id=${theirs.id}`, { key: mine.key })).status).toBe(403);

  const seen = await client.call("GET", `/v1/api-keys?organization_id=${theirs.id}`);
  expect(seen.body).toMatchObject([{ organization_id: theirs.id }]);
  const json = { name: "Nobody's", organization_id: "11111111-1111-4111-8111-111111111111" };
  expect((await client.call("POST", "/v1/api-keys", { json })).status).toBe(404);
});

test("organizations are for the root key", async () => {
  const client = httpClient();
  const tenant = await newTenant(client);
  expect((await client.call("GET", "/v1/organizations", { key: tenant.key })).status).toBe(403);
  expect((await client.call("POST", "/v1/organizations", { key: tenant.key, json: { name: "X" } })).status).toBe(403);
  const listed = await client.call("GET", "/v1/organizations");
  expect(at(listed.body, 0)).toEqual({
    id: "00000000-0000-4000-8000-000000000001",
    name: "Default",
    created_at: "1970-01-01T00:00:00.000Z",
  });
  expect(listed.text).toContain(tenant.id);
});
