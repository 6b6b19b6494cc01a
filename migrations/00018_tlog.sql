-- Evidence that stands up without the database (docs/evidence.md): the rows of ledgers are gathered into one Merkle tree a
-- town, in the order in which they were committed. Its root is signed, and goes out to the town, which can hold every later
-- state of the ledgers against it.
-- +goose Up

-- The name by which signed roots call this installation. It is made once and means nothing.
ALTER TABLE installation ADD COLUMN log_name text NOT NULL DEFAULT encode(substr(uuid_send(gen_random_uuid()), 1, 6), 'hex')
  CHECK (log_name ~ '^[0-9a-f]{12}$');

-- Which ledgers are gathered; a line is written by tanamori_gather, and by nothing else. columns: what the hash covers, where
-- the row may still change in others; empty is every column but the town. settled: a condition on the alias t, true once
-- those columns change no more; empty is from the beginning. recorded: when it was written down. act: what a person's post
-- must allow to read such a row.
CREATE TABLE tlog_series (
  kind     text   PRIMARY KEY CHECK (kind ~ '^[a-z_]+$'), -- the table
  columns  text[] CHECK (columns[1] = 'id'),
  settled  text   NOT NULL DEFAULT '',
  recorded text   NOT NULL,
  act      text   NOT NULL
);
GRANT SELECT ON tlog_series TO tanamori_town, tanamori_host, tanamori_job;

-- The columns a leaf was made of: a ledger that gains a column has a new form from then on, and the old leaves keep theirs.
CREATE TABLE tlog_form (
  id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind    text    NOT NULL REFERENCES tlog_series,
  columns text[]  NOT NULL CHECK (columns[1] = 'id'),
  CONSTRAINT tlog_form_columns UNIQUE (kind, columns)
);
GRANT SELECT ON tlog_form TO tanamori_town, tanamori_host, tanamori_job;
GRANT INSERT ON tlog_form TO tanamori_job;

