-- The backup ledger: where copies lie, what is planned, each run, and what was proved of it.
-- +goose Up

-- A store belongs to one town: each municipality has its own area (平成25年11月14日回答947号).
CREATE TABLE store (
  tenant_id  bigint NOT NULL REFERENCES tenant,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  name       text   NOT NULL CHECK (name <> ''),
  kind       text   NOT NULL CHECK (kind IN ('dir')),
  root       text   NOT NULL CHECK (root <> ''),
  created_at timestamptz NOT NULL,
  retired_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX store_name ON store (tenant_id, name) WHERE retired_at IS NULL;
CALL tanamori_isolate('store');
GRANT SELECT ON store TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON store TO tanamori_host;
CALL tanamori_serve('store', 'tanamori_job', 'SELECT');

CREATE TABLE plan (
  tenant_id      bigint NOT NULL,
  id             bigint GENERATED ALWAYS AS IDENTITY,
  server_id      bigint NOT NULL,
  name           text   NOT NULL CHECK (name <> ''),
  duty_id        bigint,
  source_id      bigint,
  store_id       bigint NOT NULL,
  pattern        text   NOT NULL CHECK (pattern <> ''),
  reports        boolean NOT NULL,
  manifest       text   NOT NULL CHECK (manifest IN ('none', 'any', 'sidecar', 'checkin')),
  required_level smallint NOT NULL CHECK (required_level BETWEEN 0 AND 5),
  min_bytes      bigint CHECK (min_bytes >= 0),
  max_bytes      bigint CHECK (max_bytes > 0),
  deviation_k    numeric(3,1) NOT NULL DEFAULT 3.5 CHECK (deviation_k BETWEEN 1 AND 10),
  settle_minutes integer NOT NULL DEFAULT 120 CHECK (settle_minutes BETWEEN 1 AND 1440),
  look_at        timestamptz,
  created_at     timestamptz NOT NULL,
  retired_at     timestamptz,
  PRIMARY KEY (tenant_id, id),
  CHECK (reports OR retired_at IS NOT NULL OR look_at IS NOT NULL),
  FOREIGN KEY (tenant_id, server_id) REFERENCES server,
  FOREIGN KEY (tenant_id, store_id) REFERENCES store,
  FOREIGN KEY (tenant_id, duty_id) REFERENCES duty,
  FOREIGN KEY (tenant_id, source_id) REFERENCES source,
  CONSTRAINT plan_sizes CHECK (min_bytes IS NULL OR max_bytes IS NULL OR min_bytes <= max_bytes)
);
CREATE UNIQUE INDEX plan_name ON plan (tenant_id, server_id, name) WHERE retired_at IS NULL;
-- Plans whose machine does not report: when to look into the store ourselves.
CREATE INDEX plan_look ON plan (look_at) WHERE look_at IS NOT NULL;
CALL tanamori_isolate('plan');
GRANT SELECT ON plan TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON plan TO tanamori_host;
CALL tanamori_serve('plan', 'tanamori_job', 'SELECT');
GRANT UPDATE (look_at) ON plan TO tanamori_job;

-- The board calls a backup by its server: a server that is renamed or moved in the order takes its duties with it.
-- +goose StatementBegin
CREATE FUNCTION tanamori_follow_server() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE duty d SET subject = NEW.name, position = NEW.position FROM plan p
  WHERE p.tenant_id = NEW.tenant_id AND p.server_id = NEW.id AND d.tenant_id = p.tenant_id AND d.id = p.duty_id;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER follow_server AFTER UPDATE OF name, position ON server FOR EACH ROW
  WHEN ((OLD.name, OLD.position) IS DISTINCT FROM (NEW.name, NEW.position)) EXECUTE FUNCTION tanamori_follow_server();

-- One run of a plan. Evidence stays in checkin and verification; this row gathers it and is the verifier's queue.
CREATE TABLE run (
  tenant_id     bigint NOT NULL,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  plan_id       bigint NOT NULL,
  occurrence_id bigint,
  night         date   NOT NULL,
  rid           uuid,
  started_at    timestamptz,
  finished_at   timestamptz,
  duration_ms   bigint CHECK (duration_ms >= 0),
  reported      text   NOT NULL CHECK (reported IN ('running', 'ok', 'fail', 'none')),
  exit_status   smallint,
  said_bytes    bigint,
  said_files    bigint,
  said_sha256   text CHECK (said_sha256 ~ '^[0-9a-f]{64}$'),
  said_generation text NOT NULL DEFAULT '',
  tool          text   NOT NULL DEFAULT '',
  file_name     text   NOT NULL DEFAULT '',
  file_bytes    bigint,
  file_at       timestamptz,
  file_sha256   text CHECK (file_sha256 ~ '^[0-9a-f]{64}$'),
  format        text   NOT NULL DEFAULT '',
  entries       bigint,
  level         smallint CHECK (level BETWEEN -1 AND 5),
  outcome       text CHECK (outcome IN ('good', 'bad')),
  reason_code   text   NOT NULL DEFAULT '',
  reason_params jsonb  NOT NULL DEFAULT '{}',
  verify_at     timestamptz,
  claim         uuid,
  claimed_until timestamptz,
  verify_tries  integer NOT NULL DEFAULT 0,
  verified_at   timestamptz,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, plan_id) REFERENCES plan,
  FOREIGN KEY (tenant_id, occurrence_id) REFERENCES occurrence
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX run_rid ON run (tenant_id, plan_id, rid) WHERE rid IS NOT NULL;
CREATE INDEX run_to_verify ON run (verify_at) WHERE verify_at IS NOT NULL;
CREATE INDEX run_newest ON run (tenant_id, plan_id, id DESC);
-- Those that a check-in may still end.
CREATE INDEX run_running ON run (tenant_id, plan_id, started_at) WHERE reported = 'running';
CREATE INDEX run_occurrence ON run (tenant_id, occurrence_id);
CALL tanamori_isolate('run');
GRANT SELECT ON run TO tanamori_town;
GRANT SELECT, UPDATE ON run TO tanamori_host;
CALL tanamori_serve('run', 'tanamori_job', 'SELECT, INSERT, UPDATE');

-- What was proved of a run, level by level. One row a level and examination, never changed.
CREATE TABLE verification (
  tenant_id     bigint NOT NULL,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  run_id        bigint NOT NULL,
  examination   integer NOT NULL,
  level         smallint NOT NULL CHECK (level BETWEEN 0 AND 5),
  outcome       text   NOT NULL CHECK (outcome IN ('passed', 'warned', 'failed', 'skipped')),
  reason_code   text   NOT NULL,
  reason_params jsonb  NOT NULL,
  at            timestamptz NOT NULL,
  took_ms       bigint NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, run_id) REFERENCES run,
  CONSTRAINT verification_once UNIQUE (tenant_id, run_id, examination, level)
);
CALL tanamori_isolate('verification');
CALL tanamori_append_only('verification');
GRANT SELECT ON verification TO tanamori_town, tanamori_host;
CALL tanamori_serve('verification', 'tanamori_job', 'SELECT, INSERT');
