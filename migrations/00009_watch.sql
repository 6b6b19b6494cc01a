-- The audit of Tanamori itself: what it finds, what it put right, and the sign of life it sends outside.
-- +goose Up

-- What the audit finds late is looked for by the deadline: its next look may be the very thing that is wrong.
CREATE INDEX occurrence_overdue ON occurrence (judge_at) WHERE verdict IS NULL;

-- One row a town and kind, for as long as it stands and a day after it was last found or put right.
CREATE TABLE breach (
  tenant_id bigint NOT NULL REFERENCES tenant,
  kind      text   NOT NULL CHECK (kind <> ''),
  setting   boolean NOT NULL,
  count     integer NOT NULL,
  since     timestamptz NOT NULL,
  found_at  timestamptz NOT NULL,
  seen_at   timestamptz,
  mends     integer NOT NULL,
  mended    integer NOT NULL,
  mended_at timestamptz,
  PRIMARY KEY (tenant_id, kind)
) WITH (fillfactor = 70);
CALL tanamori_isolate('breach');
GRANT SELECT ON breach TO tanamori_town, tanamori_host;
CALL tanamori_serve('breach', 'tanamori_job', 'SELECT, INSERT, UPDATE, DELETE');

-- One row: the sign of life sent to an address outside. Why it failed is a reason's code; the address is kept nowhere.
CREATE TABLE outward (
  id            integer PRIMARY KEY CHECK (id = 1),
  sent_at       timestamptz NOT NULL,
  ok_at         timestamptz,
  failing_since timestamptz,
  reason_code   text  NOT NULL DEFAULT '',
  reason_params jsonb NOT NULL DEFAULT '{}'
) WITH (fillfactor = 70);
GRANT SELECT, INSERT, UPDATE ON outward TO tanamori_job;
GRANT SELECT ON outward TO tanamori_host, tanamori_town;
