declare namespace Cloudflare {
  interface Env {
    readonly TEST_MIGRATIONS: import("@cloudflare/vitest-pool-workers").D1Migration[];
    readonly UPGRADE_FIXTURES: { readonly release: string; readonly text: string }[];
  }
}
