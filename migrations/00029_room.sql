-- Entering and leaving the controlled areas: who may, who asked to, who wears which badge, who is inside, and that the room is
-- locked when nobody is.
-- +goose Up

-- How an area is watched, and how it stands. The minutes are the host's own (運用上).
CREATE TABLE room (
  tenant_id    bigint  NOT NULL,
  area_id      bigint  NOT NULL,
  lock_minutes integer NOT NULL CHECK (lock_minutes BETWEEN 1 AND 240),  -- the lock is confirmed so long after the last one left
  late_minutes integer NOT NULL CHECK (late_minutes BETWEEN 1 AND 1440), -- what is written down later needs a reason
  checklist    jsonb   NOT NULL,                                         -- what the last one out makes sure of
  duty_id      bigint,
  empty_since  timestamptz, -- nobody is inside since then
  emptied_by   text    NOT NULL DEFAULT '',
  locked_at    timestamptz, -- found in order since the last one left
  locked_by    text    NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, area_id),
  FOREIGN KEY (tenant_id, area_id) REFERENCES area,
  FOREIGN KEY (tenant_id, duty_id) REFERENCES duty
) WITH (fillfactor = 70);
CALL tanamori_isolate('room');
GRANT SELECT, INSERT, UPDATE ON room TO tanamori_host;

-- 入室許可者名簿: who may enter an area by themselves, from when to when, by whose word. person_id is one of the host's own;
-- without one it is somebody from elsewhere who comes regularly. It ends with the next fiscal year at the latest, so that what is
-- old enough to be removed is over.
CREATE TABLE room_permit (
  tenant_id   bigint NOT NULL,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  area_id     bigint NOT NULL,
  person_id   bigint,
  name        text   NOT NULL CHECK (name <> ''),
  org         text   NOT NULL,
  from_on     date   NOT NULL,
  until_on    date   NOT NULL CHECK (until_on >= from_on),
  document    text   NOT NULL CHECK (document <> ''),
  note        text   NOT NULL DEFAULT '',
  granted_at  timestamptz NOT NULL,
  by_id       bigint NOT NULL,
  by_text     text   NOT NULL,
  revoked_at  timestamptz,
  revoked_by  text   NOT NULL DEFAULT '',
  revoked_why text   NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, area_id) REFERENCES area,
  FOREIGN KEY (tenant_id, person_id) REFERENCES person,
  FOREIGN KEY (tenant_id, by_id) REFERENCES person,
  CONSTRAINT room_permit_another_person CHECK (person_id IS NULL OR person_id <> by_id)
);
CREATE INDEX room_permit_of ON room_permit (tenant_id, area_id, until_on);
CALL tanamori_isolate('room_permit');
CALL tanamori_append_only('room_permit', 'revoked_at', 'revoked_by', 'revoked_why');
GRANT SELECT, INSERT ON room_permit TO tanamori_host;
GRANT UPDATE (revoked_at, revoked_by, revoked_why) ON room_permit TO tanamori_host;
CALL tanamori_serve('room_permit', 'tanamori_job', 'SELECT, DELETE');

-- 入室許可申請: a visit of people from elsewhere.
CREATE TABLE room_visit (
  tenant_id    bigint  NOT NULL REFERENCES tenant,
  id           bigint  GENERATED ALWAYS AS IDENTITY,
  fiscal_year  integer NOT NULL,
  serial       integer NOT NULL CHECK (serial > 0),
  company      text    NOT NULL CHECK (company <> ''),
  from_at      timestamptz NOT NULL,
  until_at     timestamptz NOT NULL,
  reason       text    NOT NULL,
  work         text    NOT NULL,
  carry_in     text    NOT NULL DEFAULT '',
  carry_out    text    NOT NULL DEFAULT '',
  escort_id    bigint  NOT NULL,
  escort_text  text    NOT NULL,
  applicant_id bigint  NOT NULL,
  applicant    text    NOT NULL,
  applied_at   timestamptz NOT NULL,
  duty_id      bigint, -- that its people are out by the end
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, escort_id) REFERENCES person,
  FOREIGN KEY (tenant_id, applicant_id) REFERENCES person,
  FOREIGN KEY (tenant_id, duty_id) REFERENCES duty,
  CHECK (until_at > from_at)
);
CREATE UNIQUE INDEX room_visit_number ON room_visit (tenant_id, fiscal_year, serial);
CREATE UNIQUE INDEX room_visit_persons ON room_visit (tenant_id, id, applicant_id, escort_id);
CREATE INDEX room_visit_until ON room_visit (tenant_id, until_at);
CALL tanamori_isolate('room_visit');
CALL tanamori_append_only('room_visit', 'duty_id');
GRANT SELECT, INSERT ON room_visit TO tanamori_host;
GRANT UPDATE (duty_id) ON room_visit TO tanamori_host;
CALL tanamori_serve('room_visit', 'tanamori_job', 'SELECT, DELETE');

