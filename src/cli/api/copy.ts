import {
  type Change,
  type ChangePage,
  changesSchema,
  entityPageSchema,
  entitySchema,
  newestChangesSchema,
} from "#cli/api-answers";
import type { ApiTransport } from "#cli/api-transport";
import { PAGE_SIZE } from "./page-size.ts";

export interface EntityQuery {
  readonly stream?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** What a source connection has: its entities, and its change feed. */
export class CopyApi {
  readonly #api: ApiTransport;

  constructor(api: ApiTransport) {
    this.#api = api;
  }

  entities(connectionId: string, query: EntityQuery) {
    return this.#api.ask(entityPageSchema, "GET", `/source-connections/${connectionId}/entities`, {
      query: { ...query },
    });
  }

  entity(connectionId: string, stream: string, id: string) {
    const name = `${encodeURIComponent(stream)}/${encodeURIComponent(id)}`;
    return this.#api.ask(entitySchema, "GET", `/source-connections/${connectionId}/entities/${name}`);
  }

  /** The whole copy, or a stream of it, an entity a line. */
  export(connectionId: string, stream: string | undefined): Promise<Response> {
    return this.#api.send("GET", `/source-connections/${connectionId}/entities/export`, { query: { stream } });
  }

  /** One page of the change feed; from its beginning where `since` is null. */
  changePage(connectionId: string, since: string | null, limit = PAGE_SIZE): Promise<ChangePage> {
    const query = { limit, since: since ?? undefined };
    return this.#api.ask(changesSchema, "GET", `/source-connections/${connectionId}/changes`, { query });
  }

  /** A page of the change feed that begins with the newest: with the one before `before`, or at the end of the feed. */
  newestChanges(connectionId: string, before: string | null, limit: number) {
    const query = { order: "newest_first", limit, before: before ?? undefined };
    return this.#api.ask(newestChangesSchema, "GET", `/source-connections/${connectionId}/changes`, { query });
  }

  /** Reads the change feed from `since` (null: from its beginning) to its end. */
  async changes(connectionId: string, since: string | null): Promise<{ changes: Change[]; cursor: string }> {
    const changes: Change[] = [];
    let cursor = since;
    for (;;) {
      const page = await this.changePage(connectionId, cursor);
      changes.push(...page.changes);
      cursor = page.next_cursor;
      if (!page.has_more) return { changes, cursor };
    }
  }
}
