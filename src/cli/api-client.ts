import { SourcesApi } from "./api/sources.ts";
import { CollectionsApi } from "./api/collections.ts";
import { ConnectionsApi } from "./api/connections.ts";
import { JobsApi } from "./api/jobs.ts";
import { CopyApi } from "./api/copy.ts";
import { SubscriptionsApi } from "./api/subscriptions.ts";
import { InboundApi } from "./api/inbound.ts";
import { KeysApi } from "./api/keys.ts";
import { ApiTransport } from "./api-transport.ts";

/** Sluice's HTTP API, as far as the command line uses it. Everything throws Refused and Unreachable. */
export class ApiClient {
  readonly sources: SourcesApi;
  readonly collections: CollectionsApi;
  readonly connections: ConnectionsApi;
  readonly jobs: JobsApi;
  readonly copy: CopyApi;
  readonly subscriptions: SubscriptionsApi;
  readonly inbound: InboundApi;
  readonly keys: KeysApi;

  /** `address` without a path: `http://127.0.0.1:8787`. */
  constructor(address: string, key: string) {
    const api = new ApiTransport(address, key);
    this.sources = new SourcesApi(api);
    this.collections = new CollectionsApi(api);
    this.connections = new ConnectionsApi(api);
    this.jobs = new JobsApi(api);
    this.copy = new CopyApi(api);
    this.subscriptions = new SubscriptionsApi(api);
    this.inbound = new InboundApi(api);
    this.keys = new KeysApi(api);
  }
}
