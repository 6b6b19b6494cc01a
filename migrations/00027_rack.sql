-- The server room: buildings, controlled areas, racks, what stands in them at which unit; labels; and what each town may know.
-- +goose Up

-- A label (QR code and digits) on a rack, a key, a cabinet, a badge or a medium. One code is one thing of the host's, for good:
-- a label that was lost is void, and its code is not given again.
CREATE TABLE label (
  tenant_id  bigint NOT NULL REFERENCES tenant,
  code       text   NOT NULL CHECK (code ~ '^[0-9]{6}$'),
  kind       text   NOT NULL CHECK (kind <> ''),
  object_id  bigint NOT NULL,
  made_at    timestamptz NOT NULL,
  void_at    timestamptz,
  PRIMARY KEY (tenant_id, code)
);
CREATE UNIQUE INDEX label_of ON label (tenant_id, kind, object_id) WHERE void_at IS NULL;
CALL tanamori_isolate('label');
GRANT SELECT, INSERT ON label TO tanamori_host;
GRANT UPDATE (void_at) ON label TO tanamori_host;

-- Where the datacenter is.
CREATE TABLE building (
  tenant_id  bigint NOT NULL REFERENCES tenant,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  name       text   NOT NULL CHECK (name <> ''),
  address    text   NOT NULL DEFAULT '',
  note       text   NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  retired_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX building_name ON building (tenant_id, name) WHERE retired_at IS NULL;
CALL tanamori_isolate('building');
GRANT SELECT, INSERT, UPDATE ON building TO tanamori_host;

-- 管理区域. Its floor plan is a grid; each rack has a square of it.
CREATE TABLE area (
  tenant_id   bigint  NOT NULL,
  id          bigint  GENERATED ALWAYS AS IDENTITY,
  building_id bigint  NOT NULL,
  kind        text    NOT NULL CHECK (kind IN ('server_room', 'machine_room', 'office', 'store')),
  name        text    NOT NULL CHECK (name <> ''),
  floor       text    NOT NULL DEFAULT '',
  plan_rows   integer NOT NULL CHECK (plan_rows BETWEEN 1 AND 30),
  plan_places integer NOT NULL CHECK (plan_places BETWEEN 1 AND 40),
  note        text    NOT NULL DEFAULT '',
  created_at  timestamptz NOT NULL,
  retired_at  timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, building_id) REFERENCES building
);
CREATE UNIQUE INDEX area_name ON area (tenant_id, building_id, name) WHERE retired_at IS NULL;
CALL tanamori_isolate('area');
GRANT SELECT, INSERT, UPDATE ON area TO tanamori_host;

-- 戸籍専用サーバラック. Where it stands: in which row (列) at which place (番). checked_at is when its installation was last looked at.
CREATE TABLE rack (
  tenant_id    bigint  NOT NULL,
  id           bigint  GENERATED ALWAYS AS IDENTITY,
  area_id      bigint  NOT NULL,
  code         text    NOT NULL CHECK (code <> ''),
  plan_row     integer NOT NULL CHECK (plan_row > 0),
  plan_place   integer NOT NULL CHECK (plan_place > 0),
  units        integer NOT NULL CHECK (units BETWEEN 1 AND 60),
  lock         text    NOT NULL,
  fixing       text    NOT NULL,
  dedicated    boolean NOT NULL,
  check_months integer NOT NULL CHECK (check_months BETWEEN 1 AND 24),
  note         text    NOT NULL DEFAULT '',
  duty_id      bigint,
  checked_at   timestamptz,
  checked_by   text    NOT NULL DEFAULT '',
  check_due_on date    NOT NULL,
  created_at   timestamptz NOT NULL,
  retired_at   timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, area_id) REFERENCES area,
  FOREIGN KEY (tenant_id, duty_id) REFERENCES duty
);
CREATE UNIQUE INDEX rack_code ON rack (tenant_id, code) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX rack_place ON rack (tenant_id, area_id, plan_row, plan_place) WHERE retired_at IS NULL;
CALL tanamori_isolate('rack');
GRANT SELECT, INSERT, UPDATE ON rack TO tanamori_host;

