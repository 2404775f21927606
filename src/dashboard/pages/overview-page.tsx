import type { Child } from "hono/jsx";

import { ConnectionBadges } from "#dashboard/components/connection-badges.tsx";
import { Empty } from "#dashboard/components/empty.tsx";
import { Notice } from "#dashboard/components/notice.tsx";
import { Sparkline } from "#dashboard/components/sparkline.tsx";
import { Table } from "#dashboard/components/table.tsx";
import { When } from "#dashboard/components/when.tsx";
import { countOf, countText, shortCountText } from "#dashboard/number-text";
import {
  FILTERS,
  isHeld,
  isOfFilter,
  overviewOf,
  wordsOf,
  type Filter,
  type OverviewRequest,
  type Sort,
} from "#dashboard/overview";
import type { Told } from "#dashboard/told";
import type { OverviewItemBody } from "#http/schemas/source-connection";

const FILTER_TEXT: Readonly<Record<Filter, string>> = {
  all: "All",
  trouble: "Needs attention",
  syncing: "Syncing",
  healthy: "Healthy",
  paused: "Paused",
};
const SORT_TEXT: Readonly<Record<Sort, string>> = {
  attention: "Problems first",
  name: "Name",
  "last-sync": "Last sync",
  newest: "Newest first",
  entities: "Most entities",
};

interface Props {
  readonly connections: readonly OverviewItemBody[];
  readonly request: OverviewRequest;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Where the connections after these are; null if there are none. */
  readonly more: string | null;
  readonly told: Told | null;
}

export function OverviewPage({ connections, request, now, more, told }: Props) {
  const notice = told !== null && <Notice tone={told.tone}>{told.text}</Notice>;
  if (connections.length === 0) return <NothingYet>{notice}</NothingYet>;
  const shown = overviewOf(connections, request);
  const entities = connections.reduce((sum, { entity_count }) => sum + entity_count, 0);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Connections</h1>
          <p class="soft">
            {countOf(connections.length, "connection")}, {countOf(entities, "entity", "entities")}
          </p>
        </div>
        <a class="button primary" href="/sources">
          Connect a source
        </a>
      </div>
      {notice}
      <Controls connections={connections} request={request} count={shown.length} />
      <div class="card flush">
        {shown.length === 0 ? (
          <Empty title="None of them fits" text="No connection has these words, in this state.">
            <a class="button" href="/">
              Show all
            </a>
          </Empty>
        ) : (
          <ConnectionTable connections={shown} now={now} />
        )}
      </div>
      {more !== null && (
        <a class="button" href={more}>
          Older connections
        </a>
      )}
    </>
  );
}

function Controls({
  connections,
  request,
  count,
}: {
  readonly connections: readonly OverviewItemBody[];
  readonly request: OverviewRequest;
  readonly count: number;
}) {
  return (
    <form class="bar" method="get" action="/" role="search">
      <ul class="chips" aria-label="Filter by state">
        {FILTERS.map((filter) => (
          <li>
            <a href={hrefOf({ ...request, filter })} aria-current={filter === request.filter ? "true" : undefined}>
              {FILTER_TEXT[filter]}{" "}
              <span class="count">{countText(connections.filter((each) => isOfFilter(each, filter)).length)}</span>
            </a>
          </li>
        ))}
      </ul>
      {request.filter !== "all" && <input type="hidden" name="show" value={request.filter} />}
      <label class="sr" for="search">
        Search by name, source or collection
      </label>
      <input
        class="input grow"
        id="search"
        name="q"
        type="search"
        placeholder="Search"
        value={request.search}
        autocomplete="off"
      />
      <label class="sr" for="sort">
        Order
      </label>
      <select class="select" id="sort" name="sort">
        {Object.entries(SORT_TEXT).map(([sort, text]) => (
          <option value={sort} selected={sort === request.sort}>
            {text}
          </option>
        ))}
      </select>
      <button class="button">Show</button>
      <span class="sr" id="found" role="status">
        {countText(count)} shown
      </span>
    </form>
  );
}

function hrefOf({ filter, search, sort }: OverviewRequest): string {
  const query = new URLSearchParams();
  if (filter !== "all") query.set("show", filter);
  if (search !== "") query.set("q", search);
  if (sort !== "attention") query.set("sort", sort);
  return query.size === 0 ? "/" : `/?${query.toString()}`;
}

function ConnectionTable({
  connections,
  now,
}: {
  readonly connections: readonly OverviewItemBody[];
  readonly now: number;
}) {
  return (
    <Table
      caption="Source connections"
      columns={[
        "Connection",
        "Last sync",
        { title: "Recent syncs", class: "wide" },
        { title: "Next sync", class: "wide" },
        { title: "Entities", class: "number middle" },
      ]}
    >
      {connections.map((each) => (
        <ConnectionRow connection={each} now={now} />
      ))}
    </Table>
  );
}

function ConnectionRow({ connection, now }: { readonly connection: OverviewItemBody; readonly now: number }) {
  const {
    id,
    name,
    short_name,
    recent_jobs: jobs,
    next_run: nextRun,
    last_error: error,
    entity_count: count,
  } = connection;
  return (
    <tr data-words={wordsOf(connection)}>
      <th scope="row">
        <a class="name" href={`/connections/${id}`}>
          {name}
        </a>
        <div class="soft small">
          {short_name}
          <span class="narrow">, {shortCountText(count)} entities</span>
        </div>
        {error !== null && <div class="why">{error}</div>}
      </th>
      <td>
        <ConnectionBadges {...connection} />
        <div class="soft small">
          <When at={jobs[0]?.created_at ?? null} now={now} never="never synced" />
        </div>
      </td>
      <td class="wide">
        <Sparkline jobs={jobs} />
      </td>
      <td class="wide">
        <When at={nextRun} now={now} never={isHeld(connection) ? "paused" : "not scheduled"} />
      </td>
      <td class="number middle" title={countText(count)}>
        {shortCountText(count)}
      </td>
    </tr>
  );
}

function NothingYet({ children }: { readonly children: Child }) {
  return (
    <>
      <h1>Connections</h1>
      {children}
      <div class="card">
        <Empty
          title="Nothing flows yet"
          text="Connect a source, and Sluice keeps an exact copy of everything in it, and tells what changes. The first sync starts at once."
        >
          <a class="button primary" href="/sources">
            Connect a source
          </a>
          <p class="small">
            Or from a terminal: <code>npx sluice connections create</code>
          </p>
        </Empty>
      </div>
    </>
  );
}