CREATE TABLE room_visit_area (
  tenant_id     bigint NOT NULL,
  room_visit_id bigint NOT NULL,
  area_id       bigint NOT NULL,
  PRIMARY KEY (tenant_id, room_visit_id, area_id),
  FOREIGN KEY (tenant_id, room_visit_id) REFERENCES room_visit,
  FOREIGN KEY (tenant_id, area_id) REFERENCES area
);
CALL tanamori_isolate('room_visit_area');
GRANT SELECT, INSERT ON room_visit_area TO tanamori_host;
CALL tanamori_serve('room_visit_area', 'tanamori_job', 'SELECT, DELETE');

CREATE TABLE room_visitor (
  tenant_id  bigint NOT NULL,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  visit_id   bigint NOT NULL,
  name       text   NOT NULL CHECK (name <> ''),
  applied_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, visit_id) REFERENCES room_visit
);
CREATE INDEX room_visitor_of ON room_visitor (tenant_id, visit_id);
CALL tanamori_isolate('room_visitor');
CALL tanamori_append_only('room_visitor');
GRANT SELECT, INSERT ON room_visitor TO tanamori_host;
CALL tanamori_serve('room_visitor', 'tanamori_job', 'SELECT, DELETE');

-- What became of an application. Who approves or refuses is neither who applied nor who escorts, whatever posts they hold: the
-- two are written down here too, tied to the application's own, so that the database can hold it to this.
CREATE TABLE room_decision (
  tenant_id    bigint NOT NULL,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  visit_id     bigint NOT NULL,
  kind         text   NOT NULL CHECK (kind IN ('approved', 'refused', 'cancelled')),
  applicant_id bigint NOT NULL,
  escort_id    bigint NOT NULL,
  at           timestamptz NOT NULL,
  by_id        bigint NOT NULL,
  by_text      text   NOT NULL,
  reason       text   NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, visit_id, applicant_id, escort_id) REFERENCES room_visit (tenant_id, id, applicant_id, escort_id),
  FOREIGN KEY (tenant_id, by_id) REFERENCES person,
  CONSTRAINT room_decision_another_person CHECK (kind = 'cancelled' OR (by_id <> applicant_id AND by_id <> escort_id)),
  CHECK (kind = 'approved' OR reason <> '')
);
CREATE UNIQUE INDEX room_decision_once ON room_decision (tenant_id, visit_id, (kind = 'cancelled'));
CALL tanamori_isolate('room_decision');
CALL tanamori_append_only('room_decision');
GRANT SELECT, INSERT ON room_decision TO tanamori_host;
CALL tanamori_serve('room_decision', 'tanamori_job', 'SELECT, DELETE');

-- 名札, and with whom each is now: one with one visitor, whoever writes.
CREATE TABLE badge (
  tenant_id  bigint NOT NULL REFERENCES tenant,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  number     text   NOT NULL CHECK (number <> ''),
  note       text   NOT NULL DEFAULT '',
  duty_id    bigint,
  visitor_id bigint,
  out_to     text   NOT NULL DEFAULT '',
  out_at     timestamptz,
  out_by     text   NOT NULL DEFAULT '',
  due_at     timestamptz,
  created_at timestamptz NOT NULL,
  retired_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, duty_id) REFERENCES duty,
  FOREIGN KEY (tenant_id, visitor_id) REFERENCES room_visitor
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX badge_number ON badge (tenant_id, number) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX badge_visitor ON badge (tenant_id, visitor_id);
CALL tanamori_isolate('badge');
GRANT SELECT, INSERT, UPDATE ON badge TO tanamori_host;
CALL tanamori_serve('badge', 'tanamori_job', 'SELECT');

