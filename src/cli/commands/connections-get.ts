import { Command } from "@commander-js/extra-typings";

import type { Connection } from "#cli/api-answers";
import { connectionNamed } from "#cli/connection-named";
import { statusText } from "#cli/connection-status";
import { count } from "#cli/progress-bar";
import type { Session } from "#cli/session";
import { manyLines, oneLine } from "#cli/terminal-text";

/** `sluice connections get` */
export function connectionsGetCommand(session: Session) {
  return new Command("get")
    .summary("show one connection")
    .argument("<connection>", "its name or id")
    .action(async (reference) => {
      const client = session.client();
      const connection = await client.connections.get(await connectionNamed(client, reference));
      await session.out.result(connection, describeConnection(connection));
    });
}

/** What a person wants to know of a connection, a line each. */
export function describeConnection(connection: Connection): string {
  const { schedule, entities, sync } = connection;
  const lastJob = sync?.last_job ?? null;
  const rows: [string, string | null][] = [
    ["Name", oneLine(connection.name)],
    ["Id", connection.id],
    ["Description", connection.description === null ? null : oneLine(connection.description)],
    ["Source", connection.short_name],
    ["Collection", connection.readable_collection_id],
    ["Status", statusText(connection)],
    ["Schedule", schedule === null ? "none" : scheduleText(schedule)],
    ["Next run", schedule?.next_run ?? null],
    ["Last job", lastJob === null ? "none yet" : `${lastJob.status} ${lastJob.completed_at ?? ""} (${lastJob.id})`],
    ["Error", connection.error_message === null ? null : manyLines(connection.error_message)],
    ["Config", JSON.stringify(connection.config)],
    ["Entities", count(entities?.total_entities ?? 0)],
  ];
  const lines = rows.flatMap(([title, value]) => (value === null ? [] : [`${`${title}:`.padEnd(13)}${value}`]));
  const streams = Object.entries(entities?.by_type ?? {});
  return [
    ...lines,
    ...streams.map(([name, stream]) => `${" ".repeat(13)}${oneLine(name)}: ${count(stream.count)}`),
  ].join("\n");
}

function scheduleText({ cron, continuous, timezone, paused_reason }: NonNullable<Connection["schedule"]>): string {
  const when = cron === null ? (continuous ? "continuous" : "none") : `${cron} (${timezone})`;
  if (paused_reason === null) return when;
  return `${when}, paused: ${paused_reason === "needs_reauth" ? "the credentials were refused" : "as you asked"}`;
}
