-- When the watchdog is to look at an organization's deliveries, as long as any may be waiting: their alarm may be lost.
-- Without an index of times, which would cost a row written with each; there is one row for each organization that was
-- told something in the last minutes, or whose receiver fails.
CREATE TABLE delivery_looks (
  organization_id TEXT PRIMARY KEY,
  look_at INTEGER NOT NULL
) WITHOUT ROWID;