CREATE TABLE badge_event (
  tenant_id   bigint NOT NULL,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  badge_id    bigint NOT NULL,
  kind        text   NOT NULL CHECK (kind IN ('out', 'back', 'retired')),
  visitor_id  bigint,
  holder      text   NOT NULL DEFAULT '',
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  late_reason text   NOT NULL DEFAULT '',
  reason      text   NOT NULL DEFAULT '',
  by_id       bigint NOT NULL,
  by_text     text   NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, badge_id) REFERENCES badge,
  FOREIGN KEY (tenant_id, visitor_id) REFERENCES room_visitor,
  FOREIGN KEY (tenant_id, by_id) REFERENCES person
);
CREATE INDEX badge_event_of ON badge_event (tenant_id, badge_id, id);
CREATE INDEX badge_event_visitor ON badge_event (tenant_id, visitor_id) WHERE visitor_id IS NOT NULL;
CALL tanamori_isolate('badge_event');
CALL tanamori_append_only('badge_event');
GRANT SELECT, INSERT ON badge_event TO tanamori_host;
CALL tanamori_serve('badge_event', 'tanamori_job', 'SELECT, DELETE');

-- 入退室記録簿. subject is who it was, for comparing: person:12, permit:4, visitor:9, other:… basis is by what they were let in:
-- the list, a visit, or nothing, and then why is what was wrong and reason what was said of it.
CREATE TABLE room_entry (
  tenant_id   bigint NOT NULL,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  area_id     bigint NOT NULL,
  subject     text   NOT NULL,
  person_id   bigint,
  permit_id   bigint,
  visit_id    bigint,
  visitor_id  bigint,
  name        text   NOT NULL CHECK (name <> ''),
  org         text   NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  late_reason text   NOT NULL DEFAULT '',
  purpose     text   NOT NULL,
  escort_id   bigint,
  escort_text text   NOT NULL DEFAULT '',
  permit_no   text   NOT NULL DEFAULT '',
  badge       text   NOT NULL DEFAULT '',
  carried     text   NOT NULL DEFAULT '',
  basis       text   NOT NULL CHECK (basis IN ('list', 'visit', 'none')),
  why         text   NOT NULL DEFAULT '',
  reason      text   NOT NULL DEFAULT '',
  by_id       bigint NOT NULL,
  by_text     text   NOT NULL,
  duty_id     bigint, -- that the administrator looks into it, where it was without permission
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, area_id) REFERENCES area,
  FOREIGN KEY (tenant_id, person_id) REFERENCES person,
  FOREIGN KEY (tenant_id, permit_id) REFERENCES room_permit,
  FOREIGN KEY (tenant_id, visit_id) REFERENCES room_visit,
  FOREIGN KEY (tenant_id, visitor_id) REFERENCES room_visitor,
  FOREIGN KEY (tenant_id, escort_id) REFERENCES person,
  FOREIGN KEY (tenant_id, by_id) REFERENCES person,
  FOREIGN KEY (tenant_id, duty_id) REFERENCES duty,
  CHECK (basis <> 'none' OR (why <> '' AND reason <> ''))
);
CREATE INDEX room_entry_area ON room_entry (tenant_id, area_id, occurred_at);
CREATE INDEX room_entry_subject ON room_entry (tenant_id, area_id, subject, id);
CREATE INDEX room_entry_permit ON room_entry (tenant_id, permit_id) WHERE permit_id IS NOT NULL;
CREATE INDEX room_entry_visit ON room_entry (tenant_id, visit_id) WHERE visit_id IS NOT NULL;
CREATE INDEX room_entry_unpermitted ON room_entry (tenant_id, id) WHERE basis = 'none';
CALL tanamori_isolate('room_entry');
CALL tanamori_append_only('room_entry', 'duty_id');
GRANT SELECT, INSERT ON room_entry TO tanamori_host;
GRANT UPDATE (duty_id) ON room_entry TO tanamori_host;
CALL tanamori_serve('room_entry', 'tanamori_job', 'SELECT, DELETE');

