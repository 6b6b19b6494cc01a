-- Custody of the passwords that start servers and that manage others' passwords (起動用パスワード, 管理パスワード): which there
-- are, in which sealed envelope they lie where, and everything that happened to them. A password itself is kept nowhere here.
-- Only the host holds them; its towns are granted nothing.
-- +goose Up

-- Where each stands now; the events say how it came there. due_on is when it must be changed, opened whether the seal is
-- broken.
CREATE TABLE credential (
  tenant_id     bigint  NOT NULL REFERENCES tenant,
  id            bigint  GENERATED ALWAYS AS IDENTITY,
  kind          text    NOT NULL CHECK (kind IN ('startup', 'management', 'other')),
  name          text    NOT NULL CHECK (name <> ''),
  applies_to    text    NOT NULL CHECK (applies_to <> ''),
  rotate_months integer NOT NULL CHECK (rotate_months BETWEEN 1 AND 12),
  open_days     integer NOT NULL CHECK (open_days BETWEEN 1 AND 90),
  envelope      text    NOT NULL,
  place         text    NOT NULL,
  opened        boolean NOT NULL DEFAULT false,
  set_at        timestamptz NOT NULL,
  set_by        text    NOT NULL,
  due_on        date    NOT NULL,
  duty_id       bigint,
  created_at    timestamptz NOT NULL,
  retired_at    timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, duty_id) REFERENCES duty
);
CREATE UNIQUE INDEX credential_name ON credential (tenant_id, kind, name) WHERE retired_at IS NULL;
CALL tanamori_isolate('credential');
GRANT SELECT, INSERT, UPDATE ON credential TO tanamori_host;
CALL tanamori_serve('credential', 'tanamori_job', 'SELECT');

-- The ledger. by did it, witness is another person who was there; recorded_by wrote it down and is one of the two. A
-- correction says what the event it corrects should have said; a text that it leaves empty was right.
CREATE TABLE credential_event (
  tenant_id     bigint NOT NULL,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  credential_id bigint NOT NULL,
  kind          text   NOT NULL CHECK (kind IN ('set', 'opened', 'resealed', 'changed', 'retired', 'corrected')),
  occurred_at   timestamptz NOT NULL,
  recorded_at   timestamptz NOT NULL,
  by_id         bigint NOT NULL,
  by_text       text   NOT NULL,
  witness_id    bigint NOT NULL,
  witness_text  text   NOT NULL,
  recorded_by   text   NOT NULL,
  envelope      text   NOT NULL DEFAULT '',
  place         text   NOT NULL DEFAULT '',
  reason        text   NOT NULL DEFAULT '',
  corrects_id   bigint,
  corrected     text   NOT NULL DEFAULT '', -- the reason that the corrected event should have given
  taken_at      timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, credential_id) REFERENCES credential,
  FOREIGN KEY (tenant_id, by_id) REFERENCES person,
  FOREIGN KEY (tenant_id, witness_id) REFERENCES person,
  FOREIGN KEY (tenant_id, corrects_id) REFERENCES credential_event,
  CONSTRAINT credential_event_two_persons CHECK (by_id <> witness_id),
  CHECK ((kind = 'corrected') = (corrects_id IS NOT NULL))
);
CREATE INDEX credential_event_of ON credential_event (tenant_id, credential_id, id);
CREATE INDEX credential_event_untaken ON credential_event (id) WHERE kind = 'changed' AND taken_at IS NULL;
CALL tanamori_isolate('credential_event');
CALL tanamori_append_only('credential_event', 'taken_at');
GRANT SELECT, INSERT ON credential_event TO tanamori_host;
CALL tanamori_serve('credential_event', 'tanamori_job', 'SELECT, DELETE');
GRANT UPDATE (taken_at) ON credential_event TO tanamori_job;

-- What happened since the password was last changed is needed, however long ago that was.
INSERT INTO record_kind (kind, position, series, recorded, columns, settled, free, along, act, default_years, least_years) VALUES
  ('credential_event', 70, 'custody', 'recorded_at',
    '{id,credential_id,kind,occurred_at,recorded_at,by_id,by_text,witness_id,witness_text,recorded_by,envelope,place,reason,corrects_id,corrected}', 'true',
    '(EXISTS (SELECT FROM credential c WHERE c.tenant_id = t.tenant_id AND c.id = t.credential_id AND c.retired_at IS NOT NULL)
      OR EXISTS (SELECT FROM credential_event n WHERE n.tenant_id = t.tenant_id AND n.credential_id = t.credential_id AND n.kind = ''changed'' AND n.id > t.id))
     AND NOT EXISTS (SELECT FROM credential_event n WHERE n.tenant_id = t.tenant_id AND n.credential_id = t.credential_id AND n.corrects_id = t.id)',
    '', 'custody.read', 7, 1);

-- What stands in the log of evidence is all but the queue's mark.
CALL tanamori_gather('credential_event', 'recorded_at', 'custody.read',
  columns => '{id,credential_id,kind,occurred_at,recorded_at,by_id,by_text,witness_id,witness_text,recorded_by,envelope,place,reason,corrects_id,corrected}');
