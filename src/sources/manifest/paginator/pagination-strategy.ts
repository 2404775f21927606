import type { Json } from "#core/json";
import { createFamily } from "#sources/manifest/family";
import type { PageRead } from "./paginator.ts";

/** How the next page is named, and which page is the last. */
export interface PaginationStrategy {
  readonly initialToken: Json;
  /** Records to ask for at a time; null where the manifest does not say. */
  pageSize(): number | null;
  next(page: PageRead): Json;
}

export const paginationStrategy = createFamily<PaginationStrategy>("a pagination strategy");
