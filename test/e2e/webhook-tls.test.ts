import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { subscriptionDetailSchema } from "#http/schemas/subscription";
import { selfSigned } from "./self-signed.ts";
import { startSluice, type Sluice } from "./sluice.ts";
import { until } from "./until.ts";

/** One that the Worker is told to trust, and one that is anybody's. */
const [trusted, untrusted] = [selfSigned("trusted"), selfSigned("untrusted")];

const directory = mkdtempSync(join(tmpdir(), "sluice-tls-"));
const taken: string[] = [];
let server: Server;
let address: string;
let sluice: Sluice;

beforeAll(async () => {
  const authorities = join(directory, "trusted.pem");
  writeFileSync(authorities, trusted.cert);
  process.env["NODE_EXTRA_CA_CERTS"] = authorities;
  sluice = await startSluice();
  server = createServer(trusted, (request, response) => {
    if (request.method === "POST") taken.push(String(request.headers["webhook-id"]));
    response.writeHead(200).end("thanks");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  address = `https://127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}/hook`;
});
afterAll(async () => {
  delete process.env["NODE_EXTRA_CA_CERTS"];
  await sluice?.close();
  server?.closeAllConnections();
  server?.close();
  rmSync(directory, { recursive: true, force: true });
});

function presents(identity: typeof trusted): void {
  server.setSecureContext(identity);
  // Those that are open have been through their handshake.
  server.closeAllConnections();
}

test("a receiver whose certificate is not trusted is told again once it is, and meanwhile it shows that it fails, and why", async () => {
  const subscribe = () =>
    sluice.call("POST", "/webhooks/subscriptions", { body: { url: address, event_types: ["collection.created"] } });
  const subscription = subscriptionDetailSchema.parse((await subscribe()).body);
  const detail = async () => {
    const answer = await sluice.call("GET", `/webhooks/subscriptions/${subscription.id}`);
    return subscriptionDetailSchema.parse(answer.body);
  };
  presents(untrusted);
  const refused = await subscribe();
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining("TLS certificate was not accepted")]);

  const made = await sluice.call("POST", "/collections", { body: { name: "Told about later" } });
  expect(made.status).toBe(200);
  const failing = await until("an attempt is shown", async () => {
    const seen = await detail();
    return (seen.delivery_attempts ?? []).length > 0 && seen;
  });
  expect(failing).toMatchObject({
    health_status: "degraded",
    disabled: false,
    delivery_attempts: [
      { status: "failed", response_status_code: 0, error: expect.stringContaining("TLS certificate was not accepted") },
    ],
  });
  expect(taken).toEqual([]);

  presents(trusted);
  await until("it is told again", () => taken.length > 0);
  expect(taken).toEqual([failing.delivery_attempts?.[0]?.message_id]);
  const mended = await until("that shows", async () => {
    const seen = await detail();
    return seen.delivery_attempts?.length === 2 && seen;
  });
  expect(mended.delivery_attempts?.map(({ status }) => status)).toEqual(["success", "failed"]);
  expect(sluice.log.filter((line) => line.includes("unexpected_error"))).toEqual([]);
});
