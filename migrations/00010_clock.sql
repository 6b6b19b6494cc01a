-- Clocks that step, and what nobody could look at. Only additions: an older node beside a newer one goes on.
-- +goose Up

-- Why nothing was heard in a stretch, and what became of one that a clock set back has made untrue: it is cut to where it
-- stopped being true (said_to keeps what was first written) or withdrawn, never deleted.
ALTER TABLE outage ADD COLUMN kind text NOT NULL DEFAULT 'down' CHECK (kind IN ('down', 'clock'));
ALTER TABLE outage ADD COLUMN said_to timestamptz;
ALTER TABLE outage ADD COLUMN withdrawn_at timestamptz;
GRANT UPDATE (kind, to_at, said_to, withdrawn_at) ON outage TO tanamori_job;

-- How far a node's own clock is off the one that all go by, in milliseconds.
ALTER TABLE heartbeat ADD COLUMN off_ms bigint NOT NULL DEFAULT 0;
GRANT SELECT ON heartbeat TO tanamori_host, tanamori_gate;

-- Why nobody can tell whether something is there: its store is away, or has not been looked into yet. Silence is then no
-- proof that it is missing.
ALTER TABLE occurrence ADD COLUMN unseen_code text;
ALTER TABLE occurrence ADD COLUMN unseen_params jsonb;
