import { createFamily } from "#sources/manifest/family";
import type { ApiResponse } from "#sources/manifest/api-response";
import type { RequestOptions } from "#sources/manifest/request-options";

/** Adds to each request what proves who is calling. */
export interface Authenticator {
  /** May fetch a token first; throws SourceFailure of kind `authentication` where the credentials don't get one. */
  options(): Promise<RequestOptions>;
  /**
   * Forgets a token that the API refused, so that the next `options` gets another.
   *
   * @returns false where there is none to renew
   */
  renew(): Promise<boolean>;
  /** Told of each answer: an authenticator with several tokens keeps count of what is left of each. */
  observe?(response: ApiResponse): void;
}

export const authenticator = createFamily<Authenticator>("an authenticator");
