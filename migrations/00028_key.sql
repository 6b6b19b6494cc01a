-- Keys (ラック鍵の管理簿; RK 別表 サーバ(1)(2)): what each opens, its copies, the cabinets they hang in, who has which one until when,
-- and everything that happened to them. Only the host keeps them; its towns are granted nothing.
-- +goose Up

-- What the host has decided about keys (運用上); none: the usual. ladder_id is who is told when a key does not come back.
CREATE TABLE key_setting (
  tenant_id      bigint  PRIMARY KEY REFERENCES tenant,
  ladder_id      bigint,
  grace_minutes  integer NOT NULL CHECK (grace_minutes BETWEEN 0 AND 1440),
  backdate_hours integer NOT NULL CHECK (backdate_hours BETWEEN 1 AND 168),
  cylinder_days  integer NOT NULL CHECK (cylinder_days BETWEEN 1 AND 90),
  FOREIGN KEY (tenant_id, ladder_id) REFERENCES ladder
);
CALL tanamori_isolate('key_setting');
GRANT SELECT, INSERT, UPDATE ON key_setting TO tanamori_host;

-- 保管庫. Its slots are numbered from 1. It is counted (棚卸) within so many months.
CREATE TABLE key_cabinet (
  tenant_id    bigint  NOT NULL,
  id           bigint  GENERATED ALWAYS AS IDENTITY,
  area_id      bigint  NOT NULL,
  name         text    NOT NULL CHECK (name <> ''),
  place        text    NOT NULL DEFAULT '',
  slots        integer NOT NULL CHECK (slots BETWEEN 1 AND 200),
  stock_months integer NOT NULL CHECK (stock_months BETWEEN 1 AND 12),
  stock_due_on date    NOT NULL,
  stocked_at   timestamptz,
  stocked_by   text    NOT NULL DEFAULT '',
  duty_id      bigint,
  note         text    NOT NULL DEFAULT '',
  created_at   timestamptz NOT NULL,
  retired_at   timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, area_id) REFERENCES area,
  FOREIGN KEY (tenant_id, duty_id) REFERENCES duty
);
CREATE UNIQUE INDEX key_cabinet_name ON key_cabinet (tenant_id, name) WHERE retired_at IS NULL;
CALL tanamori_isolate('key_cabinet');
GRANT SELECT, INSERT, UPDATE ON key_cabinet TO tanamori_host;

-- A kind of key: all its copies open the same. Due back at a time of day (in minutes from midnight), or so many minutes after it
-- was handed out. authorisers are how many other persons must agree to a loan.
CREATE TABLE key_item (
  tenant_id   bigint  NOT NULL REFERENCES tenant,
  id          bigint  GENERATED ALWAYS AS IDENTITY,
  kind        text    NOT NULL CHECK (kind IN ('key', 'card')),
  name        text    NOT NULL CHECK (name <> ''),
  authorisers integer NOT NULL CHECK (authorisers BETWEEN 1 AND 3),
  due_clock   integer NOT NULL CHECK (due_clock BETWEEN 0 AND 1439),
  due_minutes integer CHECK (due_minutes BETWEEN 15 AND 10080),
  generation  integer NOT NULL DEFAULT 1 CHECK (generation > 0), -- of the cylinder
  note        text    NOT NULL DEFAULT '',
  created_at  timestamptz NOT NULL,
  retired_at  timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX key_item_name ON key_item (tenant_id, name) WHERE retired_at IS NULL;
CALL tanamori_isolate('key_item');
GRANT SELECT, INSERT, UPDATE ON key_item TO tanamori_host;

-- What a key opens: a rack, an area or a cabinet. duty_id asks for its cylinder to be changed once a copy is lost.
CREATE TABLE key_opens (
  tenant_id  bigint NOT NULL,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  item_id    bigint NOT NULL,
  rack_id    bigint,
  area_id    bigint,
  cabinet_id bigint,
  duty_id    bigint,
  ended_at   timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, item_id) REFERENCES key_item,
  FOREIGN KEY (tenant_id, rack_id) REFERENCES rack,
  FOREIGN KEY (tenant_id, area_id) REFERENCES area,
  FOREIGN KEY (tenant_id, cabinet_id) REFERENCES key_cabinet,
  FOREIGN KEY (tenant_id, duty_id) REFERENCES duty,
  CHECK (num_nonnulls(rack_id, area_id, cabinet_id) = 1)
);
CREATE INDEX key_opens_of ON key_opens (tenant_id, item_id) WHERE ended_at IS NULL;
CREATE INDEX key_opens_rack ON key_opens (tenant_id, rack_id) WHERE ended_at IS NULL;
CALL tanamori_isolate('key_opens');
GRANT SELECT, INSERT, UPDATE ON key_opens TO tanamori_host;

