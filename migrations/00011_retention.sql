-- How long records are kept. A closed month of one kind of a town's records is bound into a volume (簿冊): counted, hashed
-- and chained to the one before. What has been kept long enough is removed, volume by volume, and only so.
-- +goose Up

-- What is kept, and how it is kept: one line a ledger, written by the ledger's own migration. Nothing else knows them.
-- columns are what the hash covers, in this order: those that are filled in once settled holds, and never after.
-- settled: nothing more is written into them; a month with a row that is not waits. free: nothing points at the row.
-- Both are conditions on the alias t. act: what a person's post must allow to read it.
CREATE TABLE record_kind (
  kind          text    PRIMARY KEY CHECK (kind ~ '^[a-z_]+$'), -- the table
  position      integer NOT NULL UNIQUE,                        -- children before what they point at
  series        text    NOT NULL CHECK (series ~ '^[a-z_]+$'),  -- what one rule speaks of
  recorded      text    NOT NULL,                               -- the column that says when it was written down
  columns       text[]  NOT NULL CHECK (columns[1] = 'id'),
  settled       text    NOT NULL DEFAULT 'true',
  free          text    NOT NULL DEFAULT 'true',
  along         text    NOT NULL DEFAULT '',                    -- a table whose rows go with this one's, by <kind>_id
  act           text    NOT NULL,
  default_years integer NOT NULL CHECK (default_years BETWEEN least_years AND 100),
  least_years   integer NOT NULL CHECK (least_years >= 1)
);
INSERT INTO record_kind (kind, position, series, recorded, columns, settled, free, along, act, default_years, least_years) VALUES
  ('operation_log', 10, 'log', 'at', '{id,at,actor_id,actor,post,act,object,object_id,before,after,request_id,remote}', 'true', 'true', '', 'operation_log.read', 7, 7),
  ('checkin', 20, 'checkin', 'at', '{id,source_id,at,kind,exit_status,rid,method,remote,agent,content_type,body}', 'true', 't.taken_at IS NOT NULL', '', 'run.read', 1, 1),
  ('confirmation', 30, 'backup', 'at', '{id,occurrence_id,at,person_id,person,post,verdict,note}', 'true', 'true', '', 'duty.read', 7, 1),
  ('excuse', 31, 'backup', 'at', '{id,occurrence_id,at,person_id,person,reason}', 'true', 'true', '', 'duty.read', 7, 1),
  ('verification', 32, 'backup', 'at', '{id,run_id,examination,level,outcome,reason_code,reason_params,at,took_ms}', 'true', 'true', '', 'run.read', 7, 1),
  ('run', 33, 'backup', 'recorded_at', '{id,plan_id,rid,recorded_at}', 'true',
    't.verify_at IS NULL AND t.claim IS NULL AND NOT EXISTS (SELECT FROM verification c WHERE c.tenant_id = t.tenant_id AND c.run_id = t.id)', '', 'run.read', 7, 1),
  ('occurrence', 34, 'backup', 'scheduled_at',
    '{id,duty_id,period,night,opens_at,scheduled_at,due_at,judge_at,started_at,arrived_at,outcome,outcome_at,outcome_code,outcome_params,verdict,reason_code,reason_params,judged_at}',
    't.verdict IS NOT NULL',
    'NOT EXISTS (SELECT FROM confirmation c WHERE c.tenant_id = t.tenant_id AND c.occurrence_id = t.id)
     AND NOT EXISTS (SELECT FROM excuse c WHERE c.tenant_id = t.tenant_id AND c.occurrence_id = t.id)
     AND NOT EXISTS (SELECT FROM run c WHERE c.tenant_id = t.tenant_id AND c.occurrence_id = t.id)
     AND NOT EXISTS (SELECT FROM duty_state c WHERE c.tenant_id = t.tenant_id AND c.occurrence_id = t.id)', '', 'duty.read', 7, 1),
  ('acknowledgement', 40, 'incident', 'recorded_at', '{id,incident_id,rung_id,occurred_at,recorded_at,via,by_id,by_text,recorded_by,promise,until}', 'true', 'true', '', 'incident.read', 5, 1),
  ('incident_event', 41, 'incident', 'at', '{id,incident_id,at,kind,by_id,by_text,detail}', 'true', 'true', '', 'incident.read', 5, 1),
  ('incident', 42, 'incident', 'opened_at', '{id,cause,about,about_id,night,opened_at}', 'true',
    't.state = ''resolved'' AND NOT EXISTS (SELECT FROM acknowledgement c WHERE c.tenant_id = t.tenant_id AND c.incident_id = t.id)
     AND NOT EXISTS (SELECT FROM incident_event c WHERE c.tenant_id = t.tenant_id AND c.incident_id = t.id)', 'rung', 'incident.read', 5, 1),
  ('attempt', 50, 'notice', 'started_at', '{id,notice_id,n,started_at,ended_at,outcome,detail}', 't.ended_at IS NOT NULL', 'true', '', 'notice.read', 5, 1),
  ('notice', 51, 'notice', 'queued_at', '{id,dedup,kind,about,about_id,channel,to_post,to_name,to_address,subject,body_text,body_html,message_id,queued_at}', 'true',
    't.state IN (''sent'', ''failed'', ''withdrawn'') AND NOT EXISTS (SELECT FROM attempt c WHERE c.tenant_id = t.tenant_id AND c.notice_id = t.id)
     AND NOT EXISTS (SELECT FROM rung c WHERE c.tenant_id = t.tenant_id AND c.notice_id = t.id)', 'notice_also', 'notice.read', 5, 1);
GRANT SELECT ON record_kind TO tanamori_town, tanamori_host, tanamori_job;

-- How many fiscal years a series is kept after the one in which a record was made, and from which day that holds. The
-- newest of those that hold is in force; where a town has none, the default. A rule is written for every town of the
-- consortium, in its own rows.
CREATE TABLE retention_rule (
  tenant_id bigint NOT NULL REFERENCES tenant,
  id        bigint GENERATED ALWAYS AS IDENTITY,
  series    text    NOT NULL,
  years     integer NOT NULL CHECK (years BETWEEN 1 AND 100),
  from_on   date    NOT NULL,
  at        timestamptz NOT NULL,
  by_id     bigint,
  by_text   text    NOT NULL,
  reason    text    NOT NULL,
  PRIMARY KEY (tenant_id, id),
  -- 住基ネット規程 第17条第2項: the operation history can be analysed for the past seven years.
  CONSTRAINT retention_log_years CHECK (series <> 'log' OR years >= 7)
);
CREATE INDEX retention_rule_series ON retention_rule (tenant_id, series, id DESC);
CALL tanamori_isolate('retention_rule');
CALL tanamori_append_only('retention_rule');
GRANT SELECT ON retention_rule TO tanamori_town;
GRANT SELECT, INSERT ON retention_rule TO tanamori_host;
CALL tanamori_serve('retention_rule', 'tanamori_job', 'SELECT, INSERT');

-- A bound month: the rows of one kind with after_id < id <= last_id. By id and not by time: what is written down late, or
-- by a clock that went back, belongs to a later volume and leaves this one as it is. It stays when its rows are gone.
CREATE TABLE volume (
  tenant_id   bigint  NOT NULL REFERENCES tenant,
  id          bigint  GENERATED ALWAYS AS IDENTITY,
  kind        text    NOT NULL,
  number      integer NOT NULL CHECK (number > 0),
  month       date    NOT NULL,
  fiscal_year integer NOT NULL, -- of its newest row
  columns     text[]  NOT NULL,
  after_id    bigint  NOT NULL CHECK (after_id >= 0),
  last_id     bigint  NOT NULL,
  row_count   bigint  NOT NULL CHECK (row_count >= 0),
  sha256      text    NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  previous    text    NOT NULL CHECK (previous ~ '^[0-9a-f]{64}$'),
  digest      text    NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
  bound_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT volume_number UNIQUE (tenant_id, kind, number),
  CHECK (last_id >= after_id AND row_count <= last_id - after_id)
);
CALL tanamori_isolate('volume');
CALL tanamori_append_only('volume');
GRANT SELECT ON volume TO tanamori_town, tanamori_host;
CALL tanamori_serve('volume', 'tanamori_job', 'SELECT, INSERT');

-- 廃棄の記録: which rows of a volume were removed, by which rule. It stands before they go, in the same transaction.
CREATE TABLE expiry (
  tenant_id bigint  NOT NULL,
  id        bigint  GENERATED ALWAYS AS IDENTITY,
  volume_id bigint  NOT NULL,
  kind      text    NOT NULL,
  years     integer NOT NULL,
  first_id  bigint  NOT NULL,
  last_id   bigint  NOT NULL,
  row_count bigint  NOT NULL CHECK (row_count >= 0),
  at        timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, volume_id) REFERENCES volume
);
CREATE INDEX expiry_volume ON expiry (tenant_id, volume_id);
CALL tanamori_isolate('expiry');
CALL tanamori_append_only('expiry');
GRANT SELECT ON expiry TO tanamori_town, tanamori_host;
CALL tanamori_serve('expiry', 'tanamori_job', 'SELECT, INSERT');

-- Where a town's volumes of one kind stand: what is bound next and when, and which is removed next and when. It is the
-- queue of both jobs, so that they read what is due and nothing else.
CREATE TABLE shelf (
  tenant_id bigint  NOT NULL REFERENCES tenant,
  kind      text    NOT NULL,
  number    integer NOT NULL DEFAULT 0, -- of the newest volume
  digest    text    NOT NULL,           -- of the newest volume
  last_id   bigint  NOT NULL DEFAULT 0, -- of the newest volume
  month     date    NOT NULL,           -- bound next
  bind_at   timestamptz NOT NULL,
  removed   integer NOT NULL DEFAULT 0, -- the newest volume whose rows are gone
  expire_at timestamptz,                -- when to look at the next one; empty while none is bound
  PRIMARY KEY (tenant_id, kind),
  CHECK (removed <= number)
);
CREATE INDEX shelf_bind ON shelf (bind_at);
CREATE INDEX shelf_expire ON shelf (expire_at) WHERE expire_at IS NOT NULL;
CALL tanamori_isolate('shelf');
GRANT SELECT ON shelf TO tanamori_town, tanamori_host;
GRANT UPDATE (expire_at) ON shelf TO tanamori_host; -- a new rule makes the job look
CALL tanamori_serve('shelf', 'tanamori_job', 'SELECT, INSERT, UPDATE');

-- 年度: 1 April to 31 March, named by the year in which it begins.
CREATE FUNCTION tanamori_fiscal_year(d date) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CAST(extract(year FROM d) AS integer) - CASE WHEN extract(month FROM d) < 4 THEN 1 ELSE 0 END $$;

-- The years in force for a town's series on a day.
CREATE FUNCTION tanamori_keep_years(town bigint, of_series text, day date) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT greatest(k.least_years, coalesce((SELECT r.years FROM retention_rule r WHERE r.tenant_id = town AND r.series = of_series AND r.from_on <= day
    ORDER BY r.id DESC LIMIT 1), k.default_years))
  FROM record_kind k WHERE k.series = of_series ORDER BY k.least_years DESC, k.position LIMIT 1
$$;

-- A month's records stay while anything of those weeks is not over: an incident that nobody has ended, a night without a
-- verdict. 45 days on either side: an incident speaks of the night before it, an occurrence is made 35 days ahead.
CREATE FUNCTION tanamori_held(town bigint, of_month date) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM incident i WHERE i.tenant_id = town AND i.state <> 'resolved' AND i.opened_at < of_month + interval '76 days')
    OR EXISTS (SELECT FROM occurrence o WHERE o.tenant_id = town AND o.verdict IS NULL AND o.night BETWEEN of_month - 45 AND of_month + 76)
$$;

-- What may be removed is decided here and by nobody who asks: a volume covers it, its fiscal years are over by the rule in
-- force, nothing holds it.
-- +goose StatementBegin
CREATE FUNCTION tanamori_lawful_expiry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE v volume; today date; years integer;
BEGIN
  SELECT * INTO v FROM volume x WHERE x.tenant_id = NEW.tenant_id AND x.id = NEW.volume_id;
  SELECT CAST(NEW.at AT TIME ZONE t.zone AS date) INTO today FROM tenant t WHERE t.id = NEW.tenant_id;
  years := tanamori_keep_years(NEW.tenant_id, (SELECT k.series FROM record_kind k WHERE k.kind = NEW.kind), today);
  IF current_user <> 'tanamori_job' OR v.id IS NULL OR v.kind <> NEW.kind OR NEW.at < v.bound_at
     OR NEW.first_id <= v.after_id OR NEW.last_id > v.last_id OR NEW.first_id > NEW.last_id
     OR years IS NULL OR NEW.years <> years OR tanamori_fiscal_year(today) <= v.fiscal_year + years
     OR tanamori_held(NEW.tenant_id, v.month) THEN
    RAISE EXCEPTION 'rows % to % of % are to be kept: removal refused', NEW.first_id, NEW.last_id, NEW.kind USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER lawful_expiry BEFORE INSERT ON expiry FOR EACH ROW EXECUTE FUNCTION tanamori_lawful_expiry();

-- Whether this transaction, the job's, has written down the removal of a row and named that line.
CREATE FUNCTION tanamori_expiring(of_kind text, town bigint, row_id bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT current_user = 'tanamori_job' AND EXISTS (SELECT FROM expiry e
    WHERE e.tenant_id = town AND e.id = CAST(nullif(current_setting('tanamori.expiry', true), '') AS bigint)
      AND e.kind = of_kind AND row_id BETWEEN e.first_id AND e.last_id AND e.xmin = CAST(pg_current_xact_id() AS xid))
$$;

-- As in migration 1, but that a row whose removal is written down may go.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tanamori_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE o jsonb; n jsonb; a text;
BEGIN
  IF TG_OP = 'UPDATE' AND TG_NARGS > 0 THEN
    o := to_jsonb(OLD); n := to_jsonb(NEW);
    FOREACH a IN ARRAY TG_ARGV LOOP
      IF coalesce(o ->> a, '') = '' THEN o := o - a; n := n - a; END IF;
    END LOOP;
    IF o = n THEN RETURN NEW; END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF tanamori_expiring(TG_TABLE_NAME, OLD.tenant_id, OLD.id) THEN RETURN OLD; END IF;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd

-- As in migration 5, with the same exception.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tanamori_keep_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.verdict IS NULL AND OLD.started_at IS NULL AND OLD.arrived_at IS NULL AND OLD.outcome IS NULL THEN RETURN OLD; END IF;
    IF tanamori_expiring('occurrence', OLD.tenant_id, OLD.id) THEN RETURN OLD; END IF;
  ELSIF OLD.verdict IS NULL THEN
    RETURN NEW;
  ELSIF OLD.recovered_at IS NULL THEN
    IF to_jsonb(OLD) - '{recovered_at,recovered_code,recovered_params}'::text[] = to_jsonb(NEW) - '{recovered_at,recovered_code,recovered_params}'::text[] THEN
      RETURN NEW;
    END IF;
  ELSIF to_jsonb(OLD) = to_jsonb(NEW) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'occurrence % has a verdict: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd

-- What may change but is not to vanish: the same for rows that gather evidence. The arguments are the kind by whose removal
-- a row goes, and the column that names it.
-- +goose StatementBegin
CREATE FUNCTION tanamori_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF tanamori_expiring(TG_ARGV[0], OLD.tenant_id, CAST(to_jsonb(OLD) ->> TG_ARGV[1] AS bigint)) THEN RETURN OLD; END IF;
  RAISE EXCEPTION '% is kept: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER kept BEFORE DELETE ON run FOR EACH ROW EXECUTE FUNCTION tanamori_keep('run', 'id');
CREATE TRIGGER kept BEFORE DELETE ON notice FOR EACH ROW EXECUTE FUNCTION tanamori_keep('notice', 'id');
CREATE TRIGGER kept BEFORE DELETE ON incident FOR EACH ROW EXECUTE FUNCTION tanamori_keep('incident', 'id');
CREATE TRIGGER kept BEFORE DELETE ON rung FOR EACH ROW EXECUTE FUNCTION tanamori_keep('incident', 'incident_id');
-- What a message lists besides goes with the message.
DROP TRIGGER append_only ON notice_also;
CREATE TRIGGER append_only BEFORE UPDATE ON notice_also FOR EACH ROW EXECUTE FUNCTION tanamori_refuse();
CREATE TRIGGER kept BEFORE DELETE ON notice_also FOR EACH ROW EXECUTE FUNCTION tanamori_keep('notice', 'notice_id');

GRANT SELECT ON operation_log TO tanamori_job;
CALL tanamori_serve('confirmation', 'tanamori_job', 'SELECT');
GRANT DELETE ON operation_log, checkin, confirmation, excuse, verification, run, acknowledgement, incident_event, incident, rung, attempt, notice, notice_also TO tanamori_job;
-- A message goes when no rung points at it.
CREATE INDEX rung_notice ON rung (tenant_id, notice_id) WHERE notice_id IS NOT NULL;

-- What grows without being evidence of a town.
GRANT DELETE ON outage, round TO tanamori_job;
