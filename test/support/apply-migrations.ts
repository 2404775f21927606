import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";

/*
 * Runs before each test file in workerd. Files share the runtime, since to start one takes longer than most of them:
 * what the one before left is taken away, its objects with their alarms, its tables in D1, its time and its mocks.
 */
vi.useRealTimers();
vi.restoreAllMocks();
vi.unstubAllGlobals();
await reset();
await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
