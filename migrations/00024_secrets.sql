-- Secrets are kept locked: AES-256-GCM under a key that lies outside the database (tenants/vault, docs/security.md).
-- +goose Up

-- Under which keys values are locked: the first bytes of each key's hash. The newest locks. A node that does not hold all of
-- them is not ready.
CREATE TABLE vault_key (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key_id text   NOT NULL CONSTRAINT vault_key_once UNIQUE CHECK (key_id ~ '^[0-9a-f]{16}$'),
  since  timestamptz NOT NULL
);
GRANT SELECT ON vault_key TO tanamori_town, tanamori_host, tanamori_gate;
GRANT SELECT, INSERT, DELETE ON vault_key TO tanamori_job;

-- What has to be kept locked of a town: which kind, and the id of the row it belongs to. Of locked bytes people's roles
-- can add some and take their own authenticator app's off, and read none.
CREATE TABLE vault (
  tenant_id bigint NOT NULL REFERENCES tenant,
  kind      text   NOT NULL CHECK (kind IN ('totp', 'tlog_key')),
  id        bigint NOT NULL,
  key_id    text   NOT NULL,
  value     bytea  NOT NULL CHECK (octet_length(value) BETWEEN 28 AND 8192),
  PRIMARY KEY (tenant_id, kind, id)
);
CALL tanamori_isolate('vault');
GRANT SELECT (tenant_id, kind, id), INSERT, DELETE ON vault TO tanamori_town, tanamori_host;
CREATE POLICY apps_alone ON vault AS RESTRICTIVE FOR DELETE TO tanamori_town, tanamori_host USING (kind = 'totp');
CALL tanamori_serve('vault', 'tanamori_job', 'SELECT, INSERT, UPDATE, DELETE');
CREATE POLICY apps ON vault TO tanamori_gate USING (kind = 'totp') WITH CHECK (kind = 'totp');
GRANT SELECT, INSERT, DELETE ON vault TO tanamori_gate;

-- The installation's own secrets, locked likewise. The newest signs the links in mails; one that was replaced proves them
-- until until_at.
CREATE TABLE installation_secret (
  id       bigint PRIMARY KEY,
  key_id   text   NOT NULL,
  value    bytea  NOT NULL,
  made_at  timestamptz NOT NULL,
  until_at timestamptz
);
GRANT SELECT ON installation_secret TO tanamori_gate;
GRANT SELECT, INSERT, UPDATE, DELETE ON installation_secret TO tanamori_job;

-- What stood in clear moves into the vault (the job enclose) as soon as no node of a version runs that would look for it here.
ALTER TABLE heartbeat ADD COLUMN vault boolean NOT NULL DEFAULT false; -- of a version that knows the vault
ALTER TABLE totp ALTER COLUMN secret DROP NOT NULL;
CREATE INDEX totp_clear ON totp (tenant_id) WHERE secret IS NOT NULL;
ALTER TABLE installation ALTER COLUMN secret DROP NOT NULL;
GRANT UPDATE (secret) ON installation TO tanamori_job;
CREATE INDEX tlog_key_clear ON tlog_key (tenant_id) WHERE signer <> '';
GRANT UPDATE (signer) ON tlog_key TO tanamori_job;

-- The secret half of a key may be emptied; everything else of it stays.
DROP TRIGGER append_only ON tlog_key;
-- +goose StatementBegin
CREATE FUNCTION tanamori_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.signer = '' AND to_jsonb(OLD) - 'signer' = to_jsonb(NEW) - 'signer' THEN RETURN NEW; END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tlog_key FOR EACH ROW EXECUTE FUNCTION tanamori_emptied();
