-- Posts in several organisations, each by an appointment (任命) or designation (指定) with its document and its scope of work
-- (事務の範囲); ex officio posts (充て職) that go with an office; the register of all of it; tokens of machines and of some acts.
-- +goose Up

-- A machine has posts and tokens as a person has them, and no sign-in.
ALTER TABLE person ADD COLUMN machine boolean NOT NULL DEFAULT false;

-- 役職: an office of an organisation, which somebody holds at a time.
CREATE TABLE office (
  tenant_id  bigint NOT NULL REFERENCES tenant,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  name       text   NOT NULL CHECK (name <> ''),
  created_at timestamptz NOT NULL,
  retired_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX office_name ON office (tenant_id, name) WHERE retired_at IS NULL;
CALL tanamori_isolate('office');
GRANT SELECT ON office TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON office TO tanamori_host;

-- Who held an office from when until when; one at a time.
CREATE TABLE office_holder (
  tenant_id   bigint NOT NULL,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  office_id   bigint NOT NULL,
  person_id   bigint NOT NULL,
  from_on     date   NOT NULL,
  until_on    date   CHECK (until_on >= from_on),
  document    text   NOT NULL DEFAULT '',
  document_on date,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, office_id) REFERENCES office,
  FOREIGN KEY (tenant_id, person_id) REFERENCES person
);
CREATE UNIQUE INDEX office_holder_from ON office_holder (tenant_id, office_id, from_on);
CREATE UNIQUE INDEX office_holder_open ON office_holder (tenant_id, office_id) WHERE until_on IS NULL;
CREATE INDEX office_holder_person ON office_holder (tenant_id, person_id);
CALL tanamori_isolate('office_holder');
GRANT SELECT ON office_holder TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON office_holder TO tanamori_host;

-- 充て職: a post that whoever holds the office holds too.
CREATE TABLE office_post (
  tenant_id  bigint NOT NULL,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  office_id  bigint NOT NULL,
  kind       text   NOT NULL CHECK (kind IN ('host_admin', 'operator', 'facility', 'auditor', 'town')),
  title      text   NOT NULL,
  held_at    bigint, -- as in post
  manner     text   NOT NULL CHECK (manner IN ('appointment', 'designation')),
  acts       text[]   NOT NULL DEFAULT '{}',
  towns      bigint[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  retired_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, office_id) REFERENCES office
);
CREATE INDEX office_post_office ON office_post (tenant_id, office_id);
CALL tanamori_isolate('office_post');
GRANT SELECT ON office_post TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON office_post TO tanamori_host;

-- A post stays a row of the person's own organisation: their sign-in reads one town. held_at is the organisation in which
-- it is held where that is another one; no link, for a link never leaves a town: the act that writes it has permission in
-- both. acts and towns are its scope; empty: all that the post allows.
ALTER TABLE post
  ADD COLUMN held_at         bigint,
  ADD COLUMN office_post_id  bigint,
  ADD COLUMN manner          text NOT NULL DEFAULT 'appointment' CHECK (manner IN ('appointment', 'designation')),
  ADD COLUMN appointed_by_id bigint,
  ADD COLUMN appointed_by    text NOT NULL DEFAULT '',
  ADD COLUMN document        text NOT NULL DEFAULT '',
  ADD COLUMN document_on     date,
  ADD COLUMN acts            text[]   NOT NULL DEFAULT '{}',
  ADD COLUMN towns           bigint[] NOT NULL DEFAULT '{}',
  ADD COLUMN withdrawn_at    timestamptz, -- before it began
  ADD FOREIGN KEY (tenant_id, office_post_id) REFERENCES office_post;
CREATE INDEX post_office ON post (tenant_id, office_post_id) WHERE office_post_id IS NOT NULL;

-- 任命簿・取扱者指定簿: what became of each post, in the rows of the organisation in which it is held and in words that need
-- no other town's rows. home is the organisation that the person belongs to.
CREATE TABLE appointment (
  tenant_id       bigint NOT NULL REFERENCES tenant,
  id              bigint GENERATED ALWAYS AS IDENTITY,
  recorded_at     timestamptz NOT NULL,
  event           text   NOT NULL CHECK (event IN ('begun', 'changed', 'ended', 'withdrawn', 'carried')),
  home_id         bigint NOT NULL,
  home            text   NOT NULL,
  person_id       bigint NOT NULL,
  person          text   NOT NULL,
  post_id         bigint NOT NULL,
  kind            text   NOT NULL,
  title           text   NOT NULL,
  office          text   NOT NULL DEFAULT '',
  manner          text   NOT NULL,
  from_on         date   NOT NULL,
  until_on        date,
  appointed_by_id bigint,
  appointed_by    text   NOT NULL,
  document        text   NOT NULL,
  document_on     date,
  scope           jsonb  NOT NULL,
  by_id           bigint,
  by_text         text   NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX appointment_post ON appointment (tenant_id, home_id, post_id, id DESC);
CREATE INDEX appointment_until ON appointment (until_on) WHERE until_on IS NOT NULL;
CALL tanamori_isolate('appointment');
CALL tanamori_append_only('appointment');
GRANT SELECT ON appointment TO tanamori_town;
GRANT SELECT, INSERT ON appointment TO tanamori_host;
CALL tanamori_serve('appointment', 'tanamori_job', 'SELECT, DELETE');
INSERT INTO record_kind (kind, position, series, recorded, columns, settled, free, along, act, default_years, least_years) VALUES
  ('appointment', 160, 'appointment', 'recorded_at',
   '{id,recorded_at,event,home_id,home,person_id,person,post_id,kind,title,office,manner,from_on,until_on,appointed_by_id,appointed_by,document,document_on,scope,by_id,by_text}',
   'true', -- what says that a post goes on stays until something says that it ended
   't.until_on IS NOT NULL OR t.event = ''withdrawn'' OR EXISTS (SELECT FROM appointment c WHERE c.tenant_id = t.tenant_id AND c.home_id = t.home_id AND c.post_id = t.post_id AND c.id > t.id)',
   '', 'appointment.read', 10, 1);

-- Every post that there is becomes an appointment without a document. When it was put down is not known; the person was
-- then.
INSERT INTO appointment (tenant_id, recorded_at, event, home_id, home, person_id, person, post_id, kind, title, manner, from_on, until_on,
  appointed_by, document, scope, by_text)
SELECT o.tenant_id, p.created_at, 'carried', o.tenant_id, t.name, p.id, p.name, o.id, o.kind, o.title, 'appointment', o.from_on, o.until_on,
  '', '', '{"acts": [], "towns": []}', '棚守'
FROM post o JOIN person p ON p.tenant_id = o.tenant_id AND p.id = o.person_id JOIN tenant t ON t.id = o.tenant_id ORDER BY o.id;

-- A message that there is no incident behind: posts whose end is near.
ALTER TABLE notice DROP CONSTRAINT notice_kind_check;
ALTER TABLE notice ADD CONSTRAINT notice_kind_check CHECK (kind IN ('opened', 'repeated', 'reopened', 'resolved', 'reminded')) NOT VALID;

-- How many days ahead the end of a post is told of, by the host's own row.
ALTER TABLE tenant ADD COLUMN post_reminder_days integer NOT NULL DEFAULT 30 CHECK (post_reminder_days BETWEEN 0 AND 180);

-- What a token may do of what its owner may: empty, all of it.
ALTER TABLE api_token
  ADD COLUMN acts  text[]   NOT NULL DEFAULT '{}',
  ADD COLUMN towns bigint[] NOT NULL DEFAULT '{}';