-- What waits to be gathered. A line is written with the row itself, in its transaction: whoever sees the line sees a row that
-- is committed, and one that commits late, after others with higher ids, is not passed over, because nothing goes by ids or
-- by transaction numbers. So it survives a dump and its restoring, where those begin anew.
CREATE TABLE tlog_due (
  tenant_id bigint NOT NULL REFERENCES tenant,
  id        bigint GENERATED ALWAYS AS IDENTITY,
  kind      text   NOT NULL,
  row_id    bigint NOT NULL,
  lost_at   timestamptz, -- when the row was not there any more: the audit tells
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX tlog_due_lost ON tlog_due (tenant_id, id) WHERE lost_at IS NOT NULL;
CALL tanamori_isolate('tlog_due');
GRANT INSERT ON tlog_due TO tanamori_town, tanamori_host;
GRANT SELECT (tenant_id, kind, row_id) ON tlog_due TO tanamori_town, tanamori_host;
CALL tanamori_serve('tlog_due', 'tanamori_job', 'SELECT, INSERT, UPDATE, DELETE');
CALL tanamori_serve('tlog_due', 'tanamori_gate', 'INSERT');

-- The argument is the condition of tlog_series.settled. A row that settled earlier and is changed in another column is
-- written down once more, and dropped when it is gathered: its leaf is there.
-- +goose StatementBegin
CREATE FUNCTION tanamori_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('INSERT INTO tlog_due (tenant_id, kind, row_id) SELECT t.tenant_id, %L, t.id FROM fresh t WHERE %s ORDER BY t.id',
    TG_TABLE_NAME, TG_ARGV[0]);
  RETURN NULL;
END $$;
-- +goose StatementEnd

-- Gathers a ledger from now on, and what stands in it already. A statement of many rows writes their lines at once.
-- +goose StatementBegin
CREATE PROCEDURE tanamori_gather(t regclass, recorded text, act text, columns text[] DEFAULT NULL, settled text DEFAULT '')
LANGUAGE plpgsql AS $$
DECLARE condition text := coalesce(nullif(settled, ''), 'true');
BEGIN
  INSERT INTO tlog_series (kind, columns, settled, recorded, act) VALUES (t::text, columns, settled, recorded, act);
  EXECUTE format('CREATE TRIGGER due AFTER %s ON %s REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION tanamori_due(%L)',
    CASE settled WHEN '' THEN 'INSERT' ELSE 'UPDATE' END, t, condition);
  EXECUTE format('INSERT INTO tlog_due (tenant_id, kind, row_id) SELECT t.tenant_id, %L, t.id FROM %s t WHERE %s ORDER BY t.id', t, t, condition);
END $$;
-- +goose StatementEnd

-- A town's tree. size and edge (the roots of the perfect subtrees, left to right, 32 bytes each) are all that is needed to
-- add leaves. home is the database it lives in: where that changes, a copy was restored or a standby took over.
CREATE TABLE tlog_tree (
  tenant_id   bigint  PRIMARY KEY REFERENCES tenant,
  origin      text    NOT NULL, -- of its checkpoints: tanamori/3f9a1c2b7d10/013943
  town        text    NOT NULL, -- the code as it was when the tree began
  size        bigint  NOT NULL DEFAULT 0 CHECK (size >= 0),
  edge        bytea   NOT NULL DEFAULT '' CHECK (octet_length(edge) % 32 = 0),
  signed_size bigint  NOT NULL DEFAULT 0, -- of the newest checkpoint
  home        text    NOT NULL,
  mailed_on   date    NOT NULL, -- of the newest checkpoint sent to the town
  mailed_size bigint  NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CALL tanamori_isolate('tlog_tree');
GRANT SELECT ON tlog_tree TO tanamori_town, tanamori_host;
CALL tanamori_serve('tlog_tree', 'tanamori_job', 'SELECT, INSERT, UPDATE');

-- What happened to a tree itself. It is gathered like every ledger.
CREATE TABLE tlog_event (
  tenant_id bigint NOT NULL REFERENCES tenant,
  id        bigint GENERATED ALWAYS AS IDENTITY,
  at        timestamptz NOT NULL,
  kind      text   NOT NULL CHECK (kind IN ('begun', 'restored', 'key')),
  size      bigint NOT NULL, -- of the tree at that moment
  detail    jsonb  NOT NULL,
  by_id     bigint,
  by_text   text   NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CALL tanamori_isolate('tlog_event');
CALL tanamori_append_only('tlog_event');
GRANT SELECT ON tlog_event TO tanamori_town;
GRANT SELECT, INSERT ON tlog_event TO tanamori_host;
CALL tanamori_serve('tlog_event', 'tanamori_job', 'SELECT, INSERT');

-- Ed25519 keys as golang.org/x/mod/sumdb/note writes them. The newest signs; the others stay, to verify by. Only the job
-- reads the secret half.
CREATE TABLE tlog_key (
  tenant_id bigint NOT NULL REFERENCES tenant,
  id        bigint GENERATED ALWAYS AS IDENTITY,
  verifier  text   NOT NULL,
  signer    text   NOT NULL,
  made_at   timestamptz NOT NULL,
  by_id     bigint,
  by_text   text   NOT NULL,
  reason    text   NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CALL tanamori_isolate('tlog_key');
CALL tanamori_append_only('tlog_key');
GRANT SELECT (tenant_id, id, verifier, made_at, by_id, by_text, reason) ON tlog_key TO tanamori_town, tanamori_host;
GRANT INSERT ON tlog_key TO tanamori_host;
CALL tanamori_serve('tlog_key', 'tanamori_job', 'SELECT, INSERT');

-- What never changes and never goes, by no rule at all.
-- +goose StatementBegin
CREATE FUNCTION tanamori_never() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE PROCEDURE tanamori_for_ever(t regclass) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION tanamori_never()', t);
  EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION tanamori_never()', t);
END $$;
-- +goose StatementEnd

-- The leaves: of which row, made of which columns, and the hash. When the row is removed by the rule of retention, this stays.
CREATE TABLE tlog_leaf (
  tenant_id  bigint  NOT NULL REFERENCES tenant,
  leaf_index bigint  NOT NULL CHECK (leaf_index >= 0),
  kind       text    NOT NULL,
  row_id     bigint  NOT NULL,
  form_id    integer NOT NULL,
  hash       bytea   NOT NULL CHECK (octet_length(hash) = 32),
  at         timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, leaf_index),
  CONSTRAINT tlog_leaf_row UNIQUE (tenant_id, kind, row_id)
);
CALL tanamori_isolate('tlog_leaf');
CALL tanamori_for_ever('tlog_leaf');
GRANT SELECT ON tlog_leaf TO tanamori_town, tanamori_host;
CALL tanamori_serve('tlog_leaf', 'tanamori_job', 'SELECT, INSERT');

-- The roots of whole subtrees of 256, 65,536 … leaves (level 1, 2 …), so that a proof reads a few hundred hashes.
CREATE TABLE tlog_tile (
  tenant_id  bigint   NOT NULL REFERENCES tenant,
  level      smallint NOT NULL CHECK (level BETWEEN 1 AND 7),
  tile_index bigint   NOT NULL CHECK (tile_index >= 0),
  hash       bytea    NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (tenant_id, level, tile_index)
);
CALL tanamori_isolate('tlog_tile');
CALL tanamori_for_ever('tlog_tile');
GRANT SELECT ON tlog_tile TO tanamori_town, tanamori_host;
CALL tanamori_serve('tlog_tile', 'tanamori_job', 'SELECT, INSERT');

-- Signed roots (C2SP tlog-checkpoint): one each time that leaves were added.
CREATE TABLE tlog_checkpoint (
  tenant_id bigint NOT NULL REFERENCES tenant,
  size      bigint NOT NULL CHECK (size > 0),
  root      bytea  NOT NULL CHECK (octet_length(root) = 32),
  note      text   NOT NULL,
  key_id    bigint NOT NULL,
  at        timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, size)
);
CREATE INDEX tlog_checkpoint_at ON tlog_checkpoint (tenant_id, at);
CREATE INDEX tlog_checkpoint_next ON tlog_checkpoint (tenant_id, size) WHERE position('key ' IN note) > 0; -- those that name the next key
CALL tanamori_isolate('tlog_checkpoint');
CALL tanamori_for_ever('tlog_checkpoint');
GRANT SELECT ON tlog_checkpoint TO tanamori_town, tanamori_host;
CALL tanamori_serve('tlog_checkpoint', 'tanamori_job', 'SELECT, INSERT');

-- 検証値の送付先: where the day's checkpoint of a town goes. Not an emergency contact: a good night troubles nobody.
CREATE TABLE tlog_witness (
  tenant_id bigint PRIMARY KEY REFERENCES tenant,
  name      text   NOT NULL CHECK (name <> ''),
  mail      text   NOT NULL CHECK (mail <> '')
);
CALL tanamori_isolate('tlog_witness');
GRANT SELECT, INSERT, UPDATE, DELETE ON tlog_witness TO tanamori_town, tanamori_host;
CALL tanamori_serve('tlog_witness', 'tanamori_job', 'SELECT');
ALTER TABLE notice DROP CONSTRAINT notice_kind_check;
ALTER TABLE notice ADD CONSTRAINT notice_kind_check CHECK (kind IN ('opened', 'repeated', 'reopened', 'resolved', 'checkpoint', 'reminded')) NOT VALID;

-- How far the audit has gone through a town's tree and ledgers. kind is empty while it is at the leaves.
CREATE TABLE tlog_inspection (
  tenant_id bigint PRIMARY KEY REFERENCES tenant,
  next_leaf bigint NOT NULL DEFAULT 0,
  edge      bytea  NOT NULL DEFAULT '',
  kind      text   NOT NULL DEFAULT '',
  after_id  bigint NOT NULL DEFAULT 0,
  passes    bigint NOT NULL DEFAULT 0,
  passed_at timestamptz,
  looked_at timestamptz
) WITH (fillfactor = 70);
CALL tanamori_isolate('tlog_inspection');
GRANT SELECT ON tlog_inspection TO tanamori_town, tanamori_host;
CALL tanamori_serve('tlog_inspection', 'tanamori_job', 'SELECT, INSERT, UPDATE');

-- What the audit found: which row, and what is the matter with it. gone_at: a later look found it in order again.
CREATE TABLE tlog_finding (
  tenant_id  bigint NOT NULL REFERENCES tenant,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  what       text   NOT NULL CHECK (what IN ('changed', 'missing', 'unlisted', 'leaf', 'tree', 'checkpoint')),
  kind       text   NOT NULL,
  row_id     bigint NOT NULL,
  leaf_index bigint NOT NULL, -- -1: of none
  found_at   timestamptz NOT NULL,
  gone_at    timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX tlog_finding_once ON tlog_finding (tenant_id, what, kind, row_id, leaf_index) WHERE gone_at IS NULL;
CALL tanamori_isolate('tlog_finding');
GRANT SELECT ON tlog_finding TO tanamori_town, tanamori_host;
CALL tanamori_serve('tlog_finding', 'tanamori_job', 'SELECT, INSERT, UPDATE');

-- The ledgers. What is append-only is gathered whole, as it comes; of what changes, the columns that are the evidence, once
-- they are settled. A check-in is gathered when it is taken in, seconds later: answering it costs nothing more.
CALL tanamori_gather('tlog_event', 'at', 'evidence.read');
CALL tanamori_gather('volume', 'bound_at', 'retention.read');
CALL tanamori_gather('expiry', 'at', 'retention.read');
CALL tanamori_gather('retention_rule', 'at', 'retention.read');
CALL tanamori_gather('checkin', 'taken_at', 'run.read', settled => 't.taken_at IS NOT NULL');
CALL tanamori_gather('attempt', 'ended_at', 'notice.read', settled => 't.ended_at IS NOT NULL');
-- +goose StatementBegin
DO $$
DECLARE k record;
BEGIN
  FOR k IN SELECT r.kind, r.columns, r.recorded, r.act FROM record_kind r WHERE r.kind IN ('occurrence', 'run', 'incident', 'notice') ORDER BY r.position LOOP
    EXECUTE format('CALL tanamori_gather(%L, %L, %L, columns => %L, settled => %L)', k.kind,
      CASE k.kind WHEN 'occurrence' THEN 'judged_at' ELSE k.recorded END, k.act, k.columns, CASE k.kind WHEN 'occurrence' THEN 't.verdict IS NOT NULL' ELSE '' END);
  END LOOP;
  FOR k IN SELECT r.kind, r.recorded, r.act FROM record_kind r WHERE r.settled = 'true'
    AND EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = CAST(r.kind AS regclass) AND g.tgname = 'append_only' AND octet_length(g.tgargs) = 0)
    AND NOT EXISTS (SELECT FROM tlog_series s WHERE s.kind = r.kind) ORDER BY r.position
  LOOP
    EXECUTE format('CALL tanamori_gather(%L, %L, %L)', k.kind, k.recorded, k.act);
  END LOOP;
END $$;
-- +goose StatementEnd
