-- Signing in: each use of the console from sign-in to sign-out, second factors, how often somebody guesses, and what an
-- organisation asks of its people.
-- +goose Up

-- An issued password is for the first sign-in alone: the person chooses their own then.
ALTER TABLE person ADD COLUMN issued boolean NOT NULL DEFAULT false;
GRANT UPDATE (issued) ON person TO tanamori_town;

-- What an organisation asks of its people; without a row the values that the column defaults name.
CREATE TABLE sign_in_policy (
  tenant_id     bigint  NOT NULL REFERENCES tenant,
  idle_minutes  integer NOT NULL DEFAULT 10 CHECK (idle_minutes BETWEEN 1 AND 60),
  whole_hours   integer NOT NULL DEFAULT 12 CHECK (whole_hours BETWEEN 1 AND 24),
  second_factor boolean NOT NULL DEFAULT false,
  hours_from    integer NOT NULL DEFAULT 420 CHECK (hours_from BETWEEN 0 AND 1439),    -- minutes of the day, in the town's zone
  hours_until   integer NOT NULL DEFAULT 1200 CHECK (hours_until BETWEEN 1 AND 1440),
  PRIMARY KEY (tenant_id),
  CONSTRAINT sign_in_policy_hours CHECK (hours_from < hours_until)
);
CALL tanamori_isolate('sign_in_policy');
GRANT SELECT ON sign_in_policy TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON sign_in_policy TO tanamori_host;
CALL tanamori_serve('sign_in_policy', 'tanamori_gate', 'SELECT');

-- 使用の記録: one row from sign-in to sign-out. The session's own store knows it by its id; ending it here ends the session.
CREATE TABLE sign_in (
  tenant_id    bigint NOT NULL,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  person_id    bigint NOT NULL,
  way          text   NOT NULL CHECK (way IN ('password', 'totp', 'recovery', 'passkey', 'sso')),
  began_at     timestamptz NOT NULL,
  seen_at      timestamptz NOT NULL,
  confirmed_at timestamptz NOT NULL, -- when the person last proved who they are
  remote       text   NOT NULL,
  agent        text   NOT NULL,
  off_hours    boolean NOT NULL,
  ended_at     timestamptz,
  ended_why    text CHECK (ended_why IN ('signed_out', 'idle', 'whole', 'revoked', 'password')),
  ended_by     text,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES person,
  CHECK ((ended_at IS NULL) = (ended_why IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX sign_in_person ON sign_in (tenant_id, person_id, id DESC);
CREATE INDEX sign_in_newest ON sign_in (id); -- over the many towns of a large host
CREATE INDEX sign_in_off_hours ON sign_in (began_at) WHERE off_hours;
CALL tanamori_isolate('sign_in');
GRANT SELECT ON sign_in TO tanamori_town, tanamori_host;
GRANT UPDATE (ended_at, ended_why, ended_by) ON sign_in TO tanamori_town, tanamori_host;
CALL tanamori_serve('sign_in', 'tanamori_gate', 'SELECT, INSERT, UPDATE');
CALL tanamori_serve('sign_in', 'tanamori_job', 'SELECT');

-- Authenticator apps (RFC 6238). Only the gate reads secrets; the step of the last code is kept so that none works twice.
CREATE TABLE totp (
  tenant_id  bigint NOT NULL,
  person_id  bigint NOT NULL,
  secret     bytea  NOT NULL CHECK (octet_length(secret) = 20),
  last_step  bigint NOT NULL,
  added_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, person_id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES person
);
CALL tanamori_isolate('totp');
GRANT SELECT (tenant_id, person_id, added_at), DELETE ON totp TO tanamori_town, tanamori_host;
GRANT INSERT ON totp TO tanamori_town, tanamori_host;
CALL tanamori_serve('totp', 'tanamori_gate', 'SELECT, UPDATE');

-- Passkeys (WebAuthn): the credential as its library keeps it, public key and counters; no secret.
CREATE TABLE passkey (
  tenant_id    bigint NOT NULL,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  person_id    bigint NOT NULL,
  name         text   NOT NULL CHECK (name <> ''),
  handle       bytea  NOT NULL CONSTRAINT passkey_handle UNIQUE,
  credential   jsonb  NOT NULL,
  added_at     timestamptz NOT NULL,
  last_used_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES person
);
CREATE INDEX passkey_person ON passkey (tenant_id, person_id);
CALL tanamori_isolate('passkey');
GRANT SELECT, INSERT, DELETE ON passkey TO tanamori_town, tanamori_host;
CALL tanamori_serve('passkey', 'tanamori_gate', 'SELECT, UPDATE');

-- Codes for whoever lost the second factor: each works once. Kept by Argon2id: the salt of a person's codes, then the hash.
CREATE TABLE recovery_code (
  tenant_id bigint NOT NULL,
  id        bigint GENERATED ALWAYS AS IDENTITY,
  person_id bigint NOT NULL,
  hash      bytea  NOT NULL,
  made_at   timestamptz NOT NULL,
  used_at   timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES person
);
CREATE INDEX recovery_code_person ON recovery_code (tenant_id, person_id);
CALL tanamori_isolate('recovery_code');
GRANT SELECT, INSERT, DELETE ON recovery_code TO tanamori_town, tanamori_host;
CALL tanamori_serve('recovery_code', 'tanamori_gate', 'SELECT, UPDATE');

-- How often somebody failed to sign in, by login, by address and by both, each under a hash made with the installation's
-- secret. No tenant: a login that nobody has counts as well.
CREATE TABLE sign_in_wait (
  key      bytea   PRIMARY KEY,
  town     bigint,          -- whose login is tried; NULL where nobody has it, and for an address
  kind     text    NOT NULL CHECK (kind IN ('login', 'address', 'both')),
  fails    integer NOT NULL,
  since    timestamptz NOT NULL,
  last_at  timestamptz NOT NULL,
  until_at timestamptz NOT NULL
);
CREATE INDEX sign_in_wait_last ON sign_in_wait (last_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_wait TO tanamori_gate;
GRANT SELECT ON sign_in_wait TO tanamori_job;
