-- What a town has: servers, the people to call, its own closed days, and in what order and how soon they are called.
-- +goose Up

CREATE TABLE server (
  tenant_id  bigint NOT NULL REFERENCES tenant,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  position   integer NOT NULL DEFAULT 0,
  name       text   NOT NULL CHECK (name <> ''),
  role       text   NOT NULL,
  rack_place text   NOT NULL DEFAULT '',
  note       text   NOT NULL DEFAULT '',
  search     text   NOT NULL,
  created_at timestamptz NOT NULL,
  retired_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX server_name ON server (tenant_id, name) WHERE retired_at IS NULL;
CALL tanamori_isolate('server');
GRANT SELECT ON server TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON server TO tanamori_host;
CALL tanamori_serve('server', 'tanamori_job', 'SELECT');

-- 緊急時連絡網: the order is the calling order.
CREATE TABLE contact (
  tenant_id  bigint NOT NULL REFERENCES tenant,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  position   integer NOT NULL,
  post       text   NOT NULL CHECK (post <> ''),
  name       text   NOT NULL CHECK (name <> ''),
  mail       text   NOT NULL,
  phone      text   NOT NULL DEFAULT '',
  hours      text   NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  retired_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX contact_order ON contact (tenant_id, position, id) WHERE retired_at IS NULL;
CALL tanamori_isolate('contact');
GRANT SELECT, INSERT, UPDATE ON contact TO tanamori_town, tanamori_host;
CALL tanamori_serve('contact', 'tanamori_job', 'SELECT');

-- A town's own days: closed on an ordinary one, or open on a holiday.
CREATE TABLE local_day (
  tenant_id bigint  NOT NULL REFERENCES tenant,
  day       date    NOT NULL,
  open      boolean NOT NULL,
  name      text    NOT NULL CHECK (name <> ''),
  PRIMARY KEY (tenant_id, day)
);
CALL tanamori_isolate('local_day');
GRANT SELECT ON local_day TO tanamori_town;
GRANT SELECT, INSERT, UPDATE, DELETE ON local_day TO tanamori_host;
CALL tanamori_serve('local_day', 'tanamori_job', 'SELECT');

-- How soon after an incident opens each contact is told, and how often the last one again.
CREATE TABLE ladder (
  tenant_id      bigint    NOT NULL REFERENCES tenant,
  id             bigint    GENERATED ALWAYS AS IDENTITY,
  name           text      NOT NULL CHECK (name <> ''),
  delays_minutes integer[] NOT NULL CHECK (cardinality(delays_minutes) BETWEEN 1 AND 20),
  repeat_minutes integer   NOT NULL CHECK (repeat_minutes BETWEEN 5 AND 1440),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT ladder_name UNIQUE (tenant_id, name)
);
CALL tanamori_isolate('ladder');
GRANT SELECT ON ladder TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON ladder TO tanamori_host;
CALL tanamori_serve('ladder', 'tanamori_job', 'SELECT');
