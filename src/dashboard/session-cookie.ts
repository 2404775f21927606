import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

import { SESSION_SECONDS } from "#auth/session";
import type { DashboardEnv } from "./dashboard-env.ts";

/** On https the prefix `__Host-` keeps other hosts of the same domain, and plain http, from setting it. */
const SECURE_NAME = "__Host-sluice";
const PLAIN_NAME = "sluice";

export function sessionCookie(c: Context<DashboardEnv>): string | undefined {
  return getCookie(c, nameFor(c));
}

export function setSessionCookie(c: Context<DashboardEnv>, token: string): void {
  setCookie(c, nameFor(c), token, { ...attributesFor(c), maxAge: SESSION_SECONDS });
}

export function dropSessionCookie(c: Context<DashboardEnv>): void {
  deleteCookie(c, nameFor(c), attributesFor(c));
}

/** Lax, so that a link from a chat or a mail opens signed in; what changes something is checked by its origin. */
function attributesFor(c: Context<DashboardEnv>) {
  return { path: "/", httpOnly: true, secure: isSecure(c), sameSite: "Lax" } as const;
}

function nameFor(c: Context<DashboardEnv>): string {
  return isSecure(c) ? SECURE_NAME : PLAIN_NAME;
}

function isSecure(c: Context<DashboardEnv>): boolean {
  return new URL(c.req.url).protocol === "https:";
}
