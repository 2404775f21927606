import { nameInBody } from "./known-name.ts";
import type { Hints } from "./json-arbitrary.ts";

/** What bodies say now and then so that more than their shape is looked at. Nothing here leads off the machine. */
export const HINTS: Hints = {
  short_name: ["stub", "incremental_stub", "exception_stub", "our-crm", "__proto__", ...bothOf("short_name")],
  readable_collection_id: ["default", "nowhere", ...bothOf("readable_id")],
  config: [{}, { entity_count: 3 }, { entity_count: -1 }, { url: "http://127.0.0.1:9" }, null],
  authentication: [
    { credentials: { stub_key: "key" } },
    { credentials: { stub_key: "key", more: 1 } },
    { credentials: {} },
    { access_token: "token" },
  ],
  schedule: [
    null,
    { cron: "0 6 * * *" },
    { cron: "0 0 31 2 *" },
    { cron: "*/5 * * * *" },
    { cron: "@daily", timezone: "Mars/Base" },
  ],
  condition: [null, "action == 'opened'", "a[?b == `1`] | [0]", "not a [ condition", "@", "sort_by(@, &a)"],
  url: ["http://127.0.0.1:9/", "http://169.254.169.254/", "http://user:pass@127.0.0.1/", "ftp://127.0.0.1/", "http://"],
  manifest: ["version: 6.0.0\ntype: DeclarativeSource\n", "&a [*a, *a]", "{", "a: b: c", "\t"],
  organization_id: [
    "00000000-0000-4000-8000-000000000001",
    "11111111-1111-4111-8111-111111111111",
    ...bothOf("organization"),
  ],
};

/** The owner's, and the stranger's. */
function bothOf(kind: string): string[] {
  return [0, 1].map((index) => nameInBody({ kind, index }));
}