-- What stands in a rack: servers, and what belongs to them (関連機器). owner_id is the town whose it is, empty where all use it;
-- server_id is that town's own row.
CREATE TABLE equipment (
  tenant_id  bigint  NOT NULL,
  id         bigint  GENERATED ALWAYS AS IDENTITY,
  rack_id    bigint  NOT NULL,
  kind       text    NOT NULL CHECK (kind IN ('server', 'storage', 'network', 'firewall', 'power', 'media', 'other')),
  name       text    NOT NULL CHECK (name <> ''),
  owner_id   bigint,
  server_id  bigint,
  unit       integer NOT NULL CHECK (unit > 0), -- the lowest
  units      integer NOT NULL CHECK (units BETWEEN 1 AND 60),
  face       text    NOT NULL CHECK (face IN ('front', 'rear', 'both')),
  power_a    text    NOT NULL DEFAULT '',
  power_b    text    NOT NULL DEFAULT '',
  model      text    NOT NULL DEFAULT '',
  serial     text    NOT NULL DEFAULT '',
  note       text    NOT NULL DEFAULT '',
  placed_at  timestamptz NOT NULL,
  removed_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, rack_id) REFERENCES rack,
  CHECK (server_id IS NULL OR owner_id IS NOT NULL)
);
CREATE INDEX equipment_in ON equipment (tenant_id, rack_id) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX equipment_server ON equipment (tenant_id, owner_id, server_id) WHERE removed_at IS NULL;
CALL tanamori_isolate('equipment');
GRANT SELECT, INSERT, UPDATE ON equipment TO tanamori_host;

-- Which unit of which face is taken: a row a unit, so that two things in one are refused by the key.
CREATE TABLE rack_unit (
  tenant_id    bigint  NOT NULL,
  rack_id      bigint  NOT NULL,
  face         text    NOT NULL CHECK (face IN ('front', 'rear')),
  unit         integer NOT NULL CHECK (unit > 0),
  equipment_id bigint  NOT NULL,
  PRIMARY KEY (tenant_id, rack_id, face, unit),
  FOREIGN KEY (tenant_id, rack_id) REFERENCES rack,
  FOREIGN KEY (tenant_id, equipment_id) REFERENCES equipment
);
CREATE INDEX rack_unit_of ON rack_unit (tenant_id, equipment_id);
CALL tanamori_isolate('rack_unit');
GRANT SELECT, INSERT, DELETE ON rack_unit TO tanamori_host;

-- 設置の確認 (別表 サーバ(1)): that the rack is fixed, can be locked, holds nothing but koseki, with what was found.
CREATE TABLE rack_check (
  tenant_id   bigint  NOT NULL,
  id          bigint  GENERATED ALWAYS AS IDENTITY,
  rack_id     bigint  NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  by_id       bigint  NOT NULL,
  by_text     text    NOT NULL,
  fixed       boolean NOT NULL,
  lockable    boolean NOT NULL,
  dedicated   boolean NOT NULL,
  found       text    NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, rack_id) REFERENCES rack,
  FOREIGN KEY (tenant_id, by_id) REFERENCES person,
  CHECK (found <> '' OR (fixed AND lockable AND dedicated))
);
CREATE INDEX rack_check_of ON rack_check (tenant_id, rack_id, id);
CALL tanamori_isolate('rack_check');
CALL tanamori_append_only('rack_check');
GRANT SELECT, INSERT ON rack_check TO tanamori_host;
CALL tanamori_serve('rack_check', 'tanamori_job', 'SELECT, DELETE');

-- What a town may know of a rack in which something of its own stands, in its own row: its things by name, the others' only
-- as places that are taken.
CREATE TABLE rack_view (
  tenant_id  bigint  NOT NULL REFERENCES tenant,
  host_id    bigint  NOT NULL,
  rack_id    bigint  NOT NULL,
  building   text    NOT NULL,
  area       text    NOT NULL,
  code       text    NOT NULL,
  plan_row   integer NOT NULL,
  plan_place integer NOT NULL,
  units      integer NOT NULL,
  blocks     jsonb   NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, host_id, rack_id)
);
CALL tanamori_isolate('rack_view');
GRANT SELECT ON rack_view TO tanamori_town;
GRANT SELECT, INSERT, UPDATE, DELETE ON rack_view TO tanamori_host;

INSERT INTO record_kind (kind, position, series, recorded, columns, settled, free, along, act, default_years, least_years) VALUES
  ('rack_check', 110, 'rack', 'recorded_at', '{id,rack_id,occurred_at,recorded_at,by_id,by_text,fixed,lockable,dedicated,found}', 'true', 'true', '', 'rack.read', 7, 1);
CALL tanamori_gather('rack_check', 'recorded_at', 'rack.read');
