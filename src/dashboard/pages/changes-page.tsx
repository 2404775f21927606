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
  /** Where the page begins; null for the beginning of the feed. */
  readonly since: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function ChangesPage({ connection, page, since, now }: Props) {
  const path = connectionPath(connection.id, "changes");
  const next = `${path}?since=${encodeURIComponent(page.next_cursor)}`;
  return (
    <>
      <ConnectionHead connection={connection} tab="changes" />
      <p class="soft">
        What every sync inserted, updated and deleted, oldest first, each entity where it changed last. Programs follow
        the same feed: <code class="mono">GET /v1/source-connections/{connection.id}/changes</code>
      </p>
      <section class="card flush" aria-label="Changes">
        {page.changes.length === 0 ? (
          <Empty
            title={since === null ? "Nothing has changed yet" : "This is the end of the feed"}
            text="What the next sync changes comes after this. Load the page again to see it."
          >
            <a class="button" href={since === null ? path : next}>
              Look again
            </a>
          </Empty>
        ) : (
          <div class="items">
            {page.changes.map((change) => (
              <Change change={change} now={now} />
            ))}
          </div>
        )}
      </section>
      <div class="row">
        {since !== null && (
          <a class="button" href={path}>
            To the beginning
          </a>
        )}
        {page.changes.length > 0 && (
          <a class="button" href={next}>
            {page.has_more ? "Next changes" : "What comes after these"}
          </a>
        )}
      </div>
    </>
  );
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
