-- One message may tell of many things, and one that is no longer needed is withdrawn before it leaves.
-- +goose Up

-- What a message lists besides its lead, notice.about_id; n is the place in the list, from 2.
CREATE TABLE notice_also (
  tenant_id bigint  NOT NULL,
  notice_id bigint  NOT NULL,
  n         integer NOT NULL,
  about_id  bigint  NOT NULL,
  PRIMARY KEY (tenant_id, notice_id, n),
  FOREIGN KEY (tenant_id, notice_id) REFERENCES notice
);
CREATE INDEX notice_also_about ON notice_also (tenant_id, about_id);
CALL tanamori_isolate('notice_also');
CALL tanamori_append_only('notice_also');
GRANT SELECT ON notice_also TO tanamori_town;
GRANT SELECT, INSERT ON notice_also TO tanamori_host;
CALL tanamori_serve('notice_also', 'tanamori_job', 'SELECT, INSERT');

-- 撤回: what it tells of was over before it left.
ALTER TABLE notice ADD COLUMN withdrawn_at timestamptz;
ALTER TABLE notice DROP CONSTRAINT notice_state_check;
ALTER TABLE notice ADD CONSTRAINT notice_state_check CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'withdrawn')),
  ADD CONSTRAINT notice_withdrawn_check CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL));
DROP INDEX notice_unsent;
CREATE INDEX notice_unsent ON notice (tenant_id, id) WHERE state NOT IN ('sent', 'withdrawn');
CREATE INDEX notice_withdrawn ON notice (tenant_id, id) WHERE state = 'withdrawn';

-- What comes due at one moment is claimed town by town, so that the edge of a batch splits one town at most.
DROP INDEX rung_due;
CREATE INDEX rung_due ON rung (due_at, tenant_id) WHERE state = 'pending';
DROP INDEX incident_ack_until;
CREATE INDEX incident_ack_until ON incident (ack_until, tenant_id) WHERE state = 'acknowledged';
DROP INDEX occurrence_look;
CREATE INDEX occurrence_look ON occurrence (look_at, tenant_id) WHERE verdict IS NULL;
