import { openGate } from "#connection/gate";
import type { SourceConnectionRpc } from "#connection/rpc";
import type { StreamState } from "#core/stream-state";
import type { ReadRequest } from "#sources/source";
import type { ObjectHost } from "./platform/object-host.ts";

/** Brings a call to where it is answered, or not. */
export type Send = <T>(call: () => Promise<T>) => Promise<T>;

/**
 * Calls an object's methods as its stub does.
 *
 * @param copy for what goes from one process to another
 */
export function stubOf<T extends { alarm(): Promise<void> }>(
  host: ObjectHost<T>,
  send: Send,
  copy: <V>(value: V) => V,
): object {
  return new Proxy(
    {},
    {
      get:
        (_target, method) =>
        (...given: unknown[]) => {
          const args = copy(given);
          const call = async (object: object): Promise<unknown> =>
            Reflect.apply(Reflect.get(object, method), object, args);
          return send(async () => copy(await host.call(call)));
        },
    },
  );
}

/** The way to an object through its stub, as the Worker goes it. */
export function gateTo(id: string, stub: object, newId: () => string): SourceConnectionRpc {
  return Reflect.apply(openGate, null, [{ getByName: () => stub }, id, newId]);
}

/**
 * What is wrong with when and where a job begins, or goes on, to read a stream; null where it is as stored.
 *
 * @param now epoch milliseconds
 */
export function misplaced(
  { stream, cursor, checkpoint }: ReadRequest,
  stored: StreamState | null,
  now: number,
): string | null {
  if (stored?.progress === null || stored === null) return `Stream ${stream} is read, and nothing is stored of that.`;
  const { retryAt } = stored.progress;
  if (retryAt !== null && retryAt > now) return `Stream ${stream} is read ${retryAt - now} ms before its time.`;
  const asked = JSON.stringify({ cursor, checkpoint });
  const committed = JSON.stringify({ cursor: stored.progress.cursor, checkpoint: stored.progress.checkpoint });
  return asked === committed ? null : `Stream ${stream} is read on from ${asked}; what was committed is ${committed}.`;
}
