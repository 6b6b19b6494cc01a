-- Duties, their occurrences made ahead, and the newest state of each duty.
-- +goose Up

CREATE TABLE duty (
  tenant_id      bigint NOT NULL REFERENCES tenant,
  id             bigint GENERATED ALWAYS AS IDENTITY,
  kind           text   NOT NULL,
  about_id       bigint NOT NULL,
  subject        text   NOT NULL CHECK (subject <> ''),
  work           text   NOT NULL,
  position       integer NOT NULL DEFAULT 0,
  cron           text   NOT NULL,
  zone           text   NOT NULL,
  policy         text   NOT NULL CHECK (policy IN ('every_day', 'open_days', 'roll_forward')),
  early_minutes  integer NOT NULL CHECK (early_minutes BETWEEN 0 AND 1440),
  window_minutes integer NOT NULL CHECK (window_minutes BETWEEN 1 AND 10080),
  grace_minutes  integer NOT NULL CHECK (grace_minutes BETWEEN 0 AND 10080),
  longest_minutes integer NOT NULL CHECK (longest_minutes BETWEEN 1 AND 10080),
  severity       text   NOT NULL CHECK (severity IN ('critical', 'warning')),
  ladder_id      bigint NOT NULL,
  active_from    timestamptz NOT NULL,
  planned_until  timestamptz NOT NULL,
  retired_at     timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT duty_ladder FOREIGN KEY (tenant_id, ladder_id) REFERENCES ladder,
  CONSTRAINT duty_about UNIQUE (tenant_id, kind, about_id)
);
CREATE INDEX duty_to_plan ON duty (planned_until) WHERE retired_at IS NULL;
CALL tanamori_isolate('duty');
GRANT SELECT ON duty TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON duty TO tanamori_host;
CALL tanamori_serve('duty', 'tanamori_job', 'SELECT, UPDATE');

-- A town's own days decide on which days its duties fall: when they change, what has not opened is planned anew.
-- +goose StatementBegin
CREATE FUNCTION tanamori_plan_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE duty SET planned_until = 'epoch'
  WHERE tenant_id = coalesce(NEW.tenant_id, OLD.tenant_id) AND retired_at IS NULL AND policy <> 'every_day';
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER plan_anew AFTER INSERT OR UPDATE OR DELETE ON local_day FOR EACH ROW EXECUTE FUNCTION tanamori_plan_anew();

