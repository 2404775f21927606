-- When the connection's schedule is due next, in epoch milliseconds; null for never. The sweep looks at it.
ALTER TABLE source_connections ADD COLUMN next_run_at INTEGER;
CREATE INDEX source_connections_due ON source_connections (next_run_at, id) WHERE next_run_at IS NOT NULL;

-- What is there has a schedule that only its object knows: being called as due, it says when it is.
UPDATE source_connections SET next_run_at = 0 WHERE deleted_at IS NULL;

-- Each minute those that were deleted long enough ago are forgotten, without reading all the others.
CREATE INDEX source_connections_deleted ON source_connections (deleted_at) WHERE deleted_at IS NOT NULL;
