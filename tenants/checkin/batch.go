package checkin

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"tanamori/tenants"
	"tanamori/tenants/checkin/body"
)

// The role is taken inside the batch's own implicit transaction and is gone with it. A plan made once serves every batch:
// it does not depend on the values, and making it anew costs more than carrying it out.
const asIngest = `SELECT set_config('role', 'tanamori_ingest', true), set_config('plan_cache_mode', 'force_generic_plan', true)`

// keep writes a batch. The states are locked in the order of their keys, so that the batches of two writers or two nodes
// that know the same sources wait for each other rather than block each other.
const keep = `
WITH b AS MATERIALIZED (
	SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::smallint[], $7::uuid[], $8::text[], $9::text[],
		$10::text[], $11::text[], $12::bytea[]) WITH ORDINALITY
		AS b (uuid, ping_key, slug, at, kind, exit_status, rid, method, remote, agent, content_type, body, n)
), known AS MATERIALIZED (
	SELECT s.tenant_id, s.id AS source_id, b.* FROM b JOIN source s ON s.uuid = b.uuid WHERE s.retired_at IS NULL
	UNION ALL
	SELECT s.tenant_id, s.id, b.* FROM b JOIN tenant t ON t.ping_key = b.ping_key JOIN source s ON s.tenant_id = t.id AND s.slug = b.slug
	WHERE b.uuid IS NULL AND s.retired_at IS NULL
), kept AS (
	INSERT INTO checkin (tenant_id, source_id, at, kind, exit_status, rid, method, remote, agent, content_type, body)
	SELECT tenant_id, source_id, at, kind, exit_status, rid, method, remote, agent, content_type, body FROM known ORDER BY n
), newest AS (
	SELECT DISTINCT ON (tenant_id, source_id) tenant_id, source_id, at, kind, count(*) OVER (PARTITION BY tenant_id, source_id) AS arrived
	FROM known ORDER BY tenant_id, source_id, n DESC
), held AS MATERIALIZED (
	SELECT w.* FROM newest w JOIN source_state x ON x.tenant_id = w.tenant_id AND x.source_id = w.source_id
	ORDER BY w.tenant_id, w.source_id FOR UPDATE OF x
), moved AS (
	UPDATE source_state x SET seq = x.seq + h.arrived, last_at = greatest(x.last_at, h.at),
		last_kind = CASE WHEN x.last_at > h.at THEN x.last_kind ELSE h.kind END
	FROM held h WHERE x.tenant_id = h.tenant_id AND x.source_id = h.source_id
)
SELECT coalesce(array_agg(n), '{}'), CASE WHEN count(*) > 0 THEN pg_notify('` + tenants.Channel + `', '` + string(tenants.WakeCheckin) + `:0')::text END
FROM known`

// columns is a batch turned on its side, one array a column. It is used again for every batch of its shard.
type columns struct {
	uuid, rid                                           []pgtype.UUID
	key, slug, kind, method, remote, agent, contentType []string
	at                                                  []time.Time
	exit                                                []pgtype.Int2
	body                                                [][]byte
}

func (c *columns) fill(batch []*item) {
	for _, it := range batch {
		var exit pgtype.Int2
		if it.ExitStatus != nil {
			exit = pgtype.Int2{Int16: int16(*it.ExitStatus), Valid: true}
		}
		var rid pgtype.UUID
		if it.RID != nil {
			rid = pgtype.UUID{Bytes: *it.RID, Valid: true}
		}
		c.uuid, c.rid = append(c.uuid, pgtype.UUID{Bytes: it.UUID, Valid: it.UUID != uuid.Nil}), append(c.rid, rid)
		c.key, c.slug, c.kind = append(c.key, it.PingKey), append(c.slug, it.Slug), append(c.kind, string(it.Kind))
		c.method, c.remote, c.agent = append(c.method, it.Method), append(c.remote, it.Remote), append(c.agent, it.Agent)
		c.contentType, c.body = append(c.contentType, it.ContentType), append(c.body, it.Body)
		c.at, c.exit = append(c.at, it.at), append(c.exit, exit)
	}
}

// clear lets go of what the last batch held and keeps the arrays.
func (c *columns) clear() {
	for _, s := range []*[]string{&c.key, &c.slug, &c.kind, &c.method, &c.remote, &c.agent, &c.contentType} {
		clear(*s)
		*s = (*s)[:0]
	}
	clear(c.body)
	c.body = c.body[:0]
	c.uuid, c.rid, c.at, c.exit = c.uuid[:0], c.rid[:0], c.at[:0], c.exit[:0]
}

// send writes a batch in one round trip and one transaction, and notes which of its check-ins found their source. When it
// returns nil the transaction has been committed.
func (s *shard) send(ctx context.Context, batch []*item) (err error) {
	conn, err := s.line.get(ctx, s.intake.clock())
	if err != nil {
		return err
	}
	c := &s.columns
	defer c.clear()
	c.fill(batch)

	var both pgx.Batch
	both.Queue(asIngest)
	both.Queue(keep, c.uuid, c.key, c.slug, c.at, c.kind, c.exit, c.rid, c.method, c.remote, c.agent, c.contentType, c.body)
	results := conn.SendBatch(ctx, &both)
	var found []int64
	if _, err = results.Exec(); err == nil {
		err = results.QueryRow().Scan(&found, nil)
	}
	// The commit comes with the end of the batch: only Close tells whether it was done.
	if closed := results.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	for _, n := range found {
		batch[n-1].found = true
	}
	return nil
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
