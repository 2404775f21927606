import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

import { Misconfigured } from "#config";
import { unexpectedError } from "#observability/events";
import { log } from "#observability/log";
import { ApiRefusal } from "./api.ts";
import { Empty } from "./components/empty.tsx";
import type { DashboardEnv } from "./dashboard-env.ts";
import { respond } from "./respond.tsx";

interface Told {
  readonly status: ContentfulStatusCode;
  readonly title: string;
  readonly text: string;
}

/** Turns anything thrown into a page. What it doesn't know it logs, and tells nothing but the request id. */
export async function errorPage(thrown: unknown, c: Context<DashboardEnv>): Promise<Response> {
  if (thrown instanceof ApiRefusal) return tell(c, toldOf(thrown));
  if (thrown instanceof Misconfigured) return tell(c, { status: 503, title: "Not set up yet", text: thrown.message });
  const requestId = c.get("requestId");
  log(unexpectedError("dashboard", requestId, thrown));
  const text = `Reload the page in a moment. If it stays, look for this request id in the log: ${requestId}`;
  return tell(c, { status: 500, title: "Something went wrong here", text });
}

export async function missingPage(c: Context<DashboardEnv>): Promise<Response> {
  return tell(c, {
    status: 404,
    title: "There is nothing here",
    text: "It was deleted, it never was, or it belongs to another organization.",
  });
}

/** For a form that was not one of ours. */
export async function strangePage(c: Context<DashboardEnv>): Promise<Response> {
  return tell(c, {
    status: 403,
    title: "This did not come from here",
    text: "The request came from another site, so nothing was done. Open the page here and try again.",
  });
}

function toldOf({ status, message }: ApiRefusal): Told {
  if (status === 404 || status === 422) return { status: 404, title: "There is nothing here", text: message };
  if (status === 400 || status === 413) return { status, title: "This could not be taken", text: message };
  if (status === 429) return { status, title: "Too many requests", text: message };
  if (status === 503) return { status, title: "Not available right now", text: message };
  return { status: 500, title: "Something went wrong here", text: message };
}

function tell(c: Context<DashboardEnv>, { status, title, text }: Told): Promise<Response> {
  const content = (
    <div class="card">
      <Empty title={title} text={text}>
        <a class="button" href="/">
          To the connections
        </a>
      </Empty>
    </div>
  );
  return respond(c, { title, section: null, status }, content);
}
