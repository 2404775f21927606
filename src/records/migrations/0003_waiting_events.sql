-- Events of what D1 itself decides, which are the collections: written with the change they tell of, and there until
-- the organization's deliveries have taken them.
CREATE TABLE waiting_events (
  organization_id TEXT NOT NULL,
  -- UUIDv7, so that the order of ids is the order of time.
  id TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (organization_id, id)
) WITHOUT ROWID;
CREATE INDEX waiting_events_by_id ON waiting_events (id);
