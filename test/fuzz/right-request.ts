import type { ApiOperation } from "./api-document.ts";
import { kindOfParameter, type FuzzRequest, type Part } from "./fuzz-request.ts";
import type { KnownName } from "./known-name.ts";
import { rightBody } from "./right-body.ts";
import { PATIENT } from "./seeded-names.ts";

/** Parameters of a query that an operation can't do without. */
const QUERIES: Readonly<Record<string, FuzzRequest["query"]>> = {
  nextTimes: [["cron", "0+6+*+*+*"]],
};

/** Those that only the root key may call. */
const FOR_ROOT: ReadonlySet<string> = new Set(["createOrganization", "listOrganizations"]);

/** The request that the operation is there for, about what its caller has. `index` says whose things are named. */
export function rightRequest(operation: ApiOperation, receiver: string, index: number): FuzzRequest {
  const { id, method, path } = operation;
  const body = rightBody(operation, receiver);
  return {
    operationId: id,
    method,
    path: path.split("/").slice(1).map(named),
    query: QUERIES[id] ?? [],
    headers: body === null ? {} : { "content-type": "application/json" },
    body: body === null ? null : JSON.stringify(body),
    caller: FOR_ROOT.has(id) ? "root" : "owner",
  };

  function named(segment: string): Part {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    return name === undefined ? segment : nameFor(name);
  }

  function nameFor(name: string): KnownName {
    const kind = kindOfParameter(path, name) ?? name;
    if (id !== "runSourceConnection" && id !== "cancelSyncJob") return { kind, index };
    // What can be cancelled is the job that was started last.
    return kind === "job_id" ? { kind, index: -1 } : { kind: PATIENT, index };
  }
}

/** Every operation once, so that each finds what it is about: what ends a thing comes last, the smallest things first. */
export function inOrder(operations: readonly ApiOperation[]): ApiOperation[] {
  return operations.toSorted((one, other) => turnOf(one) - turnOf(other));
}

function turnOf({ id, method, path }: ApiOperation): number {
  // A connection has one webhook, so another can be made when that is gone and the connection is not.
  if (id === "createWebhook") return 95.5;
  // It starts a job, while which some others are refused.
  if (id === "receiveWebhook") return 1;
  // After it the address that is known is an old one.
  if (id === "rotateWebhook") return 2;
  return method === "DELETE" ? 100 - path.split("/").length : 0;
}
