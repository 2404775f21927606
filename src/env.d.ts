// Bundled as text, by a rule in wrangler.toml.
declare module "*.yaml" {
  const text: string;
  export default text;
}
declare module "*.css" {
  const text: string;
  export default text;
}
declare module "*.browser.js" {
  const text: string;
  export default text;
}

// The Worker's bindings, as wrangler.toml declares them. Variables and secrets are parsed by config.ts.
declare namespace Cloudflare {
  /**
   * The objects of source connections, with their methods as connection/rpc.ts gives them. Said here by hand: the
   * runtime's own type of a stub walks through every type that crosses, and JSON values have no end.
   */
  interface SourceConnectionNamespace extends Omit<DurableObjectNamespace, "getByName"> {
    getByName(name: string): DurableObjectStub & import("./connection/rpc.ts").SourceConnectionRpc;
  }

  /** The objects of organizations' events, likewise. */
  interface EventDeliveryNamespace extends Omit<DurableObjectNamespace, "getByName"> {
    getByName(name: string): DurableObjectStub & import("./events/rpc.ts").EventDeliveryRpc;
  }

  interface Env {
    readonly DB: D1Database;
    readonly SOURCE_CONNECTION: SourceConnectionNamespace;
    readonly EVENT_DELIVERY: EventDeliveryNamespace;
    /** Where data points go; whoever runs Sluice may leave it out. */
    readonly ANALYTICS?: AnalyticsEngineDataset;
  }
}
