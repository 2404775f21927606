import type { SourceConnectionRpc } from "./rpc.ts";

/** Reaches the object of the source connection with this id. */
export type Gate = (connectionId: string) => SourceConnectionRpc;

/** Tries in all: a deploy or a restart resets an object once, and a new stub finds the next one. */
const ATTEMPTS = 3;

/** The platform's word for a fault that is gone on the next try, and did not come from a queue that is too long. */
interface PlatformFault {
  readonly retryable?: unknown;
  readonly overloaded?: unknown;
}

/**
 * The way to a source connection's object. Tries again, with a new stub, where the platform says that a fault was
 * its own: each method does the same when it is called twice.
 *
 * @param newId names each run, so that one tried again starts no second job
 */
export function openGate(
  namespace: Cloudflare.Env["SOURCE_CONNECTION"],
  connectionId: string,
  newId: () => string,
): SourceConnectionRpc {
  const call = async <T>(use: (object: SourceConnectionRpc) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await use(namespace.getByName(connectionId));
      } catch (error) {
        if (attempt === ATTEMPTS || !isPlatformFault(error)) throw error;
      }
    }
  };
  return {
    create: (input) => call((object) => object.create(input)),
    describe: (organizationId) => call((object) => object.describe(organizationId)),
    update: (organizationId, patch) => call((object) => object.update(organizationId, patch)),
    erase: (organizationId) => call((object) => object.erase(organizationId)),
    run: (organizationId, request) => {
      const named = { ...request, idempotencyKey: request.idempotencyKey ?? newId() };
      return call((object) => object.run(organizationId, named));
    },
    jobs: (organizationId, request) => call((object) => object.jobs(organizationId, request)),
    job: (organizationId, jobId) => call((object) => object.job(organizationId, jobId)),
    cancel: (organizationId, jobId) => call((object) => object.cancel(organizationId, jobId)),
    entities: (organizationId, request) => call((object) => object.entities(organizationId, request)),
    entity: (organizationId, stream, id) => call((object) => object.entity(organizationId, stream, id)),
    changes: (organizationId, request) => call((object) => object.changes(organizationId, request)),
    republish: (organizationId) => call((object) => object.republish(organizationId)),
    storageUsage: () => call((object) => object.storageUsage()),
    poke: () => call((object) => object.poke()),
  };
}

function isPlatformFault(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { retryable, overloaded }: PlatformFault = error;
  return retryable === true && overloaded !== true;
}
