import { existsSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { Command } from "@commander-js/extra-typings";

import { PAGE_SIZE } from "#cli/api/page-size";
import type { Change, ChangePage } from "#cli/api-answers";
import type { ApiClient } from "#cli/api-client";
import { connectionNamed } from "#cli/connection-named";
import { EXIT } from "#cli/exit-code";
import type { Output } from "#cli/output";
import { isPassing } from "#cli/refused";
import type { Session } from "#cli/session";
import { WrongUsage } from "#cli/stopped";
import { oneLine, shorten } from "#cli/terminal-text";
import { readTextFile } from "#cli/text-file";
import { wholeNumber } from "./number-option.ts";

const USUAL_INTERVAL_SECONDS = 2;
/** A day: who wants to look more seldom wants cron. */
const MOST_SECONDS = 86_400;
const MOST = 1_000_000_000;
/** They are held until all of them are there, since they come in the opposite order. */
const MOST_LAST = 10_000;

/** `sluice changes` */
export function changesCommand(session: Session) {
  return new Command("changes")
    .summary("follow what changed")
    .description(
      "Prints upserts and deletes in the order in which they were committed. Who starts without --since and keeps the cursor ends with exactly the copy.",
    )
    .argument("<connection>", "its name or id")
    .option("--since <cursor>", "what changed after this cursor (default: from the beginning)")
    .option("--cursor-file <file>", "keep the cursor in this file: begin there, and write it after each page")
    .option("--follow", "go on for ever, with what changes from now on")
    .option("--interval <seconds>", "how often to look", wholeNumber(1, MOST_SECONDS), USUAL_INTERVAL_SECONDS)
    .option("--last <number>", "begin with the last so many, oldest first", wholeNumber(1, MOST_LAST))
    .option("--limit <number>", "at most so many", wholeNumber(1, MOST))
    .option("--ndjson", "as JSON, a change a line; also what --json does with --follow")
    .addHelpText(
      "after",
      `
Examples:
  $ sluice changes Shop
  $ sluice changes Shop --last 20 --follow
  $ sluice changes Shop --since "$cursor" --json | jq -r .next_cursor
  $ sluice changes Shop --cursor-file shop.cursor --ndjson | ./load
  $ sluice changes Shop --follow --ndjson`,
    )
    .action(async (reference, options) => {
      const { cursorFile, since, follow, last, limit, interval } = options;
      if (cursorFile !== undefined && since !== undefined) {
        throw new WrongUsage("Give --since or --cursor-file, not both.");
      }
      if (last !== undefined && (since !== undefined || cursorFile !== undefined || limit !== undefined)) {
        throw new WrongUsage(
          "--last says where to begin and how much that is: give it without --since, --cursor-file and --limit.",
        );
      }
      const client = session.client();
      const id = await connectionNamed(client, reference);
      const from = cursorFile !== undefined && existsSync(cursorFile) ? readTextFile(cursorFile).trim() : since;
      const { out } = session;
      const asLines = options.ndjson === true || (out.isJson && follow === true);
      const kept: Change[] = [];
      let cursor = from === undefined || from === "" ? null : from;
      const interrupt = () => {
        if (!asLines && cursorFile === undefined && cursor !== null) out.note(`\nGo on with --since ${cursor}`);
        process.exit(EXIT.interrupted);
      };
      if (follow === true) process.once("SIGINT", interrupt);
      let left = limit ?? Number.POSITIVE_INFINITY;
      for (let isBegun = last === undefined; ; isBegun = true) {
        const page = isBegun
          ? await nextPage(client, id, cursor, { out, size: Math.min(left, PAGE_SIZE), patient: follow === true })
          : await lastChanges(client, id, last ?? 0);
        if (asLines) await out.lines(page.changes);
        else if (out.isJson) kept.push(...page.changes);
        else await out.write(page.changes.map((change) => `${lineOf(change, out)}\n`).join(""));
        // Only what was printed is behind us.
        cursor = page.next_cursor;
        if (cursorFile !== undefined) keepCursor(cursorFile, cursor);
        left -= page.changes.length;
        if (left <= 0 || (!page.has_more && follow !== true)) {
          if (out.isJson && !asLines) await out.result({ ...page, changes: kept }, "");
          else if (out.isTerminal && cursorFile === undefined) out.note(`Next time: --since ${cursor}`);
          return;
        }
        if (!page.has_more) await delay(interval * 1_000);
      }
    });
}

/** The end of the feed, in the order in which it was committed. */
async function lastChanges(client: ApiClient, id: string, count: number): Promise<ChangePage> {
  const size = (held: number) => Math.min(count - held, PAGE_SIZE);
  let page = await client.copy.newestChanges(id, null, size(0));
  const { next_cursor } = page;
  const newestFirst = [...page.changes];
  while (page.older_cursor !== null && newestFirst.length < count) {
    page = await client.copy.newestChanges(id, page.older_cursor, size(newestFirst.length));
    newestFirst.push(...page.changes);
  }
  return { changes: newestFirst.toReversed(), next_cursor, has_more: false };
}

/** Where one is patient, a server that is away for a while is waited for. */
async function nextPage(
  client: ApiClient,
  id: string,
  cursor: string | null,
  { out, size, patient }: { readonly out: Output; readonly size: number; readonly patient: boolean },
) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await client.copy.changePage(id, cursor, size);
    } catch (error) {
      if (!patient || !isPassing(error)) throw error;
      if (tries === 0) out.note(`${error instanceof Error ? error.message : String(error)} Trying again.`);
      await delay(RETRY_MS);
    }
  }
}

const RETRY_MS = 2_000;

function lineOf({ op, stream, id, at, entity }: Change, out: Output): string {
  const data = entity === null ? "" : JSON.stringify(entity);
  const cells = [op, stream, id, at, data].map(oneLine);
  if (!out.isTerminal) return cells.join("\t");
  const sign = op === "delete" ? out.paint("red", "-") : out.paint("green", "+");
  // The sign takes two columns.
  return `${sign} ${shorten(oneLine(`${stream}  ${id}  ${data}`), out.columns - 2)}`;
}

/** Replaced as a whole: a crash in between leaves the old cursor, and the page comes again. */
function keepCursor(path: string, cursor: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${cursor}\n`);
  renameSync(draft, path);
}
