-- The ground: who logs in to the database, which rows a transaction may see, and the tables every ledger stands on.
-- +goose Up

-- Roles belong to the whole cluster, databases are many: each is made only where it is missing.
-- tanamori_app logs in and may do nothing; a transaction takes one of the others with set_config('role', …, true).
-- +goose StatementBegin
DO $$
DECLARE r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['tanamori_town','tanamori_host','tanamori_job','tanamori_gate','tanamori_ingest'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', r);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END LOOP;
  BEGIN
    CREATE ROLE tanamori_app LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  GRANT tanamori_town, tanamori_host, tanamori_job, tanamori_gate, tanamori_ingest TO tanamori_app;
END $$;
-- +goose StatementEnd

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO tanamori_app, tanamori_town, tanamori_host, tanamori_job, tanamori_gate, tanamori_ingest;

-- The towns this transaction may see. Empty where nothing was set: no rows rather than all of them.
CREATE FUNCTION tanamori_towns() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(string_to_array(nullif(current_setting('tanamori.towns', true), ''), ',')::bigint[], '{}') $$;

-- Row-level security of a tenant table. The setting is read in a sub-select, once per statement instead of once per row.
-- +goose StatementBegin
CREATE PROCEDURE tanamori_isolate(t regclass, key text DEFAULT 'tenant_id') LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
  EXECUTE format('CREATE POLICY towns ON %s TO tanamori_town, tanamori_host
    USING (%I = ANY ((SELECT tanamori_towns())::bigint[])) WITH CHECK (%I = ANY ((SELECT tanamori_towns())::bigint[]))', t, key, key);
END $$;
-- +goose StatementEnd

-- Opens a tenant table to a role that serves every town at once (the pipeline's jobs, signing in, the check-in door).
-- +goose StatementBegin
CREATE PROCEDURE tanamori_serve(t regclass, r text, rights text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY %I ON %s TO %I USING (true) WITH CHECK (true)', 'all_towns_' || r, t, r);
  EXECUTE format('GRANT %s ON %s TO %I', rights, t, r);
END $$;
-- +goose StatementEnd

-- Ledgers are append-only. Columns named in the trigger's arguments may be filled in once, while they are empty (a queue's
-- mark, an attempt's end); everything else is refused, whoever asks.
-- +goose StatementBegin
CREATE FUNCTION tanamori_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE o jsonb; n jsonb; a text;
BEGIN
  IF TG_OP = 'UPDATE' AND TG_NARGS > 0 THEN
    o := to_jsonb(OLD); n := to_jsonb(NEW);
    FOREACH a IN ARRAY TG_ARGV LOOP
      IF coalesce(o ->> a, '') = '' THEN o := o - a; n := n - a; END IF;
    END LOOP;
    IF o = n THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE PROCEDURE tanamori_append_only(t regclass, VARIADIC except_columns text[] DEFAULT '{}') LANGUAGE plpgsql AS $$
DECLARE args text := (SELECT coalesce(string_agg(quote_literal(c), ','), '') FROM unnest(except_columns) c);
BEGIN
  EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION tanamori_refuse(%s)', t, args);
  EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION tanamori_refuse()', t);
END $$;
-- +goose StatementEnd

-- One row: what this installation keeps for itself. The secret signs the links in mails.
CREATE TABLE installation (
  id      integer PRIMARY KEY CHECK (id = 1),
  secret  bytea   NOT NULL CHECK (octet_length(secret) = 32)
);
INSERT INTO installation (id, secret)
VALUES (1, decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
GRANT SELECT ON installation TO tanamori_gate, tanamori_job;

-- A host and its towns under one agreement (事務委託規約).
CREATE TABLE consortium (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text        NOT NULL CHECK (name <> ''),
  demo       boolean     NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL
);

-- 団体: one municipality in one consortium.
CREATE TABLE tenant (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consortium_id bigint NOT NULL REFERENCES consortium,
  code          text   NOT NULL CONSTRAINT tenant_code_digits CHECK (code ~ '^[0-9]{6}$'),
  kind          text   NOT NULL CHECK (kind IN ('host', 'member')),
  name          text   NOT NULL CHECK (name <> ''),
  kana          text   NOT NULL,
  zone          text   NOT NULL,
  joined_on     date   NOT NULL,
  left_on       date   CONSTRAINT tenant_left_after_joined CHECK (left_on >= joined_on),
  search        text   NOT NULL,
  ping_key      text   NOT NULL CONSTRAINT tenant_ping_key UNIQUE CHECK (ping_key ~ '^[A-Za-z0-9_-]{22}$'),
  created_at    timestamptz NOT NULL,
  CONSTRAINT tenant_code UNIQUE (consortium_id, code)
);
CREATE UNIQUE INDEX tenant_one_host ON tenant (consortium_id) WHERE kind = 'host';
CALL tanamori_isolate('tenant', 'id');
-- A new town is not yet in the list of the transaction that adds it; the host may insert, and sees it from the next one on.
CREATE POLICY join_consortium ON tenant FOR INSERT TO tanamori_host
  WITH CHECK (consortium_id = (SELECT nullif(current_setting('tanamori.consortium', true), '')::bigint));
GRANT SELECT ON tenant TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON tenant TO tanamori_host;
GRANT SELECT ON SEQUENCE tenant_id_seq TO tanamori_host; -- currval: the new town's id, whose row it cannot read back
CALL tanamori_serve('tenant', 'tanamori_job', 'SELECT');
CALL tanamori_serve('tenant', 'tanamori_gate', 'SELECT');
CALL tanamori_serve('tenant', 'tanamori_ingest', 'SELECT');

ALTER TABLE consortium ENABLE ROW LEVEL SECURITY;
ALTER TABLE consortium FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON consortium TO tanamori_town, tanamori_host
  USING (id = (SELECT nullif(current_setting('tanamori.consortium', true), '')::bigint));
GRANT SELECT ON consortium TO tanamori_town, tanamori_host;
CALL tanamori_serve('consortium', 'tanamori_job', 'SELECT');
CALL tanamori_serve('consortium', 'tanamori_gate', 'SELECT');

-- People are disabled, never deleted. A login is one over the whole installation: the sign-in page asks for nothing else.
CREATE TABLE person (
  tenant_id     bigint NOT NULL REFERENCES tenant,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  login         text   NOT NULL CONSTRAINT person_login_shape CHECK (login ~ '^[a-z0-9][a-z0-9._-]{1,63}$'),
  name          text   NOT NULL CHECK (name <> ''),
  lang          text   NOT NULL DEFAULT 'ja' CHECK (lang IN ('ja', 'en')),
  password_hash text   NOT NULL,
  created_at    timestamptz NOT NULL,
  disabled_at   timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT person_login UNIQUE (login)
);
CALL tanamori_isolate('person');
GRANT SELECT ON person TO tanamori_town;
GRANT UPDATE (password_hash, lang) ON person TO tanamori_town; -- of oneself
GRANT SELECT, INSERT, UPDATE ON person TO tanamori_host;
CALL tanamori_serve('person', 'tanamori_gate', 'SELECT');

-- The post (職) a person holds in an organisation; the permit table speaks of posts.
CREATE TABLE post (
  tenant_id  bigint NOT NULL,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  person_id  bigint NOT NULL,
  kind       text   NOT NULL CHECK (kind IN ('host_admin', 'operator', 'facility', 'auditor', 'town')),
  title      text   NOT NULL,
  from_on    date   NOT NULL,
  until_on   date   CHECK (until_on >= from_on),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES person
);
CREATE INDEX post_person ON post (tenant_id, person_id);
CALL tanamori_isolate('post');
GRANT SELECT ON post TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON post TO tanamori_host;
CALL tanamori_serve('post', 'tanamori_gate', 'SELECT');

-- Sessions (scs). No tenant: a token is all that is known before it is read.
CREATE TABLE sessions (
  token  text PRIMARY KEY,
  data   bytea NOT NULL,
  expiry timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry);
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO tanamori_app;

-- Bearer tokens: only their SHA-256 is kept, and the first characters to recognise one by.
CREATE TABLE api_token (
  tenant_id    bigint NOT NULL,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  person_id    bigint NOT NULL,
  name         text   NOT NULL CHECK (name <> ''),
  prefix       text   NOT NULL,
  hash         bytea  NOT NULL CONSTRAINT api_token_hash UNIQUE,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  last_used_at timestamptz,
  last_used_from text,
  revoked_at   timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES person
);
CREATE INDEX api_token_person ON api_token (tenant_id, person_id);
CALL tanamori_isolate('api_token');
GRANT SELECT, INSERT, UPDATE ON api_token TO tanamori_town, tanamori_host;
CALL tanamori_serve('api_token', 'tanamori_gate', 'SELECT, INSERT, UPDATE');

-- 操作履歴: one line an act, in the act's own transaction.
CREATE TABLE operation_log (
  tenant_id   bigint NOT NULL REFERENCES tenant,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  at          timestamptz NOT NULL,
  actor_id    bigint,
  actor       text   NOT NULL,
  post        text   NOT NULL,
  act         text   NOT NULL,
  object      text   NOT NULL,
  object_id   bigint,
  before      jsonb,
  after       jsonb,
  request_id  text   NOT NULL,
  remote      text   NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX operation_log_at ON operation_log (tenant_id, at DESC, id DESC);
CALL tanamori_isolate('operation_log');
CALL tanamori_append_only('operation_log');
GRANT SELECT, INSERT ON operation_log TO tanamori_town, tanamori_host;
CALL tanamori_serve('operation_log', 'tanamori_job', 'INSERT');
CALL tanamori_serve('operation_log', 'tanamori_gate', 'INSERT');

-- Answers already given to a POST that carried an Idempotency-Key.
CREATE TABLE idempotency (
  tenant_id   bigint NOT NULL,
  person_id   bigint NOT NULL,
  key         text   NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  fingerprint bytea  NOT NULL,
  status      integer,
  body        bytea,
  at          timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, person_id, key),
  FOREIGN KEY (tenant_id, person_id) REFERENCES person
);
CREATE INDEX idempotency_at ON idempotency (at);
CALL tanamori_isolate('idempotency');
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency TO tanamori_town, tanamori_host;
CALL tanamori_serve('idempotency', 'tanamori_job', 'SELECT, DELETE');
