-- What is asked of somebody once, by a moment (a key back, a rack locked, an instruction carried out), and what a person
-- says of a duty.
-- +goose Up

-- 履行: what a person's own record proves of a duty. The record itself stands in its ledger; this is where the pipeline takes
-- it in, so that evidence keeps its one way in.
CREATE TABLE duty_answer (
  tenant_id     bigint NOT NULL REFERENCES tenant,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  duty_id       bigint NOT NULL,
  occurrence_id bigint NOT NULL,
  good          boolean NOT NULL,
  at            timestamptz NOT NULL,
  reason_code   text   NOT NULL,
  reason_params jsonb  NOT NULL,
  by_text       text   NOT NULL,
  recorded_at   timestamptz NOT NULL,
  taken_at      timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, duty_id) REFERENCES duty,
  FOREIGN KEY (tenant_id, occurrence_id) REFERENCES occurrence
);
CREATE INDEX duty_answer_untaken ON duty_answer (id) WHERE taken_at IS NULL;
CREATE INDEX duty_answer_of ON duty_answer (tenant_id, occurrence_id);
CALL tanamori_isolate('duty_answer');
CALL tanamori_append_only('duty_answer', 'taken_at');
GRANT SELECT, INSERT ON duty_answer TO tanamori_town, tanamori_host;
CALL tanamori_serve('duty_answer', 'tanamori_job', 'SELECT, DELETE');
GRANT UPDATE (taken_at) ON duty_answer TO tanamori_job;

INSERT INTO record_kind (kind, position, series, recorded, columns, settled, free, along, act, default_years, least_years) VALUES
  ('duty_answer', 29, 'backup', 'recorded_at', '{id,duty_id,occurrence_id,good,at,reason_code,reason_params,by_text,recorded_at}', 't.taken_at IS NOT NULL', 'true', '', 'duty.read', 7, 1);
UPDATE record_kind SET free = free || ' AND NOT EXISTS (SELECT FROM duty_answer c WHERE c.tenant_id = t.tenant_id AND c.occurrence_id = t.id)' WHERE kind = 'occurrence';

CALL tanamori_gather('duty_answer', 'recorded_at', 'duty.read',
  columns => '{id,duty_id,occurrence_id,good,at,reason_code,reason_params,by_text,recorded_at}');