CREATE TABLE room_exit (
  tenant_id   bigint  NOT NULL,
  id          bigint  GENERATED ALWAYS AS IDENTITY,
  entry_id    bigint  NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  late_reason text    NOT NULL DEFAULT '',
  carried     text    NOT NULL DEFAULT '',
  last        boolean NOT NULL, -- nobody was inside any more
  by_id       bigint  NOT NULL,
  by_text     text    NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT room_exit_once UNIQUE (tenant_id, entry_id),
  FOREIGN KEY (tenant_id, entry_id) REFERENCES room_entry,
  FOREIGN KEY (tenant_id, by_id) REFERENCES person
);
CALL tanamori_isolate('room_exit');
CALL tanamori_append_only('room_exit');
GRANT SELECT, INSERT ON room_exit TO tanamori_host;
CALL tanamori_serve('room_exit', 'tanamori_job', 'SELECT, DELETE');

-- Who is inside now: one open entry for each in each area, held by the key.
CREATE TABLE room_inside (
  tenant_id bigint NOT NULL,
  area_id   bigint NOT NULL,
  subject   text   NOT NULL,
  entry_id  bigint NOT NULL,
  PRIMARY KEY (tenant_id, area_id, subject),
  CONSTRAINT room_inside_entry UNIQUE (tenant_id, entry_id),
  FOREIGN KEY (tenant_id, area_id) REFERENCES area,
  FOREIGN KEY (tenant_id, entry_id) REFERENCES room_entry
);
CALL tanamori_isolate('room_inside');
GRANT SELECT, INSERT, DELETE ON room_inside TO tanamori_host;
CALL tanamori_serve('room_inside', 'tanamori_job', 'SELECT');

-- 施錠確認: what was found of an empty room. exit_id is the exit of the last one out, where it was done with it.
CREATE TABLE room_lock (
  tenant_id   bigint NOT NULL,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  area_id     bigint NOT NULL,
  exit_id     bigint,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  late_reason text   NOT NULL DEFAULT '',
  done        jsonb  NOT NULL, -- the items of the checklist as they read then
  undone      jsonb  NOT NULL,
  found       text   NOT NULL DEFAULT '',
  by_id       bigint NOT NULL,
  by_text     text   NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, area_id) REFERENCES area,
  FOREIGN KEY (tenant_id, exit_id) REFERENCES room_exit,
  FOREIGN KEY (tenant_id, by_id) REFERENCES person,
  CHECK (undone = '[]' OR found <> '')
);
CREATE INDEX room_lock_area ON room_lock (tenant_id, area_id, occurred_at);
CREATE INDEX room_lock_exit ON room_lock (tenant_id, exit_id) WHERE exit_id IS NOT NULL;
CALL tanamori_isolate('room_lock');
CALL tanamori_append_only('room_lock');
GRANT SELECT, INSERT ON room_lock TO tanamori_host;
CALL tanamori_serve('room_lock', 'tanamori_job', 'SELECT, DELETE');

-- What the administrator found about an entry without permission: another person than who entered.
CREATE TABLE room_review (
  tenant_id bigint NOT NULL,
  id        bigint GENERATED ALWAYS AS IDENTITY,
  entry_id  bigint NOT NULL,
  at        timestamptz NOT NULL,
  finding   text   NOT NULL CHECK (finding <> ''),
  by_id     bigint NOT NULL,
  by_text   text   NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT room_review_once UNIQUE (tenant_id, entry_id),
  FOREIGN KEY (tenant_id, entry_id) REFERENCES room_entry,
  FOREIGN KEY (tenant_id, by_id) REFERENCES person
);
CALL tanamori_isolate('room_review');
CALL tanamori_append_only('room_review');
GRANT SELECT, INSERT ON room_review TO tanamori_host;
CALL tanamori_serve('room_review', 'tanamori_job', 'SELECT, DELETE');

