-- Jobs that have ended, counted when D1 first hears of it: what metrics show without reading jobs. At most 84 rows for
-- an organization. Counts stay when the connection is deleted.
CREATE TABLE job_totals (
  organization_id TEXT NOT NULL,
  status TEXT NOT NULL,
  trigger TEXT NOT NULL,
  -- Jobs that took no longer than so many seconds, and longer than those of the class before; 0 for the longest.
  duration_class INTEGER NOT NULL,
  jobs INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  -- From their end to its being known here.
  lag_ms INTEGER NOT NULL,
  entities_inserted INTEGER NOT NULL,
  entities_updated INTEGER NOT NULL,
  entities_deleted INTEGER NOT NULL,
  entities_kept INTEGER NOT NULL,
  entities_failed INTEGER NOT NULL,
  PRIMARY KEY (organization_id, status, trigger, duration_class)
) WITHOUT ROWID;
