import { overPlatformFaults } from "#storage/platform-fault";
import type { SourceConnectionRpc } from "./rpc.ts";

/** Reaches the object of the source connection with this id. */
export type Gate = (connectionId: string) => SourceConnectionRpc;

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
  const call = <T>(use: (object: SourceConnectionRpc) => Promise<T>): Promise<T> =>
    overPlatformFaults(() => use(namespace.getByName(connectionId)));
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
    watch: (organizationId, jobId, seen) => call((object) => object.watch(organizationId, jobId, seen)),
    jobLog: (organizationId, jobId, request) => call((object) => object.jobLog(organizationId, jobId, request)),
    cancel: (organizationId, jobId) => call((object) => object.cancel(organizationId, jobId)),
    entities: (organizationId, request) => call((object) => object.entities(organizationId, request)),
    entity: (organizationId, stream, id) => call((object) => object.entity(organizationId, stream, id)),
    changes: (organizationId, request) => call((object) => object.changes(organizationId, request)),
    newestChanges: (organizationId, request) => call((object) => object.newestChanges(organizationId, request)),
    resetStream: (organizationId, stream) => call((object) => object.resetStream(organizationId, stream)),
    republish: (organizationId) => call((object) => object.republish(organizationId)),
    storageUsage: () => call((object) => object.storageUsage()),
    poke: (overdue, jobIds) => call((object) => object.poke(overdue, jobIds)),
    fire: (dueAt) => call((object) => object.fire(dueAt)),
    hook: (organizationId) => call((object) => object.hook(organizationId)),
    createHook: (organizationId, input) => call((object) => object.createHook(organizationId, input)),
    updateHook: (organizationId, patch) => call((object) => object.updateHook(organizationId, patch)),
    rotateHook: (organizationId, token) => call((object) => object.rotateHook(organizationId, token)),
    removeHook: (organizationId) => call((object) => object.removeHook(organizationId)),
    receiveHook: (received) => call((object) => object.receiveHook(received)),
  };
}
