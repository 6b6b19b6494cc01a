-- Causes, the frozen ladder of each, who answered what, and the timeline.
-- +goose Up

CREATE TABLE incident (
  tenant_id     bigint NOT NULL REFERENCES tenant,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  cause         text   NOT NULL,
  about         text   NOT NULL,
  about_id      bigint NOT NULL,
  subject       text   NOT NULL,
  night         date,
  severity      text   NOT NULL CHECK (severity IN ('critical', 'warning')),
  reason_code   text   NOT NULL,
  reason_params jsonb  NOT NULL,
  state         text   NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
  opened_at     timestamptz NOT NULL,
  repeat_minutes integer NOT NULL,
  ack_until     timestamptz,
  resolved_at   timestamptz,
  resolution    text   NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, id),
  CHECK ((state = 'acknowledged') = (ack_until IS NOT NULL)),
  CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
);
-- One cause, one open incident: the guard against two nodes and against a second verdict.
CREATE UNIQUE INDEX incident_one_open ON incident (tenant_id, cause) WHERE state <> 'resolved';
CREATE INDEX incident_ack_until ON incident (ack_until) WHERE state = 'acknowledged';
CALL tanamori_isolate('incident');
GRANT SELECT, UPDATE ON incident TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON incident TO tanamori_host;
CALL tanamori_serve('incident', 'tanamori_job', 'SELECT, INSERT, UPDATE');

-- 連絡の段: the town's contacts as they stood when the incident opened.
CREATE TABLE rung (
  tenant_id   bigint NOT NULL,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  incident_id bigint NOT NULL,
  position    integer NOT NULL,
  contact_id  bigint,
  post        text   NOT NULL,
  name        text   NOT NULL,
  mail        text   NOT NULL,
  phone       text   NOT NULL,
  hours       text   NOT NULL,
  after_minutes integer NOT NULL,
  due_at      timestamptz NOT NULL,
  state       text   NOT NULL CHECK (state IN ('pending', 'held', 'fired', 'dropped')),
  fired_at    timestamptz,
  notice_id   bigint,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, incident_id) REFERENCES incident,
  FOREIGN KEY (tenant_id, contact_id) REFERENCES contact,
  FOREIGN KEY (tenant_id, notice_id) REFERENCES notice,
  CONSTRAINT rung_position UNIQUE (tenant_id, incident_id, position),
  CHECK ((state = 'fired') = (fired_at IS NOT NULL))
);
CREATE INDEX rung_due ON rung (due_at) WHERE state = 'pending';
CALL tanamori_isolate('rung');
GRANT SELECT, UPDATE ON rung TO tanamori_town;
GRANT SELECT, INSERT, UPDATE ON rung TO tanamori_host;
CALL tanamori_serve('rung', 'tanamori_job', 'SELECT, INSERT, UPDATE');

-- 受領確認: who answered, by which way, what was promised and until when.
CREATE TABLE acknowledgement (
  tenant_id   bigint NOT NULL,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  incident_id bigint NOT NULL,
  rung_id     bigint,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  via         text   NOT NULL CHECK (via IN ('link', 'console', 'api', 'phone')),
  by_id       bigint,
  by_text     text   NOT NULL,
  recorded_by text   NOT NULL,
  promise     text   NOT NULL,
  until       timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, incident_id) REFERENCES incident,
  FOREIGN KEY (tenant_id, rung_id) REFERENCES rung
);
-- A link answers once.
CREATE UNIQUE INDEX acknowledgement_link ON acknowledgement (tenant_id, rung_id) WHERE via = 'link';
CREATE INDEX acknowledgement_incident ON acknowledgement (tenant_id, incident_id);
CALL tanamori_isolate('acknowledgement');
CALL tanamori_append_only('acknowledgement');
GRANT SELECT, INSERT ON acknowledgement TO tanamori_town, tanamori_host;
CALL tanamori_serve('acknowledgement', 'tanamori_job', 'SELECT');

-- 経過: everything that happened to an incident, in order.
CREATE TABLE incident_event (
  tenant_id   bigint NOT NULL,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  incident_id bigint NOT NULL,
  at          timestamptz NOT NULL,
  kind        text   NOT NULL CHECK (kind IN ('opened', 'worsened', 'told', 'unreachable', 'acknowledged', 'ack_expired', 'noted', 'resolved')),
  by_id       bigint,
  by_text     text   NOT NULL,
  detail      jsonb  NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, incident_id) REFERENCES incident
);
CREATE INDEX incident_event_incident ON incident_event (tenant_id, incident_id, id);
CALL tanamori_isolate('incident_event');
CALL tanamori_append_only('incident_event');
GRANT SELECT, INSERT ON incident_event TO tanamori_town, tanamori_host;
CALL tanamori_serve('incident_event', 'tanamori_job', 'SELECT, INSERT');
