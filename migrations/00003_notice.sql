-- Messages and every try to deliver them. State is the queue: what is due is found by next_at.
-- +goose Up

CREATE TABLE notice (
  tenant_id    bigint NOT NULL REFERENCES tenant,
  id           bigint GENERATED ALWAYS AS IDENTITY,
  dedup        text   NOT NULL,
  kind         text   NOT NULL CHECK (kind IN ('opened', 'repeated', 'reopened', 'resolved')),
  about        text   NOT NULL,
  about_id     bigint NOT NULL,
  channel      text   NOT NULL CHECK (channel IN ('mail')),
  to_post      text   NOT NULL,
  to_name      text   NOT NULL,
  to_address   text   NOT NULL,
  subject      text   NOT NULL,
  body_text    text   NOT NULL,
  body_html    text   NOT NULL,
  link_for     text,
  message_id   text   NOT NULL,
  state        text   NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed')),
  queued_at    timestamptz NOT NULL,
  next_at      timestamptz,
  tries        integer NOT NULL DEFAULT 0,
  claim        uuid,
  claimed_until timestamptz,
  sent_at      timestamptz,
  repeated     boolean NOT NULL DEFAULT false,
  last_error   text   NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT notice_dedup UNIQUE (tenant_id, dedup),
  CHECK ((state IN ('queued', 'sending')) = (next_at IS NOT NULL)),
  CHECK ((state = 'sending') = (claim IS NOT NULL AND claimed_until IS NOT NULL)),
  CHECK ((state = 'sent') = (sent_at IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX notice_due ON notice (next_at) WHERE state IN ('queued', 'sending');
CREATE INDEX notice_unsent ON notice (tenant_id, id) WHERE state <> 'sent';
CREATE INDEX notice_about ON notice (tenant_id, about, about_id);
CALL tanamori_isolate('notice');
GRANT SELECT ON notice TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON notice TO tanamori_host;
CALL tanamori_serve('notice', 'tanamori_job', 'SELECT, INSERT, UPDATE');

-- One row a try. It stands before the message leaves; its end is filled in once.
CREATE TABLE attempt (
  tenant_id  bigint NOT NULL,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  notice_id  bigint NOT NULL,
  n          integer NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at   timestamptz,
  outcome    text CHECK (outcome IN ('sent', 'refused', 'error', 'unknown')),
  detail     text NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, notice_id) REFERENCES notice,
  CONSTRAINT attempt_n UNIQUE (tenant_id, notice_id, n),
  CHECK ((outcome IS NULL) = (ended_at IS NULL))
);
CALL tanamori_isolate('attempt');
CALL tanamori_append_only('attempt', 'ended_at', 'outcome', 'detail');
GRANT SELECT ON attempt TO tanamori_town, tanamori_host;
CALL tanamori_serve('attempt', 'tanamori_job', 'SELECT, INSERT, UPDATE');
