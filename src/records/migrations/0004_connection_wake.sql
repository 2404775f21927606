-- When the object means to start a run that debounced deliveries wait for; null while none waits. The watchdog looks
-- at it, as it does at that of jobs.
ALTER TABLE source_connections ADD COLUMN wake_at INTEGER;
CREATE INDEX source_connections_awake ON source_connections (wake_at) WHERE wake_at IS NOT NULL;
