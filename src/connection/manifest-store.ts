import { customSourceRevision, findCustomSource } from "#records/custom-source-repository";
import { ManifestError } from "#sources/manifest/document/manifest-error";
import { definitionOf, storedManifestSchema, type StoredManifest } from "#sources/manifest/stored-manifest";
import { SourceFailure, type Source } from "#sources/source";
import { withinTimeLimit } from "#sources/time-limit";
import type { Documents } from "#storage/documents";
import type { Sql } from "#storage/sql";

const KEY = "manifest";

/** The manifest as a source; null for none. Throws SourceFailure where it can't be used. */
export async function sourceOf(stored: StoredManifest | null): Promise<Source | null> {
  if (stored === null) return null;
  return definitionOf(stored).catch((error: unknown) => {
    if (!(error instanceof ManifestError)) throw error;
    const message = `The manifest can't be used by this version of Sluice: ${error.message}`;
    throw new SourceFailure({ kind: "internal", message, final: true });
  });
}

/** Longest that a job waits to hear whether there is a newer version; the one that is here will do. */
const PATIENCE_MS = 3_000;

/** The manifest of a connection whose source its organization brought. Other connections have none. */
export class ManifestStore {
  readonly #documents: Documents;
  readonly #db: D1Database;
  #cached: StoredManifest | null | undefined;

  constructor(sql: Sql, documents: Documents, db: D1Database) {
    this.#documents = documents;
    this.#db = db;
    sql.onUndone(() => (this.#cached = undefined));
  }

  read(): StoredManifest | null {
    if (this.#cached === undefined) this.#cached = this.#documents.read(KEY, storedManifestSchema);
    return this.#cached;
  }

  write(manifest: StoredManifest): void {
    this.#documents.write(KEY, manifest);
    this.#cached = manifest;
  }

  /** For a job that begins: takes over a newer version. */
  async refresh(): Promise<void> {
    const newest = await this.newest();
    if (newest !== null && newest.revision !== this.read()?.revision) this.write(newest);
  }

  /** The version that there is now, by D1's account. Where D1 does not answer, the one that is here. */
  async newest(): Promise<StoredManifest | null> {
    const stored = this.read();
    if (stored === null) return null;
    const newer = await withinTimeLimit({ milliseconds: PATIENCE_MS, timedOut: () => new Error("D1 is slow.") }, () =>
      this.#newer(stored),
    ).catch(() => null);
    return newer ?? stored;
  }

  async #newer({ organizationId, shortName, revision }: StoredManifest): Promise<StoredManifest | null> {
    const newest = await customSourceRevision(this.#db, organizationId, shortName);
    if (newest === null || newest === revision) return null;
    const found = await findCustomSource(this.#db, organizationId, shortName);
    return found === null ? null : storedManifestSchema.parse({ ...found, document: found.document.toBase64() });
  }
}
