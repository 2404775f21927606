import { Badge } from "#dashboard/components/badge.tsx";
import { ConnectionHead } from "#dashboard/components/connection-head.tsx";
import { Empty } from "#dashboard/components/empty.tsx";
import { JsonView } from "#dashboard/components/json-view.tsx";
import { When } from "#dashboard/components/when.tsx";
import { connectionPath } from "#dashboard/connection-path";
import type { ChangePageBody } from "#http/schemas/copy";
import type { SourceConnectionBody } from "#http/schemas/source-connection";

interface Props {
  readonly connection: SourceConnectionBody;
  readonly page: ChangePageBody;
  readonly order: "newest_first" | "oldest_first";
  /** Does the page begin where its order does: at the end of the feed, or at its beginning? */
  readonly isFirst: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function ChangesPage(props: Props) {
  const { connection, page, order, isFirst, now } = props;
  const path = connectionPath(connection.id, "changes");
  const isNewestFirst = order === "newest_first";
  const { older_cursor: older, next_cursor: next } = page;
  return (
    <>
      <ConnectionHead connection={connection} tab="changes" />
      <p class="soft">
        What every sync inserted, updated and deleted, {isNewestFirst ? "the newest" : "the oldest"} first, each entity
        where it changed last. Programs follow the same feed:{" "}
        <code class="mono">GET /v1/source-connections/{connection.id}/changes</code>
      </p>
      <section class="card flush" aria-label="Changes">
        {page.changes.length === 0 ? (
          <Empty {...nothingText(props)}>
            {!page.has_more && (
              <a class="button" href={isNewestFirst ? path : hrefOf(path, "since", next)}>
                Look again
              </a>
            )}
          </Empty>
        ) : (
          <div class="items">
            {page.changes.map((change) => (
              <Change change={change} now={now} />
            ))}
          </div>
        )}
      </section>
      <nav class="row" aria-label="More changes">
        {isNewestFirst && typeof older === "string" && (
          <a class="button" href={hrefOf(path, "before", older)} rel="next">
            Older changes
          </a>
        )}
        {!isNewestFirst && (page.has_more || page.changes.length > 0) && (
          <a class="button" href={hrefOf(path, "since", next)} rel="next">
            {page.has_more ? "Next changes" : "What comes after these"}
          </a>
        )}
        {!(isNewestFirst && isFirst) && (
          <a class="button" href={path}>
            The newest
          </a>
        )}
        {!(!isNewestFirst && isFirst) && (
          <a class="button" href={`${path}?order=oldest_first`}>
            From the beginning
          </a>
        )}
      </nav>
    </>
  );
}

function hrefOf(path: string, name: "since" | "before", cursor: string): string {
  return `${path}?${name}=${encodeURIComponent(cursor)}`;
}

/** What stands in the place of changes where a page has none. */
function nothingText({ page, order, isFirst }: Props): { readonly title: string; readonly text: string } {
  if (page.has_more) {
    return { title: "All of these have changed again", text: "Each entity is told where it changed last: go on." };
  }
  if (order === "newest_first" && !isFirst) {
    return { title: "This is the beginning of the feed", text: "Nothing changed before this." };
  }
  return {
    title: isFirst ? "Nothing has changed yet" : "This is the end of the feed",
    text: "What the next sync changes comes after this. Load the page again to see it.",
  };
}

function Change({ change, now }: { readonly change: ChangePageBody["changes"][number]; readonly now: number }) {
  const head = (
    <>
      <Badge
        {...(change.op === "delete"
          ? ({ tone: "bad", text: "Deleted" } as const)
          : ({ tone: "good", text: "Upsert" } as const))}
      />
      <span class="mono grow">{change.id}</span>
      <span class="soft small">{change.stream}</span>
      <span class="soft small">
        <When at={change.at} now={now} />
      </span>
    </>
  );
  if (change.entity === null) return <div class="item plain-item">{head}</div>;
  return (
    <details class="item">
      <summary>{head}</summary>
      <JsonView value={change.entity} />
    </details>
  );
}