-- Keys that one person never holds together, each pair in both directions.
CREATE TABLE key_exclusion (
  tenant_id bigint NOT NULL,
  item_id   bigint NOT NULL,
  other_id  bigint NOT NULL,
  PRIMARY KEY (tenant_id, item_id, other_id),
  FOREIGN KEY (tenant_id, item_id) REFERENCES key_item,
  FOREIGN KEY (tenant_id, other_id) REFERENCES key_item,
  CHECK (item_id <> other_id)
);
CALL tanamori_isolate('key_exclusion');
GRANT SELECT, INSERT, DELETE ON key_exclusion TO tanamori_host;

-- One copy (正・副), and where it stands now; the events say how it came there.
CREATE TABLE key_copy (
  tenant_id    bigint  NOT NULL,
  id           bigint  GENERATED ALWAYS AS IDENTITY,
  item_id      bigint  NOT NULL,
  serial       text    NOT NULL CHECK (serial <> ''), -- what is stamped on it (鍵番号)
  rank         text    NOT NULL CHECK (rank IN ('main', 'spare')),
  number       integer NOT NULL CHECK (number > 0),
  generation   integer NOT NULL,
  state        text    NOT NULL CHECK (state IN ('in', 'out', 'lost', 'retired')),
  cabinet_id   bigint  NOT NULL, -- where it belongs
  slot         integer NOT NULL CHECK (slot > 0),
  loan_id      bigint,           -- the one it is out on
  holder_id    bigint,
  holder       text    NOT NULL DEFAULT '',
  since        timestamptz,
  due_at       timestamptz,
  last_at      timestamptz NOT NULL, -- when the newest event happened
  duty_id      bigint,           -- that it comes back
  lost_duty_id bigint,           -- that something is done about its loss
  created_at   timestamptz NOT NULL,
  retired_at   timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, item_id) REFERENCES key_item,
  FOREIGN KEY (tenant_id, cabinet_id) REFERENCES key_cabinet,
  FOREIGN KEY (tenant_id, duty_id) REFERENCES duty,
  FOREIGN KEY (tenant_id, lost_duty_id) REFERENCES duty,
  CHECK ((state = 'out') = (loan_id IS NOT NULL)),
  CHECK ((state = 'retired') = (retired_at IS NOT NULL))
);
CREATE UNIQUE INDEX key_copy_number ON key_copy (tenant_id, item_id, rank, number) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX key_copy_serial ON key_copy (tenant_id, serial) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX key_copy_slot ON key_copy (tenant_id, cabinet_id, slot) WHERE retired_at IS NULL;
CREATE INDEX key_copy_out ON key_copy (tenant_id, holder_id) WHERE state = 'out';
CALL tanamori_isolate('key_copy');
GRANT SELECT, INSERT, UPDATE ON key_copy TO tanamori_host;
CALL tanamori_serve('key_copy', 'tanamori_job', 'SELECT');