-- A missed night is a row, not a gap. look_at is when the judge must look next; it is empty once there is a verdict.
CREATE TABLE occurrence (
  tenant_id      bigint NOT NULL,
  id             bigint GENERATED ALWAYS AS IDENTITY,
  duty_id        bigint NOT NULL,
  period         timestamptz NOT NULL,
  night          date   NOT NULL,
  opens_at       timestamptz NOT NULL,
  scheduled_at   timestamptz NOT NULL,
  due_at         timestamptz NOT NULL,
  judge_at       timestamptz NOT NULL,
  look_at        timestamptz,
  started_at     timestamptz,
  finish_by      timestamptz,
  arrived_at     timestamptz,
  settle_by      timestamptz,
  outcome        text CHECK (outcome IN ('good', 'bad')),
  outcome_at     timestamptz,
  outcome_code   text,
  outcome_params jsonb,
  verdict        text CHECK (verdict IN ('met', 'late', 'failed', 'missed', 'excused', 'unknown')),
  reason_code    text,
  reason_params  jsonb,
  judged_at      timestamptz,
  recovered_at   timestamptz,
  recovered_code text,
  recovered_params jsonb,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, duty_id) REFERENCES duty,
  CONSTRAINT occurrence_period UNIQUE (tenant_id, duty_id, period),
  CHECK (opens_at <= scheduled_at AND scheduled_at < due_at AND due_at <= judge_at),
  CHECK ((verdict IS NULL) = (look_at IS NOT NULL)),
  CHECK ((verdict IS NULL) = (judged_at IS NULL) AND (verdict IS NULL) = (reason_code IS NULL)),
  CHECK ((outcome IS NULL) = (outcome_at IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX occurrence_look ON occurrence (look_at) WHERE verdict IS NULL;
CREATE INDEX occurrence_night ON occurrence (tenant_id, night, duty_id);
CREATE INDEX occurrence_bad ON occurrence (tenant_id, duty_id, scheduled_at)
  WHERE verdict IN ('failed', 'missed', 'unknown') AND recovered_at IS NULL;
CREATE INDEX occurrence_scheduled ON occurrence (tenant_id, duty_id, scheduled_at DESC);
CALL tanamori_isolate('occurrence');
GRANT SELECT ON occurrence TO tanamori_town;
GRANT SELECT, INSERT, UPDATE, DELETE ON occurrence TO tanamori_host;
CALL tanamori_serve('occurrence', 'tanamori_job', 'SELECT, INSERT, UPDATE, DELETE');

-- What is judged stays: only an occurrence without evidence and verdict may go (its plan was changed). A verdict is final;
-- that it was made good later is written beside it, once.
-- +goose StatementBegin
CREATE FUNCTION tanamori_keep_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.verdict IS NULL AND OLD.started_at IS NULL AND OLD.arrived_at IS NULL AND OLD.outcome IS NULL THEN RETURN OLD; END IF;
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
CREATE TRIGGER keep_verdict BEFORE UPDATE OR DELETE ON occurrence FOR EACH ROW EXECUTE FUNCTION tanamori_keep_verdict();

-- The newest opened occurrence of each duty, with all that the board shows of it: the board reads nothing else. No
-- changing column is in an index, so that updates stay on their page.
CREATE TABLE duty_state (
  tenant_id     bigint NOT NULL,
  duty_id       bigint NOT NULL,
  occurrence_id bigint NOT NULL,
  scheduled_at  timestamptz NOT NULL,
  due_at        timestamptz NOT NULL,
  night         date   NOT NULL,
  verdict       text,
  reason_code   text   NOT NULL,
  reason_params jsonb  NOT NULL,
  judged_at     timestamptz,
  recovered_at  timestamptz,
  confirmed_at  timestamptz,
  confirmed_by  text,
  changed_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, duty_id),
  FOREIGN KEY (tenant_id, duty_id) REFERENCES duty
) WITH (fillfactor = 70);
CALL tanamori_isolate('duty_state');
GRANT SELECT ON duty_state TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON duty_state TO tanamori_host;
CALL tanamori_serve('duty_state', 'tanamori_job', 'SELECT, INSERT, UPDATE');

-- 確認: a person looked at the verdict of a night (RK 第3条第1号).
CREATE TABLE confirmation (
  tenant_id     bigint NOT NULL,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  occurrence_id bigint NOT NULL,
  at            timestamptz NOT NULL,
  person_id     bigint NOT NULL,
  person        text   NOT NULL,
  post          text   NOT NULL,
  verdict       text   NOT NULL,
  note          text   NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, occurrence_id) REFERENCES occurrence,
  CONSTRAINT confirmation_once UNIQUE (tenant_id, occurrence_id)
);
CALL tanamori_isolate('confirmation');
CALL tanamori_append_only('confirmation');
GRANT SELECT ON confirmation TO tanamori_town;
GRANT SELECT, INSERT ON confirmation TO tanamori_host;

-- 免除: a person said beforehand why this night need not be.
CREATE TABLE excuse (
  tenant_id     bigint NOT NULL,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  occurrence_id bigint NOT NULL,
  at            timestamptz NOT NULL,
  person_id     bigint NOT NULL,
  person        text   NOT NULL,
  reason        text   NOT NULL CHECK (reason <> ''),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, occurrence_id) REFERENCES occurrence,
  CONSTRAINT excuse_once UNIQUE (tenant_id, occurrence_id)
);
CALL tanamori_isolate('excuse');
CALL tanamori_append_only('excuse');
GRANT SELECT ON excuse TO tanamori_town;
GRANT SELECT, INSERT ON excuse TO tanamori_host;
CALL tanamori_serve('excuse', 'tanamori_job', 'SELECT');

-- Times at which no Tanamori process was alive to hear anything.
CREATE TABLE outage (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  from_at timestamptz NOT NULL,
  to_at   timestamptz NOT NULL CHECK (to_at > from_at),
  CONSTRAINT outage_from UNIQUE (from_at)
);
CREATE TABLE heartbeat (
  node    uuid PRIMARY KEY,
  started_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL
) WITH (fillfactor = 70);
-- When each job last ran to its end, for the board, /readyz and /metrics.
CREATE TABLE round (
  job         text PRIMARY KEY,
  started_at  timestamptz NOT NULL,
  ok_at       timestamptz,
  last_error  text NOT NULL DEFAULT '',
  did         integer NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
GRANT SELECT, INSERT ON outage TO tanamori_job;
GRANT SELECT, INSERT, UPDATE, DELETE ON heartbeat TO tanamori_job;
GRANT SELECT, INSERT, UPDATE ON round TO tanamori_job;
GRANT SELECT ON round, outage TO tanamori_host, tanamori_town, tanamori_gate;
