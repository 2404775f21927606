import { z } from "zod";

import { hashApiKey } from "#auth/api-key";
import { SESSION_SECONDS, sealSession } from "#auth/session";
import { Api } from "#dashboard/api";
import type { Dashboard, DashboardDeps } from "#dashboard/dashboard-env";
import { localPath } from "#dashboard/local-path";
import { SignInPage } from "#dashboard/pages/sign-in-page.tsx";
import { respond } from "#dashboard/respond.tsx";
import { dropSessionCookie, setSessionCookie } from "#dashboard/session-cookie";
import { formText, readForm } from "#dashboard/form";

/** The way in and out. Whether a key is good is asked of the API, which also counts those that are not. */
export function signInRoutes(app: Dashboard, deps: DashboardDeps): void {
  const frame = { title: "Sign in", section: null };

  app.get("/sign-in", (c) => {
    const isAfterSignOut = c.req.query("signed-out") !== undefined;
    const next = localPath(c.req.query("next"));
    return respond(c, frame, <SignInPage next={next} wrong={null} isAfterSignOut={isAfterSignOut} />);
  });

  app.post("/sign-in", async (c) => {
    const form = await readForm(c.req.raw);
    const next = localPath(formText(form, "next"));
    const key = formText(form, "key").trim();
    const address = c.req.header("cf-connecting-ip");
    const api = new Api(async (path, init) => {
      const headers = new Headers(init.headers);
      headers.set("x-api-key", key);
      if (address !== undefined) headers.set("cf-connecting-ip", address);
      const request = new Request(new URL(path, c.req.url), { ...init, headers });
      deps.vouch(request, { actor: null, requestId: c.get("requestId") });
      return deps.api.fetch(request, c.env);
    });
    const problem = isSendable(key) ? await refusalOf(api) : "This is no API key. Keys are printable characters only.";
    if (problem !== null) {
      return respond(
        c,
        { ...frame, status: problem.startsWith("Rate limit") ? 429 : 403 },
        <SignInPage next={next} wrong={problem} isAfterSignOut={false} />,
      );
    }
    const session = { keyHash: await hashApiKey(key), expiresAt: deps.now() + SESSION_SECONDS * 1000 };
    setSessionCookie(c, await sealSession(c.get("config").SLUICE_ENCRYPTION_KEYS, session));
    return c.redirect(next, 303);
  });

  app.post("/sign-out", (c) => {
    dropSessionCookie(c);
    return c.redirect("/sign-in?signed-out", 303);
  });
}

/** What a header can carry. */
function isSendable(key: string): boolean {
  return /^[\x21-\x7e]{1,500}$/.test(key);
}

/** Why the key does not let anybody in; null if it does. */
async function refusalOf(api: Api): Promise<string | null> {
  try {
    await api.get("/v1/source-connections?limit=1", z.array(z.unknown()));
    return null;
  } catch (error) {
    if (error instanceof Error && error.name === "ApiRefusal") return error.message;
    throw error;
  }
}
