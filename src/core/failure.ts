import { z } from "zod";

/**
 * What went wrong while reading a source, in the terms that decide what happens next.
 *
 * - `authentication`: the source does not accept the credentials (401).
 * - `permission`: the credentials are good, the resource is off limits (403).
 * - `not_found`: the thing to read is not there (404, 410).
 * - `rate_limit`: too many requests; try again at `retryAt` where known.
 * - `transient`: timeout, reset connection, 5xx; likely gone later.
 * - `bad_response`: an answer that can't be understood (malformed, truncated, too large, looping).
 * - `bad_request`: the source refuses the request as such (other 4xx), or it may not be sent at all.
 * - `internal`: a fault of Sluice or of the connector.
 */
export const failureKindSchema = z.enum([
  "authentication",
  "permission",
  "not_found",
  "rate_limit",
  "transient",
  "bad_response",
  "bad_request",
  "internal",
]);
export type FailureKind = z.infer<typeof failureKindSchema>;

export const failureSchema = z.object({
  kind: failureKindSchema,
  /** A sentence for people: what failed, where, what to do. Holds no secret. */
  message: z.string(),
  /** Epoch milliseconds before which the source asked not to be called again. */
  retryAt: z.number().nullable(),
  /** True where a retry can't help, whatever the kind allows. */
  final: z.boolean(),
  /** True where nothing answered at the address at all. */
  unreached: z.boolean().optional(),
});
export type Failure = z.infer<typeof failureSchema>;
