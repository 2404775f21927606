-- Sources that organizations brought themselves: low-code manifests. Both texts are gzip: D1's rows end at 2 MB.
CREATE TABLE custom_sources (
  organization_id TEXT NOT NULL,
  short_name TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  labels TEXT NOT NULL,
  -- Has it a stream that can be read incrementally?
  continuous INTEGER NOT NULL,
  -- Counts replacements, for people. One that is deleted and created again begins anew.
  version INTEGER NOT NULL,
  -- Another with each change, so that a connection sees that it has an old one.
  revision TEXT NOT NULL,
  -- The manifest as it was sent.
  manifest BLOB NOT NULL,
  -- The manifest with its references resolved and without what is not needed to read: what a job opens.
  document BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, short_name)
) WITHOUT ROWID;

-- Which connections use a source is asked before it is deleted.
CREATE INDEX source_connections_by_source ON source_connections (organization_id, short_name) WHERE deleted_at IS NULL;
