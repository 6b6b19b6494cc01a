-- Where machines check in, and every check-in as it came.
-- +goose Up

CREATE TABLE source (
  tenant_id  bigint NOT NULL REFERENCES tenant,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  uuid       uuid   NOT NULL CONSTRAINT source_uuid UNIQUE,
  slug       text   NOT NULL CONSTRAINT source_slug_shape CHECK (slug ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  kind       text   NOT NULL,
  about_id   bigint NOT NULL,
  created_at timestamptz NOT NULL,
  retired_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT source_slug UNIQUE (tenant_id, slug)
);
CALL tanamori_isolate('source');
GRANT SELECT ON source TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON source TO tanamori_host;
CALL tanamori_serve('source', 'tanamori_job', 'SELECT');
CALL tanamori_serve('source', 'tanamori_ingest', 'SELECT');

-- Newest check-in of each source, one row a source, no changing column in an index.
CREATE TABLE source_state (
  tenant_id  bigint NOT NULL,
  source_id  bigint NOT NULL,
  seq        bigint NOT NULL,
  last_at    timestamptz,
  last_kind  text,
  PRIMARY KEY (tenant_id, source_id),
  FOREIGN KEY (tenant_id, source_id) REFERENCES source
) WITH (fillfactor = 70);
CALL tanamori_isolate('source_state');
GRANT SELECT ON source_state TO tanamori_town;
GRANT SELECT, INSERT ON source_state TO tanamori_host;
CALL tanamori_serve('source_state', 'tanamori_job', 'SELECT');
CALL tanamori_serve('source_state', 'tanamori_ingest', 'SELECT, UPDATE');

-- Evidence as received. taken_at is the queue's mark: filled once, when a ledger took the check-in in.
CREATE TABLE checkin (
  tenant_id    bigint NOT NULL,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  source_id    bigint NOT NULL,
  at           timestamptz NOT NULL,
  kind         text   NOT NULL CHECK (kind IN ('start', 'success', 'fail', 'log')),
  exit_status  smallint CHECK (exit_status BETWEEN 0 AND 255),
  rid          uuid,
  method       text   NOT NULL,
  remote       text   NOT NULL,
  agent        text   NOT NULL,
  content_type text   NOT NULL,
  body         bytea  NOT NULL,
  taken_at     timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, source_id) REFERENCES source
);
CREATE INDEX checkin_untaken ON checkin (id) WHERE taken_at IS NULL;
CREATE INDEX checkin_newest ON checkin (tenant_id, source_id, id DESC);
CALL tanamori_isolate('checkin');
CALL tanamori_append_only('checkin', 'taken_at');
GRANT SELECT ON checkin TO tanamori_town, tanamori_host;
CALL tanamori_serve('checkin', 'tanamori_job', 'SELECT');
GRANT UPDATE (taken_at) ON checkin TO tanamori_job;
CALL tanamori_serve('checkin', 'tanamori_ingest', 'INSERT');
