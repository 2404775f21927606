import { textAt, type httpClient } from "./http-client.ts";

/** An organization of its own with a key, so that tests that share a database do not see each other. */
export async function newTenant(
  client: ReturnType<typeof httpClient>,
): Promise<{ readonly id: string; readonly key: string }> {
  const organization = await client.call("POST", "/v1/organizations", { json: { name: "Acme" } });
  const id = textAt(organization.body, "id");
  const created = await client.call("POST", "/v1/api-keys", { json: { name: "test", organization_id: id } });
  return { id, key: textAt(created.body, "key") };
}

/** A stub connection of the tenant, without a first job; answers with its id. */
export async function newConnection(
  client: ReturnType<typeof httpClient>,
  key: string,
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const created = await client.call("POST", "/v1/source-connections", {
    key,
    json: {
      short_name: "stub",
      authentication: { credentials: { stub_key: "key" } },
      sync_immediately: false,
      ...overrides,
    },
  });
  return textAt(created.body, "id");
}
