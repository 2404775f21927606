import { readFileSync } from "node:fs";
import { join } from "node:path";

import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig, type Plugin } from "vitest/config";

import { readFixtures } from "./test/upgrades/fixture-files.ts";

/** Settings that every test in workerd starts from; secrets here are worthless outside the tests. */
const TEST_BINDINGS = {
  SLUICE_API_KEY: "test-root-key-0123456789",
  SLUICE_ENCRYPTION_KEYS: "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
  ENABLE_INTERNAL_SOURCES: "true",
  ALLOW_PRIVATE_UPSTREAMS: "true",
};

/** What a rule in wrangler.toml does when the Worker is built. */
const bundledAsText: Plugin = {
  name: "bundled-as-text",
  enforce: "pre",
  // Stylesheets get a name of their own, as whatever ends in .css is otherwise taken for something to process.
  async resolveId(source, importer) {
    if (!source.endsWith(".css")) return null;
    const file = await this.resolve(source, importer, { skipSelf: true });
    return file === null ? null : `${file.id}.as-text`;
  },
  load(id) {
    if (!id.endsWith(".css.as-text")) return null;
    const path = id.slice(0, -".as-text".length);
    // A module that comes from the cache of an earlier run is named from the project's directory on.
    return readFileSync(path.startsWith(import.meta.dirname) ? path : join(import.meta.dirname, path), "utf8");
  },
  transform: (text, id) =>
    /\.(?:yaml|as-text|browser\.js)$/.test(id) ? `export default ${JSON.stringify(text)};` : null,
};

export default defineConfig({
  plugins: [bundledAsText],
  test: {
    // The Worker logs a line for each request and job; they matter where a test fails.
    silent: "passed-only",
    // By itself Vitest leaves one processor out, which is half of a machine that has two.
    maxWorkers: "100%",
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          // A busy machine takes its time for the larger tables and properties.
          testTimeout: 120_000,
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.workerd.test.ts", "test/e2e/**", "test/browser/**"],
        },
      },
      {
        extends: true,
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                ...TEST_BINDINGS,
                TEST_MIGRATIONS: await readD1Migrations("./src/records/migrations"),
                UPGRADE_FIXTURES: readFixtures(),
              },
            },
          })),
        ],
        test: {
          name: "workerd",
          testTimeout: 120_000,
          // To start a runtime takes longer than most of them; see apply-migrations.ts.
          isolate: false,
          include: ["test/**/*.workerd.test.ts"],
          setupFiles: ["./test/support/apply-migrations.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["./test/e2e/prepare-state.ts"],
          // They wait for processes, and for time to pass, a third of the time. Each starts a Worker of its own, so more
          // would need memory.
          maxWorkers: 3,
          // Longer than a Worker may take to start: most begin with that, some start it again.
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          globalSetup: ["./test/browser/serve.ts"],
          // They share a Worker, which is what they wait for.
          maxWorkers: 1,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
