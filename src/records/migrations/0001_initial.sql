CREATE TABLE organizations (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- SHA-256 of the key, hexadecimal. The key itself is shown once and kept nowhere.
  hash TEXT NOT NULL UNIQUE,
  -- The first characters, so that people can tell keys apart.
  prefix TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
) WITHOUT ROWID;

CREATE TABLE collections (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  readable_id TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  UNIQUE (organization_id, readable_id)
) WITHOUT ROWID;

-- Written by the source connections' objects only, through their outboxes. A row never goes back to a smaller version.
CREATE TABLE source_connections (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  organization_id TEXT NOT NULL,
  collection_id TEXT NOT NULL,
  name TEXT NOT NULL,
  short_name TEXT NOT NULL,
  status TEXT NOT NULL,
  entity_count INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  -- Set when the connection was deleted: keeps a late write from bringing it back.
  deleted_at INTEGER
) WITHOUT ROWID;
CREATE INDEX source_connections_by_organization ON source_connections (organization_id, created_at DESC, id);

-- Likewise.
CREATE TABLE sync_jobs (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  organization_id TEXT NOT NULL,
  source_connection_id TEXT NOT NULL,
  status TEXT NOT NULL,
  trigger TEXT NOT NULL,
  sync_mode TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  completed_at INTEGER,
  entities_inserted INTEGER NOT NULL,
  entities_updated INTEGER NOT NULL,
  entities_deleted INTEGER NOT NULL,
  entities_kept INTEGER NOT NULL,
  entities_failed INTEGER NOT NULL,
  error TEXT,
  error_category TEXT,
  -- When the object means to work on the job next; null once it has ended. The watchdog looks at it.
  wake_at INTEGER
) WITHOUT ROWID;
CREATE INDEX sync_jobs_by_connection ON sync_jobs (source_connection_id, created_at DESC);
CREATE INDEX sync_jobs_awake ON sync_jobs (wake_at) WHERE wake_at IS NOT NULL;

INSERT INTO organizations (id, name, created_at) VALUES ('00000000-0000-4000-8000-000000000001', 'Default', 0);
INSERT INTO collections (id, organization_id, readable_id, name, created_at, modified_at)
VALUES ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000001', 'default', 'Default', 0, 0);
