import { once } from "node:events";
import { createServer } from "node:net";

import { CannotStart } from "./cannot-start.ts";

/** Everything local listens here only: nothing on the network can reach a development server. */
export const LOOPBACK = "127.0.0.1";

/** Can a server listen on this loopback port now? */
export async function isPortFree(port: number): Promise<boolean> {
  return (await tryPort(port)) !== null;
}

/** A loopback port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const port = await tryPort(0);
  if (port === null) throw new CannotStart(`No free port is left on ${LOOPBACK}. Stop some servers, then try again.`);
  return port;
}

/** Reads `--port`. Throws CannotStart for what is not a port number. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new CannotStart(`--port needs a whole number from 1 to 65535, not "${text}".`);
}

/** Listens for a moment. Answers with the port, or null if it is taken. */
async function tryPort(port: number): Promise<number | null> {
  const server = createServer();
  try {
    server.listen(port, LOOPBACK);
    await once(server, "listening");
  } catch (error) {
    if (isErrno(error, "EADDRINUSE")) return null;
    if (isErrno(error, "EACCES")) {
      throw new CannotStart(`Port ${port} needs special rights on this machine. Choose one above 1023.`);
    }
    throw error;
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : null;
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
