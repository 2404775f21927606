import { overPlatformFaults } from "#storage/platform-fault";
import type { EventDeliveryRpc } from "./rpc.ts";

/**
 * The way to an organization's events. Tries again where the platform says that a fault was its own: each method does
 * the same when it is called twice.
 */
export function openEvents(namespace: Cloudflare.Env["EVENT_DELIVERY"], organizationId: string): EventDeliveryRpc {
  const call = <T>(use: (object: EventDeliveryRpc) => Promise<T>): Promise<T> =>
    overPlatformFaults(() => use(namespace.getByName(organizationId)));
  return {
    publish: (id, events) => call((object) => object.publish(id, events)),
    subscriptions: () => call((object) => object.subscriptions()),
    subscription: (id, request) => call((object) => object.subscription(id, request)),
    subscribe: (input) => call((object) => object.subscribe(input)),
    amend: (id, patch) => call((object) => object.amend(id, patch)),
    unsubscribe: (id) => call((object) => object.unsubscribe(id)),
    rotateSecret: (id, secret) => call((object) => object.rotateSecret(id, secret)),
    recover: (id, range) => call((object) => object.recover(id, range)),
    messages: (request) => call((object) => object.messages(request)),
    message: (id, request) => call((object) => object.message(id, request)),
    look: () => call((object) => object.look()),
    statistics: () => call((object) => object.statistics()),
    storageUsage: () => call((object) => object.storageUsage()),
  };
}
