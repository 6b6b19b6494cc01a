package checkin

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"tanamori/database/failpoint"
	"tanamori/tenants"
	"tanamori/tenants/checkin/body"
)

// The writer's connection is its own for as long as it lives and is closed after it (line.drop), never given back to the
// pool; so the role is taken once, with the connection, and not again in each batch: that was a third of what a batch of
// one cost the server. The other settings make one plan that serves every batch and does not hang on statistics: look-ups
// by index, one after the other.
const asIngest = `SELECT set_config('role', 'tanamori_ingest', false), set_config('plan_cache_mode', 'force_generic_plan', false),
	set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false), set_config('enable_seqscan', 'off', false)`

const arrivals = `$1::uuid[], $2::timestamptz[], $3::text[], $4::smallint[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bytea[]`

const arrived = `uuid, at, kind, exit_status, rid, method, remote, agent, content_type, body`

// keepByUUID writes a batch whose check-ins are all addressed by UUID, as nearly all are.
const keepByUUID = `
WITH known AS MATERIALIZED (
	SELECT s.tenant_id, s.id AS source_id, b.*
	FROM unnest(` + arrivals + `) WITH ORDINALITY AS b (` + arrived + `, n) JOIN source s ON s.uuid = b.uuid WHERE s.retired_at IS NULL
)` + keepKnown

// keepByAny writes a batch in which some are addressed by ping key and slug.
const keepByAny = `
WITH b AS MATERIALIZED (
	SELECT * FROM unnest(` + arrivals + `, $11::text[], $12::text[]) WITH ORDINALITY AS b (` + arrived + `, ping_key, slug, n)
), known AS MATERIALIZED (
	SELECT s.tenant_id, s.id AS source_id, b.* FROM b JOIN source s ON s.uuid = b.uuid WHERE s.retired_at IS NULL
	UNION ALL
	SELECT s.tenant_id, s.id, b.* FROM b JOIN tenant t ON t.ping_key = b.ping_key JOIN source s ON s.tenant_id = t.id AND s.slug = b.slug
	WHERE b.uuid IS NULL AND s.retired_at IS NULL
)` + keepKnown

// keepKnown inserts the rows, moves each source's state on and rings for those who take check-ins in. The states are
// written in the order of their keys, so that the batches of two writers or two nodes that know the same sources wait for
// each other rather than block each other. Of two nodes at the same moment the later check-in stays; one that lies further
// ahead was stamped by a clock that has been put back since.
const keepKnown = `, kept AS (
	INSERT INTO checkin (tenant_id, source_id, at, kind, exit_status, rid, method, remote, agent, content_type, body)
	SELECT tenant_id, source_id, at, kind, exit_status, rid, method, remote, agent, content_type, body FROM known ORDER BY n
), newest AS MATERIALIZED (
	SELECT DISTINCT ON (tenant_id, source_id) tenant_id, source_id, at, kind, count(*) OVER (PARTITION BY tenant_id, source_id) AS arrived
	FROM known ORDER BY tenant_id, source_id, n DESC
), moved AS (
	UPDATE source_state x SET seq = x.seq + w.arrived,
		last_at = CASE WHEN x.last_at > w.at AND x.last_at < w.at + interval '1 minute' THEN x.last_at ELSE w.at END,
		last_kind = CASE WHEN x.last_at > w.at AND x.last_at < w.at + interval '1 minute' THEN x.last_kind ELSE w.kind END
	FROM newest w WHERE x.tenant_id = w.tenant_id AND x.source_id = w.source_id
)
SELECT string_agg(int8send(n), ''), CASE WHEN count(*) > 0 THEN pg_notify('` + tenants.Channel + `', '` + string(tenants.WakeCheckin) + `:0')::text END
FROM known`

// send writes a batch in one round trip and one transaction, and notes which of its check-ins found their source. When it
// returns nil the transaction has been committed.
func (s *shard) send(ctx context.Context, batch []*item) error {
	if err := s.line.ready(ctx, s.intake.clock()); err != nil {
		return err
	}
	defer s.columns.shrink()
	parameters := s.columns.fill(batch)
	keep := s.line.byAny
	if s.columns.byUUID {
		keep = s.line.byUUID
	}
	rows := s.line.conn.Conn().PgConn().ExecStatement(ctx, keep, parameters, binaryFormat, binaryFormat)
	failpoint.Here("checkin.sent")
	if rows.NextRow() {
		noteFound(batch, rows.Values()[0])
	}
	// The commit comes with the end of the statement: only Close tells whether it was done.
	if _, err := rows.Close(); err != nil {
		return err
	}
	failpoint.Here("checkin.committed")
	return nil
}

var binaryFormat = []int16{pgx.BinaryFormatCode}

// noteFound reads the places in the batch, counted from 1 and eight bytes each, of the check-ins that were written.
func noteFound(batch []*item, places []byte) {
	for ; len(places) >= 8; places = places[8:] {
		batch[binary.BigEndian.Uint64(places)-1].found = true
	}
}

// The longest texts that are kept beside a check-in, in bytes. What is longer is cut.
const (
	maxAgent  = 200
	maxRemote = 64
	maxType   = 200
)

// tidy refuses what cannot be a check-in and makes texts of what a client sent as one.
func (in *In) tidy() error {
	switch in.Kind {
	case Start, Success, Fail, Log:
	default:
		return fmt.Errorf("keep check-in: no such kind: %q", in.Kind)
	}
	if in.ExitStatus != nil && (*in.ExitStatus < 0 || *in.ExitStatus > 255) {
		return fmt.Errorf("keep check-in: no such exit status: %d", *in.ExitStatus)
	}
	if len(in.Body) > body.Limit {
		return fmt.Errorf("keep check-in: a body of %d bytes is too long", len(in.Body))
	}
	if in.Body == nil {
		in.Body = []byte{} // NULL is something else
	}
	in.Agent, in.Remote, in.ContentType = text(in.Agent, maxAgent), text(in.Remote, maxRemote), text(in.ContentType, maxType)
	in.PingKey, in.Slug, in.Method = text(in.PingKey, maxAgent), text(in.Slug, maxAgent), text(in.Method, maxRemote)
	return nil
}

// text is s as Postgres takes it: valid UTF-8 without NUL, at most n bytes.
func text(s string, n int) string {
	if len(s) <= n && utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
