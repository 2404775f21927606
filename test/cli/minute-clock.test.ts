import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";

import { startMinuteClock } from "#cli/minute-clock";

test("the clock calls the Worker's cron handler again and again, whatever it answers, until it is ended", async () => {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(request.url ?? "");
    if (calls.length === 1) response.destroy();
    else response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const { port }: Pick<AddressInfo, "port"> = typeof address === "object" && address !== null ? address : { port: 0 };

  const end = startMinuteClock(`http://127.0.0.1:${port}`, 5);
  await expect.poll(() => calls.length).toBeGreaterThan(2);
  await end();
  await new Promise<void>((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
  expect(new Set(calls)).toEqual(new Set(["/cdn-cgi/local/scheduled?cron=*+*+*+*+*"]));
});
