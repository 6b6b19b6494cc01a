-- The morning's report (朝の報告): who is told each morning how the night went, and when. It takes the place of the mail that
-- carried the day's checkpoint alone, and carries the checkpoint itself.
-- +goose Up

-- minute is of the town's own day. day is the last of the town's days that was decided about, told_at when the newest report
-- was written: the next one tells of what was judged after it.
CREATE TABLE morning (
  tenant_id bigint      PRIMARY KEY REFERENCES tenant,
  minute    smallint    NOT NULL DEFAULT 450 CHECK (minute BETWEEN 0 AND 1439),
  every_day boolean     NOT NULL DEFAULT false, -- else on the town's open days
  day       date        NOT NULL,
  told_at   timestamptz NOT NULL
) WITH (fillfactor = 70);
CALL tanamori_isolate('morning');
GRANT SELECT, INSERT, UPDATE ON morning TO tanamori_town, tanamori_host;
CALL tanamori_serve('morning', 'tanamori_job', 'SELECT, UPDATE');

-- Not the emergency contacts: a good night calls nobody.
CREATE TABLE morning_reader (
  tenant_id bigint  NOT NULL REFERENCES morning,
  position  integer NOT NULL,
  name      text    NOT NULL CHECK (name <> ''),
  mail      text    NOT NULL CHECK (mail <> ''),
  PRIMARY KEY (tenant_id, position),
  CONSTRAINT morning_reader_mail UNIQUE (tenant_id, mail)
);
CALL tanamori_isolate('morning_reader');
GRANT SELECT, INSERT, DELETE ON morning_reader TO tanamori_town, tanamori_host;
CALL tanamori_serve('morning_reader', 'tanamori_job', 'SELECT');

-- Whoever got the checkpoints goes on getting them; the first report tells of what came after the last checkpoint's day began.
INSERT INTO morning (tenant_id, day, told_at)
SELECT w.tenant_id, coalesce(t.mailed_on, n.joined_on), CAST(coalesce(t.mailed_on, n.joined_on) AS timestamp) AT TIME ZONE n.zone
FROM tlog_witness w JOIN tenant n ON n.id = w.tenant_id LEFT JOIN tlog_tree t ON t.tenant_id = w.tenant_id;
INSERT INTO morning_reader (tenant_id, position, name, mail) SELECT tenant_id, 1, name, mail FROM tlog_witness;
DROP TABLE tlog_witness;
ALTER TABLE tlog_tree DROP COLUMN mailed_on, DROP COLUMN mailed_size;

ALTER TABLE notice DROP CONSTRAINT notice_kind_check;
ALTER TABLE notice ADD CONSTRAINT notice_kind_check CHECK (kind IN ('opened', 'repeated', 'reopened', 'resolved', 'checkpoint', 'reminded', 'morning')) NOT VALID;

-- A line of tlog_due is written by the trigger of a row that is linked to its town itself. To ask once more, line by line, was
-- most of what the log of evidence added to judging (docs/performance.md).
ALTER TABLE tlog_due DROP CONSTRAINT tlog_due_tenant_id_fkey;