-- A loan from its request on: the line of the loan book (鍵貸出簿). borrower answers for it; visitor is the vendor's person whom they
-- escort. The database holds that a copy is out once, and asked for by one at a time.
CREATE TABLE key_loan (
  tenant_id       bigint  NOT NULL,
  id              bigint  GENERATED ALWAYS AS IDENTITY,
  copy_id         bigint  NOT NULL,
  state           text    NOT NULL CHECK (state IN ('asked', 'refused', 'withdrawn', 'lapsed', 'out', 'returned', 'handed_over', 'lost', 'ended')),
  handover        boolean NOT NULL,
  borrower_id     bigint  NOT NULL,
  borrower        text    NOT NULL,
  visitor         text    NOT NULL DEFAULT '',
  visitor_company text    NOT NULL DEFAULT '',
  purpose         text    NOT NULL CHECK (purpose <> ''),
  work            text    NOT NULL DEFAULT '',
  due_minutes     integer CHECK (due_minutes > 0),
  due_at          timestamptz,
  authorisers     integer NOT NULL CHECK (authorisers BETWEEN 1 AND 3),
  approved_by     text    NOT NULL DEFAULT '',
  asked_at        timestamptz NOT NULL,
  asked_by_id     bigint  NOT NULL,
  asked_by        text    NOT NULL,
  closed_at       timestamptz, -- refused, withdrawn or lapsed
  closed_by       text    NOT NULL DEFAULT '',
  closed_reason   text    NOT NULL DEFAULT '',
  out_at          timestamptz,
  out_by          text    NOT NULL DEFAULT '',
  out_left        integer,     -- copies of the item in their cabinets then (残数確認)
  back_at         timestamptz,
  back_by         text    NOT NULL DEFAULT '',
  back_left       integer,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, copy_id) REFERENCES key_copy,
  FOREIGN KEY (tenant_id, borrower_id) REFERENCES person,
  FOREIGN KEY (tenant_id, asked_by_id) REFERENCES person,
  CHECK (due_minutes IS NOT NULL OR due_at IS NOT NULL),
  CHECK (state <> 'out' OR out_at IS NOT NULL AND due_at IS NOT NULL)
);
CREATE UNIQUE INDEX key_loan_out ON key_loan (tenant_id, copy_id) WHERE state = 'out';
CREATE UNIQUE INDEX key_loan_asked ON key_loan (tenant_id, copy_id) WHERE state = 'asked';
CREATE INDEX key_loan_book ON key_loan (tenant_id, out_at) WHERE out_at IS NOT NULL;
CREATE INDEX key_loan_of ON key_loan (tenant_id, copy_id, id);
CALL tanamori_isolate('key_loan');
GRANT SELECT, INSERT, UPDATE ON key_loan TO tanamori_host;
CALL tanamori_serve('key_loan', 'tanamori_job', 'SELECT');
ALTER TABLE key_copy ADD FOREIGN KEY (tenant_id, loan_id) REFERENCES key_loan;

-- That another person agreed to a loan. Persons are compared, never posts.
CREATE TABLE key_approval (
  tenant_id bigint NOT NULL,
  id        bigint GENERATED ALWAYS AS IDENTITY,
  loan_id   bigint NOT NULL,
  at        timestamptz NOT NULL,
  by_id     bigint NOT NULL,
  by_text   text   NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT key_approval_once UNIQUE (tenant_id, loan_id, by_id),
  FOREIGN KEY (tenant_id, loan_id) REFERENCES key_loan,
  FOREIGN KEY (tenant_id, by_id) REFERENCES person
);
CALL tanamori_isolate('key_approval');
CALL tanamori_append_only('key_approval');
GRANT SELECT, INSERT ON key_approval TO tanamori_host;
CALL tanamori_serve('key_approval', 'tanamori_job', 'SELECT, DELETE');

-- The ledger of what happened to copies. from gave it up, to has it since; cabinet and slot are where it belongs after it; left_in is
-- how many copies of its item were in their cabinets then.
CREATE TABLE key_event (
  tenant_id       bigint  NOT NULL,
  id              bigint  GENERATED ALWAYS AS IDENTITY,
  copy_id         bigint  NOT NULL,
  loan_id         bigint,
  kind            text    NOT NULL CHECK (kind IN ('added', 'moved', 'lent', 'returned', 'handed_over', 'extended', 'inspected', 'lost', 'found', 'retired', 'cylinder')),
  occurred_at     timestamptz NOT NULL,
  recorded_at     timestamptz NOT NULL,
  by_id           bigint  NOT NULL,
  by_text         text    NOT NULL,
  from_id         bigint,
  from_text       text    NOT NULL DEFAULT '',
  to_id           bigint,
  to_text         text    NOT NULL DEFAULT '',
  visitor         text    NOT NULL DEFAULT '',
  visitor_company text    NOT NULL DEFAULT '',
  purpose         text    NOT NULL DEFAULT '',
  work            text    NOT NULL DEFAULT '',
  due_at          timestamptz,
  approved_by     text    NOT NULL DEFAULT '',
  cabinet_id      bigint  NOT NULL,
  slot            integer NOT NULL,
  left_in         integer NOT NULL,
  reason          text    NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, copy_id) REFERENCES key_copy,
  FOREIGN KEY (tenant_id, loan_id) REFERENCES key_loan,
  FOREIGN KEY (tenant_id, by_id) REFERENCES person,
  FOREIGN KEY (tenant_id, cabinet_id) REFERENCES key_cabinet
);
CREATE INDEX key_event_of ON key_event (tenant_id, copy_id, id);
CALL tanamori_isolate('key_event');
CALL tanamori_append_only('key_event');
GRANT SELECT, INSERT ON key_event TO tanamori_host;
CALL tanamori_serve('key_event', 'tanamori_job', 'SELECT, DELETE');

