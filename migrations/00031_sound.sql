-- The log of evidence finds and tells more: a removal that would have to cover more rows than it counted, a ledger of which
-- somebody changed where its time stands, a town whose key signs nothing, and a town whose rows wait.
-- +goose Up

ALTER TABLE tlog_finding DROP CONSTRAINT tlog_finding_what_check;
ALTER TABLE tlog_finding ADD CONSTRAINT tlog_finding_what_check
  CHECK (what IN ('changed', 'missing', 'unlisted', 'leaf', 'tree', 'checkpoint', 'removal', 'series', 'key')) NOT VALID;

-- A line of tlog_due bears no time. The audit notes the oldest of a town when it sees it first: one that is still there minutes
-- later is late, however busy the town is.
ALTER TABLE tlog_tree ADD COLUMN waits_line bigint, ADD COLUMN waits_since timestamptz;
