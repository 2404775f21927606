import { isJsonObject, type Json } from "#core/json";
import type { ApiResponse } from "#sources/manifest/api-response";
import type { Requester } from "#sources/manifest/requester/requester";
import { WHOLE_STREAM } from "#sources/manifest/stream-slice";
import { SourceFailure } from "#sources/source";
import { valueAt } from "./value-at.ts";

/** Kinds of failure that credentials are to blame for, where the request was to sign in with them. */
const REFUSALS: ReadonlySet<string> = new Set(["authentication", "permission", "bad_request"]);

/** Sends the request that signs in. Being refused is final: the same credentials are not accepted a moment later. */
export async function signIn(login: Requester): Promise<ApiResponse> {
  const answer = await login.send({ slice: WHOLE_STREAM, token: null, options: [] }).catch((error: unknown) => {
    if (!(error instanceof SourceFailure) || !REFUSALS.has(error.failure.kind)) throw error;
    throw new SourceFailure({
      kind: "authentication",
      message: `Signing in failed. ${error.message} Check the connection's credentials.`,
      final: true,
    });
  });
  if (answer.type === "response") return answer.response;
  throw new SourceFailure({
    kind: "bad_response",
    message:
      "Signing in gave no token: the manifest's error handler ignores what the API answered. Let it fail in login_requester instead.",
    final: true,
  });
}

/** The token in what signing in answered, by its path. */
export function tokenAt(path: readonly string[], answer: unknown): string {
  const value = isDocument(answer) ? valueAt(answer, path) : undefined;
  if (typeof value === "string" && value !== "") return value;
  if (typeof value === "number") return String(value);
  throw new SourceFailure({
    kind: "bad_response",
    message: `Signing in gave no token: there is none at ${path.join(".")} in what the API answered. Correct session_token_path in the manifest.`,
    final: true,
  });
}

function isDocument(value: unknown): value is Json {
  return isJsonObject(value) || Array.isArray(value);
}
