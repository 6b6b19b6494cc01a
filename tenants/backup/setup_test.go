package backup_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/checkin"
	"tanamori/tenants/duty"
	"tanamori/tenants/tenantstest"
)

var tokyo = time.FixedZone("JST", 9*3600)

// jst is a time of day in Japan: "11-22 02:00".
func jst(when string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", "2026-"+when, tokyo)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// vault is a town with a server, a store in a real directory and a nightly plan.
type vault struct {
	*tenantstest.Bench
	t                           testing.TB
	host, town, stranger        int64
	admin, operator, staff, far tenants.Actor
	job                         tenants.Actor
	server, store               int64
	dir                         string
	plan                        backup.Plan
}

// newVault begins at 07:30 of 21 November; the first night is that of the 21st, scheduled at 02:00 of the 22nd.
func newVault(t testing.TB, change func(*backup.PlanInput)) *vault {
	t.Helper()
	b := tenantstest.New(t)
	v := &vault{Bench: b, t: t, host: b.Host("蘭越町", "013943"), town: b.Town("むかわ町", "015865"), job: tenants.Job("test"), dir: t.TempDir()}
	v.admin, v.operator, v.staff = b.Person(v.host, tenants.HostAdmin), b.Person(v.host, tenants.Operator), b.Person(v.town, tenants.Town)
	b.Contact(v.town, "町民生活課長", "見本 一郎", "ichiro@mukawa.example.jp")
	v.server = b.Server(v.town, "戸籍正")
	b.Consortium()
	v.stranger = b.Host("見本町", "010006")
	v.far = b.Person(v.stranger, tenants.HostAdmin)
	v.Do(v.admin, func(ctx context.Context, tx *tenants.Tx) error {
		s, err := backup.AddStore(ctx, tx, v.town, backup.StoreInput{Name: "控え置き場", Root: v.dir})
		v.store = s.ID
		return err
	})
	v.plan = v.add(change)
	v.pipeline(duty.PlanAhead, 100)
	return v
}

func (v *vault) input() backup.PlanInput {
	in := backup.Defaults("Asia/Tokyo")
	in.ServerID, in.StoreID, in.Pattern = v.server, v.store, "koseki-{YYYY}{MM}{DD}.tar.gz"
	return in
}

func (v *vault) add(change func(*backup.PlanInput)) (p backup.Plan) {
	v.t.Helper()
	in := v.input()
	if change != nil {
		change(&in)
	}
	v.Do(v.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		p, err = backup.AddPlan(ctx, tx, v.town, in)
		return err
	})
	return p
}

// pipeline runs an act of the pipeline once and tells how much it did.
func (v *vault) pipeline(act func(context.Context, *tenants.Tx, int) (int, error), limit int) (n int) {
	v.t.Helper()
	v.Do(v.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		n, err = act(ctx, tx, limit)
		return err
	})
	return n
}

func (v *vault) to(when string) {
	v.t.Helper()
	v.Clock.Set(jst(when))
}

type ping struct {
	kind checkin.Kind
	rid  *uuid.UUID
	exit *int
	body string
	ct   string
	plan *backup.Plan
	at   time.Time
}

// ping puts a check-in before the ledger as the intake does.
func (v *vault) ping(list ...ping) {
	v.t.Helper()
	for _, p := range list {
		plan := v.plan
		if p.plan != nil {
			plan = *p.plan
		}
		if p.at.IsZero() {
			p.at = v.Clock.Now()
		}
		v.SQL(`INSERT INTO checkin (tenant_id, source_id, at, kind, exit_status, rid, method, remote, agent, content_type, body)
			VALUES ($1, $2, $3, $4, $5, $6, 'POST', '192.0.2.7', 'curl', $7, $8)`, v.town, *plan.SourceID, p.at, string(p.kind), p.exit, p.rid, p.ct, []byte(p.body))
	}
}

func (v *vault) takeIn() int {
	v.t.Helper()
	return v.pipeline(backup.TakeIn, 500)
}

func (v *vault) judge() int {
	v.t.Helper()
	return v.pipeline(duty.JudgeDue, 500)
}

// runs are the plan's, oldest first.
func (v *vault) runs(plan backup.Plan) (runs []backup.Run) {
	v.t.Helper()
	v.Do(v.staff, func(ctx context.Context, tx *tenants.Tx) (err error) {
		runs, err = backup.ListRuns(ctx, tx, v.town, plan.ID, 0, 100)
		return err
	})
	for i, j := 0, len(runs)-1; i < j; i, j = i+1, j-1 {
		runs[i], runs[j] = runs[j], runs[i]
	}
	return runs
}

// verdict is that of the plan's occurrence scheduled then, with its reason's code.
func (v *vault) verdict(when string) (verdict, reason string) {
	v.t.Helper()
	row := v.SQL(`SELECT coalesce(verdict, '') AS v, coalesce(reason_code, '') AS r FROM occurrence WHERE duty_id = $1 AND scheduled_at = $2`, *v.plan.DutyID, jst(when))
	require.Len(v.t, row, 1)
	return row[0]["v"].(string), row[0]["r"].(string)
}

func (v *vault) claim() (cases []backup.Case) {
	v.t.Helper()
	v.Do(v.job, func(ctx context.Context, tx *tenants.Tx) (err error) {
		cases, err = backup.ClaimToVerify(ctx, tx, 100, 2*time.Minute)
		return err
	})
	return cases
}

func (v *vault) settle(c backup.Case, f backup.Finding) error {
	return v.Try(v.job, func(ctx context.Context, tx *tenants.Tx) error { return backup.Settle(ctx, tx, c, f) })
}

// verify examines everything that is due, once.
func (v *vault) verify() (findings []backup.Finding) {
	v.t.Helper()
	for _, c := range v.claim() {
		f := backup.Examine(v.t.Context(), c, time.Now)
		require.NoError(v.t, v.settle(c, f))
		findings = append(findings, f)
	}
	return findings
}

// archive is a whole tar.gz of about that many bytes, another one for each seed.
func archive(t testing.TB, seed uint64, size int) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	content := make([]byte, size)
	for i := range content {
		content[i] = byte(r.UintN(256))
	}
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: "koseki/table.tsv", Mode: 0o600, Size: int64(size)}))
	_, err := w.Write(content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, z.Close())
	return out.Bytes()
}

func sumOf(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// place writes a file as it stood on the store at that time.
func (v *vault) place(name string, b []byte, at time.Time) {
	v.t.Helper()
	full := filepath.Join(v.dir, name)
	require.NoError(v.t, os.MkdirAll(filepath.Dir(full), 0o750))
	require.NoError(v.t, os.WriteFile(full, b, 0o600))
	require.NoError(v.t, os.Chtimes(full, at, at))
}

// night plays one good night of the default plan: start, file with its checksum, success, examination, verdict.
func (v *vault) night(day string, seed uint64, size int) backup.Finding {
	v.t.Helper()
	v.to(day + " 02:00")
	v.ping(ping{kind: checkin.Start})
	v.takeIn()
	v.to(day + " 02:41")
	b := archive(v.t, seed, size)
	name := "koseki-2026" + day[:2] + day[3:] + ".tar.gz"
	v.place(name, b, v.Clock.Now())
	v.place(name+".sha256", []byte(sumOf(b)+"  "+name+"\n"), v.Clock.Now())
	v.ping(ping{kind: checkin.Success})
	v.takeIn()
	found := v.verify()
	require.Len(v.t, found, 1)
	v.judge()
	return found[0]
}

func ptr[T any](v T) *T { return &v }
