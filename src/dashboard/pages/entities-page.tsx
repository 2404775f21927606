import { ConnectionHead } from "#dashboard/components/connection-head.tsx";
import { Empty } from "#dashboard/components/empty.tsx";
import { JsonView } from "#dashboard/components/json-view.tsx";
import { When } from "#dashboard/components/when.tsx";
import { connectionPath } from "#dashboard/connection-path";
import { countText } from "#dashboard/number-text";
import type { EntityPageBody } from "#http/schemas/copy";
import type { SourceConnectionBody } from "#http/schemas/source-connection";

interface Props {
  readonly connection: SourceConnectionBody;
  readonly page: EntityPageBody;
  /** The stream that is shown; null for all. */
  readonly stream: string | null;
  readonly isFirst: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function EntitiesPage({ connection, page, stream, isFirst, now }: Props) {
  const path = connectionPath(connection.id, "entities");
  const streams = Object.entries(connection.entities?.by_type ?? {});
  const next = page.next_cursor === null ? null : hrefOf(path, stream, page.next_cursor);
  return (
    <>
      <ConnectionHead connection={connection} tab="entities">
        <a
          class="button"
          href={`${path}/export${stream === null ? "" : `?stream=${encodeURIComponent(stream)}`}`}
          download
        >
          Download as NDJSON
        </a>
      </ConnectionHead>
      <form class="bar" method="get" action={path}>
        <label for="stream">Stream</label>
        <select class="select" id="stream" name="stream" data-submit>
          <option value="" selected={stream === null}>
            all
          </option>
          {streams.map(([name, { count }]) => (
            <option value={name} selected={name === stream}>
              {name} ({countText(count)})
            </option>
          ))}
        </select>
        <button class="button">Show</button>
      </form>
      <section class="card flush" aria-label="Entities">
        {page.entities.length === 0 ? (
          <Empty title="Nothing here" text="What a sync brings is shown here, each entity as the source has it.">
            <a class="button" href={connectionPath(connection.id)}>
              To the syncs
            </a>
          </Empty>
        ) : (
          <div class="items">
            {page.entities.map((entity) => (
              <details class="item">
                <summary>
                  <span class="mono grow">{entity.id}</span>
                  <span class="soft small">{entity.stream}</span>
                  <span class="soft small">
                    changed <When at={entity.last_modified_at} now={now} />
                  </span>
                </summary>
                <JsonView
                  value={entity.data}
                  whole={`${path}/one?stream=${encodeURIComponent(entity.stream)}&id=${encodeURIComponent(entity.id)}`}
                />
              </details>
            ))}
          </div>
        )}
      </section>
      <div class="row">
        {!isFirst && (
          <a class="button" href={hrefOf(path, stream, null)}>
            First page
          </a>
        )}
        {next !== null && (
          <a class="button" href={next}>
            Next page
          </a>
        )}
      </div>
    </>
  );
}

function hrefOf(path: string, stream: string | null, cursor: string | null): string {
  const query = new URLSearchParams();
  if (stream !== null) query.set("stream", stream);
  if (cursor !== null) query.set("cursor", cursor);
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}
