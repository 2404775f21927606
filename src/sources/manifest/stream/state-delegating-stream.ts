import { z } from "zod";

import type { Json } from "#core/json";
import { CursorLost, SourceFailure, type Page } from "#sources/source";
import { defineComponent } from "#sources/manifest/component";
import { NO_STATE } from "#sources/manifest/incremental/cursor-state";
import { instantAt } from "#sources/manifest/python/instant";
import { parseDuration, subtractDuration, type Duration } from "#sources/manifest/python/duration";
import { text } from "#sources/manifest/text";
import { stream, type ManifestStream } from "./stream.ts";

/** One way to read everything, and another to read what changed since. */
export const stateDelegatingStream = defineComponent({
  type: "StateDelegatingStream",
  fields: z.object({
    name: z.string().default(""),
    full_refresh_stream: stream.schema,
    incremental_stream: stream.schema,
    /** How far back the API tells what changed: an older cursor is of no use. */
    api_retention_period: text.nullish(),
  }),
  build(fields, scope): ManifestStream {
    const full = fields.full_refresh_stream(scope);
    const changes = fields.incremental_stream(scope);
    const retention = fields.api_retention_period?.(scope).text() ?? "";
    const period = retention === "" ? null : durationIn(retention);
    const refuseOld = (cursor: Json) => {
      const newest = changes.newestIn(cursor);
      if (period === null || newest === null) return;
      const now = instantAt(BigInt(scope.now()) * 1000n, 0);
      const oldest = Number(subtractDuration(now, period).epochMicros / 1000n);
      if (newest >= oldest) return;
      throw new CursorLost(`The cursor of ${full.name} is older than what the API remembers (${retention}).`);
    };
    return {
      ...changes,
      name: fields.name === "" ? full.name : fields.name,
      primaryKey: full.primaryKey ?? changes.primaryKey,
      incremental: true,
      read(read) {
        if (read.cursor === null) return withCursor(full.read(read));
        // In the middle of a read the cursor was good at its beginning.
        if (read.checkpoint === null) refuseOld(read.cursor);
        return changes.read(read);
      },
    };
  },
});

function durationIn(period: string): Duration {
  try {
    return parseDuration(period);
  } catch {
    throw new SourceFailure({
      kind: "bad_request",
      message: `api_retention_period is "${period}", which is no ISO 8601 duration such as P30D.`,
      final: true,
    });
  }
}

/** A full read without a cursor of its own has to end with one: the next read is of changes. */
async function* withCursor(pages: AsyncIterable<Page>): AsyncGenerator<Page, void, undefined> {
  for await (const page of pages) {
    yield page.end === null ? page : { ...page, end: { ...page.end, cursor: page.end.cursor ?? NO_STATE } };
  }
}
