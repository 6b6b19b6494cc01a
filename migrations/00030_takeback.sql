-- What a hand-over ended, so that taking it back restores that and nothing else.
-- +goose Up

-- handed_over: whose time in the office a hand-over ended, and this post with it; former_until is the last day that it had before.
-- Whoever sets its last day afterwards decides anew, and both are empty.
ALTER TABLE post
  ADD COLUMN handed_over  bigint,
  ADD COLUMN former_until date,
  ADD FOREIGN KEY (tenant_id, handed_over) REFERENCES office_holder,
  ADD CONSTRAINT post_handed_over CHECK (handed_over IS NOT NULL OR former_until IS NULL);

-- Of hand-overs from before: those posts about which the register says last that they ended, at the moment at which the operation
-- log has the office changing hands.
UPDATE post o SET handed_over = h.id, former_until = (SELECT e.until_on FROM appointment e
    WHERE e.tenant_id = coalesce(o.held_at, o.tenant_id) AND e.home_id = o.tenant_id AND e.post_id = o.id ORDER BY e.id DESC OFFSET 1 LIMIT 1)
FROM office_holder h JOIN office_post x ON x.tenant_id = h.tenant_id AND x.office_id = h.office_id
WHERE h.until_on IS NOT NULL AND h.withdrawn_at IS NULL AND o.tenant_id = x.tenant_id AND o.office_post_id = x.id AND o.person_id = h.person_id
  AND o.withdrawn_at IS NULL AND o.until_on = h.until_on
  AND (SELECT e.event = 'ended' AND EXISTS (SELECT FROM operation_log l
      WHERE l.tenant_id = h.tenant_id AND l.object = 'office' AND l.object_id = h.office_id AND l.at = e.recorded_at)
    FROM appointment e WHERE e.tenant_id = coalesce(o.held_at, o.tenant_id) AND e.home_id = o.tenant_id AND e.post_id = o.id ORDER BY e.id DESC LIMIT 1);

-- What else does not go on by itself: a management password whose envelope was retired, or changed in the ledger without the console
-- making a new one, is void. The gate looks at the envelope too.
ALTER TABLE management_password ADD COLUMN void_at timestamptz;
GRANT SELECT (void_at) ON management_password TO tanamori_host;
CALL tanamori_serve('credential', 'tanamori_gate', 'SELECT (tenant_id, id, retired_at)');
UPDATE management_password m SET void_at = e.at FROM (SELECT c.tenant_id, c.credential_id, max(c.recorded_at) AS at FROM credential_event c
  WHERE c.kind IN ('changed', 'retired') GROUP BY c.tenant_id, c.credential_id) e
WHERE e.tenant_id = m.tenant_id AND e.credential_id = m.credential_id AND e.at > m.set_at AND m.spent_at IS NULL;
