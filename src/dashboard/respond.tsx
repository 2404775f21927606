import type { Context } from "hono";
import type { Child } from "hono/jsx";
import { raw } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";

import { assetPaths } from "./assets.ts";
import type { DashboardEnv } from "./dashboard-env.ts";
import { Layout, type PageFrame } from "./layout.tsx";

/** Answers with a whole page. */
export async function respond(
  c: Context<DashboardEnv>,
  frame: PageFrame & { readonly status?: ContentfulStatusCode },
  content: Child,
): Promise<Response> {
  const { status = 200, ...page } = frame;
  const assets = await assetPaths();
  const layout = (
    <Layout {...page} assets={assets} isSignedIn={c.get("api") !== undefined}>
      {content}
    </Layout>
  );
  return c.html(
    <>
      {raw("<!doctype html>")}
      {layout}
    </>,
    status,
  );
}
