-- Its owner wants nothing to start by itself. Needed where connections are listed: that nothing is due says less.
ALTER TABLE source_connections ADD COLUMN is_paused INTEGER NOT NULL DEFAULT 0;

-- Whether one is paused only its object knows so far. What is paused has nothing due; called by the watchdog, each of
-- those tells D1 what it is. As of now, so that runs which really are overdue come first.
UPDATE source_connections SET wake_at = unixepoch() * 1000
WHERE deleted_at IS NULL AND next_run_at IS NULL AND wake_at IS NULL;