-- 棚卸: the labels of a cabinet read, against what should hang in it.
CREATE TABLE key_inventory (
  tenant_id   bigint  NOT NULL,
  id          bigint  GENERATED ALWAYS AS IDENTITY,
  cabinet_id  bigint  NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  by_id       bigint  NOT NULL,
  by_text     text    NOT NULL,
  expected    integer NOT NULL,
  found       integer NOT NULL,
  differences integer NOT NULL,
  note        text    NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, cabinet_id) REFERENCES key_cabinet,
  FOREIGN KEY (tenant_id, by_id) REFERENCES person
);
CREATE INDEX key_inventory_of ON key_inventory (tenant_id, cabinet_id, id);
CALL tanamori_isolate('key_inventory');
CALL tanamori_append_only('key_inventory');
GRANT SELECT, INSERT ON key_inventory TO tanamori_host;
CALL tanamori_serve('key_inventory', 'tanamori_job', 'SELECT, DELETE');

-- And what was seen of each copy: there; out with somebody; missing; there although it should be elsewhere (out, lost, another
-- cabinet's).
CREATE TABLE key_inventory_line (
  tenant_id    bigint NOT NULL,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  inventory_id bigint NOT NULL,
  copy_id      bigint NOT NULL,
  recorded_at  timestamptz NOT NULL,
  seen         text   NOT NULL CHECK (seen IN ('present', 'out', 'lost', 'missing', 'unexpected', 'stray')),
  detail       text   NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, inventory_id) REFERENCES key_inventory,
  FOREIGN KEY (tenant_id, copy_id) REFERENCES key_copy
);
CREATE INDEX key_inventory_line_of ON key_inventory_line (tenant_id, inventory_id, id);
CALL tanamori_isolate('key_inventory_line');
CALL tanamori_append_only('key_inventory_line');
GRANT SELECT, INSERT ON key_inventory_line TO tanamori_host;
CALL tanamori_serve('key_inventory_line', 'tanamori_job', 'SELECT, DELETE');

-- What a copy's standing rests on is needed however old: all since it last was put into its slot.
INSERT INTO record_kind (kind, position, series, recorded, columns, settled, free, along, act, default_years, least_years) VALUES
  ('key_event', 90, 'key', 'recorded_at',
    '{id,copy_id,loan_id,kind,occurred_at,recorded_at,by_id,by_text,from_id,from_text,to_id,to_text,visitor,visitor_company,purpose,work,due_at,approved_by,cabinet_id,slot,left_in,reason}', 'true',
    'EXISTS (SELECT FROM key_copy c WHERE c.tenant_id = t.tenant_id AND c.id = t.copy_id AND c.retired_at IS NOT NULL)
     OR EXISTS (SELECT FROM key_event n WHERE n.tenant_id = t.tenant_id AND n.copy_id = t.copy_id AND n.kind IN (''returned'', ''found'') AND n.id > t.id)', '', 'key.read', 7, 1),
  ('key_approval', 91, 'key', 'at', '{id,loan_id,at,by_id,by_text}', 'true',
    'EXISTS (SELECT FROM key_loan l WHERE l.tenant_id = t.tenant_id AND l.id = t.loan_id AND l.state NOT IN (''asked'', ''out''))', '', 'key.read', 7, 1),
  ('key_inventory_line', 92, 'key', 'recorded_at', '{id,inventory_id,copy_id,recorded_at,seen,detail}', 'true', 'true', '', 'key.read', 7, 1),
  ('key_inventory', 93, 'key', 'recorded_at', '{id,cabinet_id,occurred_at,recorded_at,by_id,by_text,expected,found,differences,note}', 'true',
    'NOT EXISTS (SELECT FROM key_inventory_line c WHERE c.tenant_id = t.tenant_id AND c.inventory_id = t.id)', '', 'key.read', 7, 1);
CALL tanamori_gather('key_event', 'recorded_at', 'key.read');
CALL tanamori_gather('key_approval', 'at', 'key.read');
CALL tanamori_gather('key_inventory', 'recorded_at', 'key.read');
CALL tanamori_gather('key_inventory_line', 'recorded_at', 'key.read');