INSERT INTO record_kind (kind, position, series, recorded, columns, settled, free, along, act, default_years, least_years) VALUES
  ('room_lock', 100, 'room', 'recorded_at', '{id,area_id,exit_id,occurred_at,recorded_at,late_reason,done,undone,found,by_id,by_text}', 'true', 'true', '', 'room.read', 7, 1),
  ('room_exit', 101, 'room', 'recorded_at', '{id,entry_id,occurred_at,recorded_at,late_reason,carried,last,by_id,by_text}', 'true',
    'NOT EXISTS (SELECT FROM room_lock c WHERE c.tenant_id = t.tenant_id AND c.exit_id = t.id)', '', 'room.read', 7, 1),
  ('room_review', 102, 'room', 'at', '{id,entry_id,at,finding,by_id,by_text}', 'true', 'true', '', 'room.read', 7, 1),
  ('room_entry', 103, 'room', 'recorded_at',
    '{id,area_id,subject,person_id,permit_id,visit_id,visitor_id,name,org,occurred_at,recorded_at,late_reason,purpose,escort_id,escort_text,permit_no,badge,carried,basis,why,reason,by_id,by_text}', 'true',
    'NOT EXISTS (SELECT FROM room_inside c WHERE c.tenant_id = t.tenant_id AND c.entry_id = t.id)
     AND NOT EXISTS (SELECT FROM room_exit c WHERE c.tenant_id = t.tenant_id AND c.entry_id = t.id)
     AND NOT EXISTS (SELECT FROM room_review c WHERE c.tenant_id = t.tenant_id AND c.entry_id = t.id)', '', 'room.read', 7, 1),
  ('badge_event', 104, 'room', 'recorded_at', '{id,badge_id,kind,visitor_id,holder,occurred_at,recorded_at,late_reason,reason,by_id,by_text}', 'true', 'true', '', 'room.read', 7, 1),
  ('room_decision', 105, 'room', 'at', '{id,visit_id,kind,applicant_id,escort_id,at,by_id,by_text,reason}', 'true', 'true', '', 'room.read', 7, 1),
  ('room_visitor', 106, 'room', 'applied_at', '{id,visit_id,name,applied_at}', 'true',
    'NOT EXISTS (SELECT FROM room_entry c WHERE c.tenant_id = t.tenant_id AND c.visit_id = t.visit_id)
     AND NOT EXISTS (SELECT FROM badge c WHERE c.tenant_id = t.tenant_id AND c.visitor_id = t.id)
     AND NOT EXISTS (SELECT FROM badge_event c WHERE c.tenant_id = t.tenant_id AND c.visitor_id = t.id)', '', 'room.read', 7, 1),
  ('room_visit', 107, 'room', 'applied_at',
    '{id,fiscal_year,serial,company,from_at,until_at,reason,work,carry_in,carry_out,escort_id,escort_text,applicant_id,applicant,applied_at}', 'true',
    'NOT EXISTS (SELECT FROM room_visitor c WHERE c.tenant_id = t.tenant_id AND c.visit_id = t.id)
     AND NOT EXISTS (SELECT FROM room_entry c WHERE c.tenant_id = t.tenant_id AND c.visit_id = t.id)
     AND NOT EXISTS (SELECT FROM room_decision c WHERE c.tenant_id = t.tenant_id AND c.visit_id = t.id)', 'room_visit_area', 'room.read', 7, 1),
  ('room_permit', 108, 'room', 'granted_at', '{id,area_id,person_id,name,org,from_on,until_on,document,note,granted_at,by_id,by_text}', 'true',
    'NOT EXISTS (SELECT FROM room_entry c WHERE c.tenant_id = t.tenant_id AND c.permit_id = t.id)', '', 'room.read', 7, 1);

CALL tanamori_gather('room_lock', 'recorded_at', 'room.read');
CALL tanamori_gather('room_exit', 'recorded_at', 'room.read');
CALL tanamori_gather('room_review', 'at', 'room.read');
CALL tanamori_gather('room_entry', 'recorded_at', 'room.read',
  columns => '{id,area_id,subject,person_id,permit_id,visit_id,visitor_id,name,org,occurred_at,recorded_at,late_reason,purpose,escort_id,escort_text,permit_no,badge,carried,basis,why,reason,by_id,by_text}');
CALL tanamori_gather('badge_event', 'recorded_at', 'room.read');
CALL tanamori_gather('room_decision', 'at', 'room.read');
CALL tanamori_gather('room_visitor', 'applied_at', 'room.read');
CALL tanamori_gather('room_visit', 'applied_at', 'room.read',
  columns => '{id,fiscal_year,serial,company,from_at,until_at,reason,work,carry_in,carry_out,escort_id,escort_text,applicant_id,applicant,applied_at}');
CALL tanamori_gather('room_permit', 'granted_at', 'room.read',
  columns => '{id,area_id,person_id,name,org,from_on,until_on,document,note,granted_at,by_id,by_text}');
