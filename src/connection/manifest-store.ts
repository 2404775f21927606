import { findCustomSource, customSourceVersion } from "#records/custom-source-repository";
import { definitionOf, storedManifestSchema, type StoredManifest } from "#sources/manifest/stored-manifest";
import type { Source } from "#sources/source";
import { withinTimeLimit } from "#sources/time-limit";
import type { Documents } from "#storage/documents";

const KEY = "manifest";

/** Longest that a job waits to hear whether there is a newer version; the one that is here will do. */
const PATIENCE_MS = 3_000;

/** The manifest of a connection whose source its organization brought. Other connections have none. */
export class ManifestStore {
  readonly #documents: Documents;
  readonly #db: D1Database;
  #cached: StoredManifest | null | undefined;

  constructor(documents: Documents, db: D1Database) {
    this.#documents = documents;
    this.#db = db;
  }

  read(): StoredManifest | null {
    if (this.#cached === undefined) this.#cached = this.#documents.read(KEY, storedManifestSchema);
    return this.#cached;
  }

  /** The connection's source, where that is a manifest of its organization. */
  source(): Source | null {
    const stored = this.read();
    return stored === null ? null : definitionOf(stored);
  }

  write(manifest: StoredManifest): void {
    this.#documents.write(KEY, manifest);
    this.#cached = manifest;
  }

  /** Takes over a newer version. Where D1 does not answer, the one that is here stays. */
  async refresh(): Promise<void> {
    const stored = this.read();
    if (stored === null) return;
    const newer = await withinTimeLimit(
      { milliseconds: PATIENCE_MS, signal: new AbortController().signal, timedOut: () => new Error("D1 is slow.") },
      () => this.#newer(stored),
    ).catch(() => null);
    if (newer !== null) this.write(newer);
  }

  async #newer({ organizationId, shortName, version }: StoredManifest): Promise<StoredManifest | null> {
    if ((await customSourceVersion(this.#db, organizationId, shortName)) === version) return null;
    const found = await findCustomSource(this.#db, organizationId, shortName);
    if (found === null || found.version === version) return null;
    return storedManifestSchema.parse({ ...found, document: JSON.parse(found.document) });
  }
}
