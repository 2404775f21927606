import { z } from "zod";

const flag = z
  .stringbool({ truthy: ["true", "1", "yes", "on"], falsy: ["false", "0", "no", "off", ""] })
  .or(z.boolean())
  .default(false);
const whole = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

function isKey({ id, secret }: { readonly id: string; readonly secret: string }): boolean {
  return /^[\w-]{1,32}$/.test(id) && /^[A-Za-z0-9+/]{43}=$/.test(secret);
}

/** `id:secret` pairs, newest first; the secret is 32 bytes in base64. */
const encryptionKeys = z.string().transform((text, context) => {
  const keys = text
    .split(",")
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf(":");
      return { id: pair.slice(0, at), secret: pair.slice(at + 1) };
    });
  if (keys.length === 0 || !keys.every(isKey)) {
    context.addIssue({
      code: "custom",
      message: "must be id:key pairs separated by commas, each key 32 bytes in base64",
    });
    return z.NEVER;
  }
  return keys;
});

const environmentSchema = z.object({
  SLUICE_API_KEY: z.string().min(16, "must have at least 16 characters"),
  SLUICE_ENCRYPTION_KEYS: encryptionKeys,
  ENABLE_INTERNAL_SOURCES: flag,
  ALLOW_PRIVATE_UPSTREAMS: flag,
  RATE_LIMIT_REQUESTS: whole(6_000),
  RATE_LIMIT_WINDOW_SECONDS: whole(60),
  /** 20 s of the 30 s CPU limit of an invocation, so that even a slice that only computes ends in time. */
  SLICE_BUDGET_MS: whole(20_000),
  /** The free plan allows 50 subrequests in an invocation; D1 and redirects need some of them. */
  SLICE_BUDGET_REQUESTS: whole(40),
  SLICE_BUDGET_BYTES: whole(128_000_000),
  /** Pages of this size are parsed whole: several times as much memory, of the 128 MB an isolate has. */
  MAX_RESPONSE_BYTES: whole(8_000_000),
  REQUEST_TIMEOUT_MS: whole(30_000),
  STREAM_CONCURRENCY: whole(3),
  JOB_DEADLINE_SECONDS: whole(86_400),
  /** How far the runs of one cron expression are spread. Longer than an hour would be another schedule. */
  SCHEDULE_JITTER_SECONDS: z.coerce.number().int().min(0).max(3_600).default(0),
  /** Of the 1,000 calls to objects and D1 that an invocation may make on the free plan, the watchdog needs some. */
  SWEEP_LIMIT: whole(800),
  /** Calls at a time: six requests of an invocation may wait for their answer's headers; one is left for D1. */
  SWEEP_CONCURRENCY: whole(5),
});

/** The environment, parsed. See the README's table for what each variable does. */
export type Config = z.infer<typeof environmentSchema>;

/** Raised when the Worker is deployed without what it needs. Names the variables, never their values. */
export class Misconfigured extends Error {
  override readonly name = "Misconfigured";
}

const parsed = new WeakMap<object, Config>();

/** Parses the environment once for each isolate. Throws Misconfigured. */
export function readConfig(env: object): Config {
  const known = parsed.get(env);
  if (known !== undefined) return known;
  const result = environmentSchema.safeParse(env);
  if (!result.success) {
    const findings = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Misconfigured(`The Worker's variables and secrets are incomplete. ${findings.join("; ")}`);
  }
  parsed.set(env, result.data);
  return result.data;
}
