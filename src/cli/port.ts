import { once } from "node:events";
import { createServer } from "node:net";

import { CannotStart } from "./cannot-start.ts";

/** Everything local listens here only: nothing on the network can reach a development server. */
export const LOOPBACK = "127.0.0.1";

/** Can a server listen on this loopback port now? */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, LOOPBACK);
    await once(server, "listening");
  } catch (error) {
    if (isErrno(error, "EADDRINUSE")) return false;
    if (isErrno(error, "EACCES")) {
      throw new CannotStart(`Port ${port} needs special rights on this machine. Choose one above 1023.`);
    }
    throw error;
  }
  server.close();
  await once(server, "close");
  return true;
}

/**
 * Below the ports that systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere): one of those can be
 * taken by any request that is made before the server listens, or while it is restarted.
 */
const FIRST_PORT = 15_000;
const LAST_PORT = 32_767;
const ATTEMPTS = 100;

/** A loopback port that nothing listens on at this moment. `random`: from 0 up to 1. */
export async function freePort(random: () => number = Math.random): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST_PORT + Math.floor(random() * (LAST_PORT - FIRST_PORT + 1));
    if (await isPortFree(port)) return port;
  }
  throw new CannotStart(`No free port was found on ${LOOPBACK}. Stop some servers, then try again.`);
}

/** Reads `--port`. Throws CannotStart for what is not a port number. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new CannotStart(`--port needs a whole number from 1 to 65535, not "${text}".`);
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
