/** The addresses of a listing's pages, as GitHub's `Link` header and its query parameters say them. */

/** `rel` to target, of a `Link` header: `<https://…?page=2>; rel="next", <…>; rel="last"`. */
export function parseLinks(header: string | null): ReadonlyMap<string, string> {
  const links = new Map<string, string>();
  for (const [, target, rel] of (header ?? "").matchAll(/<([^>]*)>\s*;[^,<]*?\brel="?([\w-]+)"?/g)) {
    if (target !== undefined && rel !== undefined) links.set(rel, target);
  }
  return links;
}

export function pageSizeOf(address: string): number {
  return Number(new URL(address).searchParams.get("per_page") ?? 1);
}

/** The page beside this one, counted by hand for servers that send no links. Null before the first. */
export function neighbour(address: string, step: 1 | -1): string | null {
  const url = new URL(address);
  const page = Number(url.searchParams.get("page") ?? 1) + step;
  if (page < 1) return null;
  url.searchParams.set("page", String(page));
  return url.href;
}

/**
 * The same place in the listing with pages half as large; null where they can't get smaller. Read forwards, it is
 * the small page that holds the large one's first record; backwards, the one that holds its last.
 */
export function withSmallerPages(address: string, backwards: boolean): string | null {
  const url = new URL(address);
  const large = pageSizeOf(address);
  const small = Math.floor(large / 2);
  if (small < 1) return null;
  url.searchParams.set("per_page", String(small));
  const page = url.searchParams.get("page");
  if (page !== null) {
    const smallPage = backwards
      ? Math.ceil((Number(page) * large) / small)
      : Math.floor(((Number(page) - 1) * large) / small) + 1;
    url.searchParams.set("page", String(smallPage));
  }
  return url.href;
}
