import { Badge } from "#dashboard/components/badge.tsx";
import { Empty } from "#dashboard/components/empty.tsx";
import { Notice } from "#dashboard/components/notice.tsx";
import { countOf, countText } from "#dashboard/number-text";
import type { SourceBody } from "#http/schemas/source";

export const KINDS = ["all", "built-in", "own"] as const;
export type Kind = (typeof KINDS)[number];

const KIND_TEXT: Readonly<Record<Kind, string>> = { all: "All", "built-in": "With Sluice", own: "Your own" };

interface Props {
  readonly sources: readonly SourceBody[];
  readonly kind: Kind;
  readonly search: string;
  readonly notice: string | null;
}

export function SourcesPage({ sources, kind, search, notice }: Props) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = sources.filter(
    (source) => isOfKind(source, kind) && words.every((word) => wordsOf(source).includes(word)),
  );
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Sources</h1>
          <p class="soft">What can be connected. Choose one to see what it reads and what it asks for.</p>
        </div>
        <a class="button" href="/sources/_new">
          Bring your own
        </a>
      </div>
      {notice !== null && <Notice tone="good">{notice}</Notice>}
      <form class="bar" method="get" action="/sources" role="search">
        <ul class="chips" aria-label="Filter by origin">
          {KINDS.map((each) => (
            <li>
              <a href={hrefOf(each, search)} aria-current={each === kind ? "true" : undefined}>
                {KIND_TEXT[each]}{" "}
                <span class="count">{countText(sources.filter((source) => isOfKind(source, each)).length)}</span>
              </a>
            </li>
          ))}
        </ul>
        {kind !== "all" && <input type="hidden" name="show" value={kind} />}
        <label class="sr" for="search">
          Search by name, label or stream
        </label>
        <input
          class="input grow"
          id="search"
          name="q"
          type="search"
          placeholder="Search by name, label or stream"
          value={search}
          autocomplete="off"
        />
        <button class="button">Show</button>
        <span class="sr" id="found" role="status">
          {countText(shown.length)} shown
        </span>
      </form>
      {shown.length === 0 ? <NoneFits isOwn={kind === "own" && words.length === 0} /> : <Tiles sources={shown} />}
    </>
  );
}

function Tiles({ sources }: { readonly sources: readonly SourceBody[] }) {
  return (
    <ul class="tiles">
      {sources.map((source) => (
        <li class="tile" data-words={wordsOf(source)}>
          <h2>
            <a href={`/sources/${source.short_name}`}>{source.name}</a>
          </h2>
          <p class="soft small">{source.description}</p>
          <p class="row small">
            {source.is_custom && <Badge tone="busy" text={`Yours, version ${source.version ?? 1}`} />}
            {[...(source.labels ?? []), ...streamText(source)].map((text) => (
              <span class="label">{text}</span>
            ))}
          </p>
        </li>
      ))}
    </ul>
  );
}

function NoneFits({ isOwn }: { readonly isOwn: boolean }) {
  return (
    <div class="card">
      {isOwn ? (
        <Empty
          title="You have not brought a source yet"
          text="Any low-code manifest becomes a source: upload one, see what of it runs, and connect it."
        >
          <a class="button primary" href="/sources/_new">
            Bring your own
          </a>
        </Empty>
      ) : (
        <Empty
          title="None of them fits"
          text="No source has these words. A manifest of your own may read what you need."
        >
          <a class="button" href="/sources">
            Show all
          </a>
        </Empty>
      )}
    </div>
  );
}

function hrefOf(kind: Kind, search: string): string {
  const query = new URLSearchParams();
  if (kind !== "all") query.set("show", kind);
  if (search !== "") query.set("q", search);
  return query.size === 0 ? "/sources" : `/sources?${query.toString()}`;
}

function isOfKind({ is_custom: isCustom }: SourceBody, kind: Kind): boolean {
  return kind === "all" || isCustom === (kind === "own");
}

function streamText({ streams }: SourceBody): string[] {
  return streams === null || streams.length === 0 ? [] : [countOf(streams.length, "stream")];
}

/** What a search looks at, in lower case. */
function wordsOf({ name, short_name, labels, output_entity_definitions: streams }: SourceBody): string {
  return [name, short_name, ...(labels ?? []), ...streams].join(" ").toLowerCase();
}
