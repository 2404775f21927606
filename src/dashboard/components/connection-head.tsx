import type { Child } from "hono/jsx";

import { CONNECTION_TABS, connectionPath, type ConnectionTab } from "#dashboard/connection-path";
import type { SourceConnectionBody } from "#http/schemas/source-connection";
import { ConnectionBadges } from "./connection-badges.tsx";

interface Props {
  readonly connection: SourceConnectionBody;
  readonly tab: ConnectionTab;
  /** What can be done with it, beside its name. */
  readonly children?: Child;
}

/** What stands above every page of a connection: which one it is, how it is, and its other pages. */
export function ConnectionHead({ connection, tab, children }: Props) {
  const { id, name, short_name: source, readable_collection_id: collection } = connection;
  return (
    <>
      <div class="page-head">
        <div>
          <p class="crumbs">
            <a href="/">Connections</a> / {source}
          </p>
          <h1>{name}</h1>
          <div class="row">
            <ConnectionBadges {...connection} />
            <span class="soft small">in collection {collection}</span>
          </div>
        </div>
        {children !== undefined && <div class="row">{children}</div>}
      </div>
      <nav class="tabs" aria-label={name}>
        {CONNECTION_TABS.map(([each, text]) => (
          <a href={connectionPath(id, each)} aria-current={each === tab ? "page" : undefined}>
            {text}
          </a>
        ))}
      </nav>
    </>
  );
}
