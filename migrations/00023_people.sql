-- Two persons at the passwords of the console (RK 第8条), what identifies somebody at a provider of single sign-on, hand-overs
-- that are taken back before their day, one waiting proposal for one request, and how long all of that is kept.
-- +goose Up

-- 個別パスワードの付与等の記録: who asked for a password, for a second factor to be taken off or for somebody to be let in
-- again, why, and who the second person was. how: 'present' proved who they are at the same screen, 'confirmed' from a session
-- of their own (照合), 'alone' where the town asks for nobody, 'opened' by the management password.
CREATE TABLE password_event (
  tenant_id   bigint NOT NULL,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  at          timestamptz NOT NULL,
  kind        text   NOT NULL CHECK (kind IN ('issued', 'factors', 'enabled', 'restored')),
  person_id   bigint NOT NULL,
  person      text   NOT NULL,
  reason      text   NOT NULL,
  by_id       bigint,
  by_text     text   NOT NULL,
  how         text   NOT NULL CHECK (how IN ('present', 'confirmed', 'alone', 'opened')),
  second_id   bigint,
  second_text text   NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, person_id) REFERENCES person,
  CONSTRAINT password_event_two_persons CHECK ((how = 'alone') = (second_id IS NULL) AND second_id IS DISTINCT FROM coalesce(by_id, 0))
);
CREATE INDEX password_event_newest ON password_event (id); -- over the many towns of a large host
CALL tanamori_isolate('password_event');
CALL tanamori_append_only('password_event');
GRANT SELECT, INSERT ON password_event TO tanamori_host;
CALL tanamori_serve('password_event', 'tanamori_job', 'SELECT, DELETE');

-- 管理パスワード: the one that restores access where no administrator can come in any more. Its envelope is in custody, here is
-- its hash, which only the gate reads. Used once it is spent; told_at: the incident about that is open.
CREATE TABLE management_password (
  tenant_id     bigint PRIMARY KEY REFERENCES tenant,
  credential_id bigint NOT NULL,
  hash          text   NOT NULL,
  set_at        timestamptz NOT NULL,
  spent_at      timestamptz,
  spent_by      text   NOT NULL DEFAULT '',
  told_at       timestamptz,
  FOREIGN KEY (tenant_id, credential_id) REFERENCES credential
);
CREATE INDEX management_password_untold ON management_password (tenant_id) WHERE (spent_at IS NULL) <> (told_at IS NULL);
CALL tanamori_isolate('management_password');
GRANT SELECT (tenant_id, credential_id, set_at, spent_at, spent_by, told_at), INSERT, UPDATE ON management_password TO tanamori_host;
CALL tanamori_serve('management_password', 'tanamori_gate', 'SELECT');
CALL tanamori_serve('management_password', 'tanamori_job', 'SELECT');
GRANT UPDATE (told_at) ON management_password TO tanamori_job;

