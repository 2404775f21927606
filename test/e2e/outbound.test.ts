import { afterAll, beforeAll, expect, test } from "vitest";

import type { JsonObject } from "#core/json";
import { aManifest, aStreamOf } from "#test/support/a-manifest";
import { json, startUpstream, type ScriptedUpstream } from "#test/support/scripted-upstream";
import { tryToConnect } from "./connection.ts";
import { startSluice, type Sluice } from "./sluice.ts";

/*
 * The Worker as it is deployed, where private addresses are not permitted, beside a server that only it could reach:
 * whatever an address is for and however it is written, nobody calls there.
 */

let sluice: Sluice;
let inside: ScriptedUpstream;

beforeAll(async () => {
  inside = await startUpstream(() => json({ secret: "of the network" }));
  sluice = await startSluice({ ALLOW_PRIVATE_UPSTREAMS: "false" });
});
afterAll(async () => {
  await sluice?.close();
  await inside?.close();
});

/** The server's address in ways that lead there, or would if nobody looked. */
function addresses(): string[] {
  const { port } = new URL(inside.url);
  const hosts = [
    "127.0.0.1",
    "localhost",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "[::ffff:127.0.0.1]",
    "127.0.0.1.nip.io",
  ];
  return hosts.map((host) => `http://${host}:${port}`);
}

test("no address of a source, a token endpoint or a receiver leads to the Worker's own network", async () => {
  const authenticator = {
    type: "OAuthAuthenticator",
    token_refresh_endpoint: "{{ config['url'] }}/token",
    client_id: "id",
    client_secret: "secret",
    grant_type: "client_credentials",
  };
  await register("by-address", aStreamOf("things"));
  await register("by-token", withRequester({ url_base: "https://api.example.com", authenticator }));

  const credentials = { api_key: "key" };
  for (const url of addresses()) {
    const config = { url, start_date: "2026-01-01" };
    const answers = {
      couchdb: await tryToConnect(sluice, {
        short_name: "couchdb",
        config: { url, databases: ["orders"] },
        credentials: { anonymous: true },
      }),
      github: await tryToConnect(sluice, {
        short_name: "github",
        config: { api_url: url, repositories: ["a/b"] },
        credentials: { personal_access_token: "token" },
      }),
      manifest: await tryToConnect(sluice, { short_name: "by-address", config, credentials }),
      token: await tryToConnect(sluice, { short_name: "by-token", config, credentials }),
      receiver: await sluice.call("POST", "/webhooks/subscriptions", { body: { url, event_types: ["sync.failed"] } }),
    };
    for (const [what, { status, text }] of Object.entries(answers)) {
      expect({ what, url, status, text }).toEqual({
        what,
        url,
        status: expect.toSatisfy(isRefusal),
        text: expect.stringMatching(/private or local address/),
      });
    }
  }
  expect(inside.requests).toEqual([]);
});

test("an address with a zone of the machine in it is refused wherever an address is given", async () => {
  await register("by-zone", aStreamOf("things"));
  const { port } = new URL(inside.url);
  const hosts = ["fe80::1%eth0", "fe80::1%25eth0", "fe80::1%25lo", "::1%lo", "::1%25lo", "::1%251", "fe80::1%2525eth0"];
  for (const url of hosts.map((host) => `http://[${host}]:${port}`)) {
    const answers = {
      couchdb: await tryToConnect(sluice, {
        short_name: "couchdb",
        config: { url, databases: ["orders"] },
        credentials: { anonymous: true },
      }),
      github: await tryToConnect(sluice, {
        short_name: "github",
        config: { api_url: url, repositories: ["a/b"] },
        credentials: { personal_access_token: "token" },
      }),
      manifest: await tryToConnect(sluice, {
        short_name: "by-zone",
        config: { url, start_date: "2026-01-01" },
        credentials: { api_key: "key" },
      }),
      receiver: await sluice.call("POST", "/webhooks/subscriptions", { body: { url, event_types: ["sync.failed"] } }),
    };
    for (const [what, { status, text }] of Object.entries(answers))
      expect({ what, url, status, text }).toEqual({ what, url, status: expect.toSatisfy(isRefusal), text });
  }
  expect(inside.requests).toEqual([]);
});

function isRefusal(status: number): boolean {
  return status === 400 || status === 422;
}

function withRequester(requester: JsonObject): JsonObject {
  const stream = aStreamOf("things");
  const retriever = Object(stream["retriever"]);
  return { ...stream, retriever: { ...retriever, requester: { ...retriever.requester, ...requester } } };
}

async function register(short_name: string, stream: JsonObject): Promise<void> {
  const { status, text } = await sluice.call("POST", "/sources", {
    body: { short_name, manifest: aManifest([stream]) },
  });
  expect({ status, text }).toMatchObject({ status: 200 });
}
