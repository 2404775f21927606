import type { Refusal } from "#core/errors";

/** For who asks for a connection that never was, is deleted, or belongs to another organization. */
export const NO_CONNECTION: Refusal = { code: "not_found", message: "SourceConnection not found" };
