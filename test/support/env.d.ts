declare namespace Cloudflare {
  interface Env {
    readonly TEST_MIGRATIONS: import("@cloudflare/vitest-pool-workers").D1Migration[];
  }
}