-- Who somebody is at a provider of single sign-on: what never changes hands there (OpenID Connect's issuer and sub), kept at
-- the first sign-in. refused_at: another one has come under the same name.
CREATE TABLE person_subject (
  tenant_id  bigint NOT NULL,
  person_id  bigint NOT NULL,
  issuer     text   NOT NULL,
  subject    text   NOT NULL,
  bound_at   timestamptz NOT NULL,
  refused_at timestamptz,
  PRIMARY KEY (tenant_id, person_id, issuer),
  CONSTRAINT person_subject_one UNIQUE (issuer, subject),
  FOREIGN KEY (tenant_id, person_id) REFERENCES person
);
CREATE INDEX person_subject_refused ON person_subject (refused_at) WHERE refused_at IS NOT NULL;
CALL tanamori_isolate('person_subject');
GRANT SELECT (tenant_id, person_id, issuer, bound_at), DELETE ON person_subject TO tanamori_town, tanamori_host;
CALL tanamori_serve('person_subject', 'tanamori_gate', 'SELECT, INSERT, UPDATE');
CALL tanamori_serve('person_subject', 'tanamori_job', 'SELECT');

-- sso_strong: the provider said that it had asked for as much as is required. factor_at: when a second factor was last shown.
ALTER TABLE sign_in DROP CONSTRAINT sign_in_way_check;
ALTER TABLE sign_in ADD CONSTRAINT sign_in_way_check
  CHECK (way IN ('password', 'totp', 'recovery', 'passkey', 'sso', 'sso_strong', 'sso_totp', 'sso_recovery')) NOT VALID;
ALTER TABLE sign_in ADD COLUMN factor_at timestamptz;
GRANT UPDATE (factor_at) ON sign_in TO tanamori_town, tanamori_host; -- who sets a factor up has shown it
UPDATE sign_in SET factor_at = began_at WHERE way IN ('totp', 'passkey') AND ended_at IS NULL;

-- The job writes down when a use ended by itself: what is settled can be bound.
CREATE INDEX sign_in_open ON sign_in (tenant_id, id) WHERE ended_at IS NULL;
GRANT UPDATE (ended_at, ended_why, ended_by) ON sign_in TO tanamori_job;
GRANT DELETE ON sign_in TO tanamori_job;
CALL tanamori_serve('sign_in_policy', 'tanamori_job', 'SELECT');

-- A hand-over can be taken back before its day. former_id: whose time it ended.
ALTER TABLE office_holder
  ADD COLUMN former_id    bigint,
  ADD COLUMN withdrawn_at timestamptz,
  ADD COLUMN withdrawn_by text NOT NULL DEFAULT '',
  ADD FOREIGN KEY (tenant_id, former_id) REFERENCES office_holder;
UPDATE office_holder h SET former_id = f.id FROM office_holder f
WHERE f.tenant_id = h.tenant_id AND f.office_id = h.office_id AND f.until_on = h.from_on - 1;
DROP INDEX office_holder_from, office_holder_open;
CREATE UNIQUE INDEX office_holder_from ON office_holder (tenant_id, office_id, from_on) WHERE withdrawn_at IS NULL;
CREATE UNIQUE INDEX office_holder_open ON office_holder (tenant_id, office_id) WHERE until_on IS NULL AND withdrawn_at IS NULL;

-- The same request of the same person waits once. What waits from before has no digest.
ALTER TABLE proposal ADD COLUMN digest bytea CHECK (octet_length(digest) = 32);
CREATE UNIQUE INDEX proposal_waiting_once ON proposal (tenant_id, by_tenant, by_person, digest) WHERE state = 'waiting';
CALL tanamori_serve('proposal', 'tanamori_job', 'SELECT, DELETE');

-- Whether anybody is left who could confirm is asked once a minute.
CALL tanamori_serve('second_person', 'tanamori_job', 'SELECT');
CALL tanamori_serve('person', 'tanamori_job', 'SELECT (tenant_id, id, machine, disabled_at)');
CALL tanamori_serve('post', 'tanamori_job', 'SELECT');

-- Who used the console and who asked for what change belong to the operation history: seven years, as KD 第17条第2項 says of it.
-- A proposal's lines may tell more than its town's staff may read, so it is read by whoever reads the log.
INSERT INTO record_kind (kind, position, series, recorded, columns, settled, free, along, act, default_years, least_years) VALUES
  ('sign_in', 80, 'sign_in', 'began_at', '{id,person_id,way,began_at,seen_at,remote,agent,off_hours,ended_at,ended_why,ended_by}', 't.ended_at IS NOT NULL', 'true', '',
    'sign_in.read', 7, 7),
  ('proposal', 81, 'proposal', 'at',
    '{id,acts,towns,lines,method,uri,content_type,body,by_tenant,by_person,by_text,at,state,decided_by,decided_text,decided_at,reason}',
    't.state <> ''waiting''', 'true', '', 'operation_log.read', 7, 7),
  ('password_event', 82, 'password', 'at', '{id,at,kind,person_id,person,reason,by_id,by_text,how,second_id,second_text}', 'true', 'true', '', 'person.read', 7, 7);
CREATE TRIGGER kept BEFORE DELETE ON sign_in FOR EACH ROW EXECUTE FUNCTION tanamori_keep('sign_in', 'id');
CREATE TRIGGER kept BEFORE DELETE ON proposal FOR EACH ROW EXECUTE FUNCTION tanamori_keep('proposal', 'id');
CALL tanamori_gather('password_event', 'at', 'person.read');
CALL tanamori_gather('sign_in', 'ended_at', 'sign_in.read', columns => '{id,person_id,way,began_at,remote,agent,off_hours,ended_at,ended_why,ended_by}', settled => 't.ended_at IS NOT NULL');
CALL tanamori_gather('proposal', 'decided_at', 'operation_log.read',
  columns => '{id,acts,towns,lines,by_tenant,by_person,by_text,at,state,decided_by,decided_text,decided_at,reason}', settled => 't.state <> ''waiting''');
