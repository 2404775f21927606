import { NO_OPTIONS, type RequestOptions } from "#sources/manifest/request-options";
import type { Authenticator } from "./authenticator.ts";

/** An authenticator whose proof comes from the config alone: there is nothing to fetch, and nothing to renew. */
export function constant(optionsOf: () => RequestOptions): Authenticator {
  return { options: async () => optionsOf(), renew: async () => false };
}

/** A header; none where its name is empty, which is how manifests leave it out. */
export function header(name: string, value: string): RequestOptions {
  return name === "" ? NO_OPTIONS : { ...NO_OPTIONS, headers: { [name]: value } };
}
