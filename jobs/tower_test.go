package jobs_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tanamori/jobs"
	"tanamori/jobs/demo"
	"tanamori/jobs/mail"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/checkin"
	"tanamori/tenants/incident"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/town"
)

// stage is one town with one plan, a store on disk, a mail server, and the jobs on a clock that is moved by hand.
type stage struct {
	*tenantstest.Bench
	t      *testing.T
	admin  tenants.Actor
	town   int64
	plan   int64
	uuid   uuid.UUID
	store  string
	intake *checkin.Intake
	tower  *jobs.Tower
	bell   *tenants.Bell
	box    *demo.Mailbox
	zone   *time.Location
}

func setup(t *testing.T) *stage {
	t.Helper()
	b := tenantstest.New(t)
	zone, err := time.LoadLocation("Asia/Tokyo")
	require.NoError(t, err)
	s := &stage{Bench: b, t: t, store: t.TempDir(), zone: zone}
	log := slog.New(slog.DiscardHandler)
	b.Clock.Set(s.at(20, 18, 0))
	host := b.Host("蘭越町", "013943")
	s.town = b.Town("むかわ町", "015865")
	b.Contact(s.town, "戸籍係長", "見本 次郎", "kakari@town.mukawa.example")
	b.Contact(s.town, "町民生活課長", "見本 太郎", "kacho@town.mukawa.example")
	srv := b.Server(s.town, "戸籍正")
	s.admin = b.Person(host, tenants.HostAdmin)

	b.Do(s.admin, func(ctx context.Context, tx *tenants.Tx) error {
		store, err := backup.AddStore(ctx, tx, s.town, backup.StoreInput{Name: "NAS", Root: s.store})
		if err != nil {
			return err
		}
		in := backup.Defaults("Asia/Tokyo")
		in.ServerID, in.StoreID, in.Pattern, in.RequiredLevel = srv, store.ID, "koseki-{YYYY}{MM}{DD}.txt", backup.V4
		if in.LadderID, err = town.DefaultLadder(ctx, tx, s.town); err != nil {
			return err
		}
		plan, err := backup.AddPlan(ctx, tx, s.town, in)
		if err != nil {
			return err
		}
		seen, err := backup.GetPlan(ctx, tx, s.town, plan.ID)
		s.plan, s.uuid = plan.ID, uuid.MustParse(seen.UUID)
		return err
	})
	s.box, err = demo.OpenMailbox(t.TempDir(), log)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.box.Close()) })
	sender, err := mail.New(s.box.URL(), "tanamori@host.example")
	require.NoError(t, err)
	s.bell = tenants.NewBell(b.Handle.Pool, log)
	s.tower = jobs.New(jobs.Config{Ground: b.Ground, Bell: s.bell, Log: log,
		Post: &jobs.Post{Carrier: sender, BaseURL: "http://console.example", Zone: zone}})
	s.intake = checkin.NewIntake(b.Handle.Pool, b.Clock.Now, log, checkin.IntakeConfig{})
	t.Cleanup(func() { require.NoError(t, s.intake.Stop(context.WithoutCancel(t.Context()))) })
	return s
}

func (s *stage) at(day, hour, minute int) time.Time {
	return time.Date(2026, time.November, day, hour, minute, 0, 0, s.zone)
}

// until moves the clock and lets every job do what is due.
func (s *stage) until(day, hour, minute int) {
	s.t.Helper()
	s.Clock.Set(s.at(day, hour, minute))
	require.NoError(s.t, s.tower.RunAll(s.t.Context()))
}

// checkIn is what the machine says, now.
func (s *stage) checkIn(kind checkin.Kind, said map[string]any) {
	s.t.Helper()
	body, err := json.Marshal(said)
	require.NoError(s.t, err)
	found, err := s.intake.Accept(s.t.Context(), checkin.In{UUID: s.uuid, Kind: kind, Method: "POST", ContentType: "application/json", Body: body})
	require.NoError(s.t, err)
	require.True(s.t, found)
}

// backup writes a night's file and says so.
func (s *stage) backup(day int, content string) {
	s.t.Helper()
	name := filepath.Join(s.store, "koseki-202611"+time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC).Format("02")+".txt")
	require.NoError(s.t, os.WriteFile(name, []byte(content), 0o600))
	require.NoError(s.t, os.Chtimes(name, s.Clock.Now(), s.Clock.Now()))
	sum := sha256.Sum256([]byte(content))
	s.checkIn(checkin.Success, map[string]any{"bytes": len(content), "sha256": hex.EncodeToString(sum[:])})
}

func (s *stage) subjects() []string {
	s.t.Helper()
	list, err := s.box.List(1000)
	require.NoError(s.t, err)
	out := make([]string, len(list))
	for i, m := range list {
		out[len(list)-1-i] = m.To + " | " + m.Subject
	}
	return out
}

func (s *stage) verdict(night string) string {
	s.t.Helper()
	return tenantstest.Value[string](s.Bench, `SELECT coalesce(verdict, 'pending') || ' ' || coalesce(reason_code, '') FROM occurrence WHERE night = $1::text::date`, night)
}

func TestAGoodNightTroublesNobody(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.until(20, 18, 1)
	s.until(21, 2, 0)
	s.checkIn(checkin.Start, nil)
	s.until(21, 2, 1)
	require.Equal(t, "pending ", s.verdict("2026-11-20"))
	s.Clock.Set(s.at(21, 2, 41))
	s.backup(21, strings.Repeat("令和8年の戸籍\n", 1000))
	s.until(21, 2, 42)
	require.Equal(t, "met backup.good", s.verdict("2026-11-20"))
	s.until(21, 8, 0)
	require.Empty(t, s.subjects())
	require.Equal(t, int64(4), tenantstest.Value[int64](s.Bench, `SELECT level FROM run`))
}

// From silence to an answered mail: the deadline passes, the first contact is told, a quarter of an hour later the
// second, somebody answers, the promise is not kept, people are told again, and the next good night resolves it.
func TestSilenceIsToldUntilSomebodyAnswers(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.until(20, 18, 1)
	s.until(21, 3, 59)
	require.Equal(t, "pending ", s.verdict("2026-11-20"))
	s.until(21, 4, 0)
	require.Equal(t, "missed duty.missed", s.verdict("2026-11-20"))
	require.Len(t, s.subjects(), 1)
	require.Contains(t, s.subjects()[0], "kakari@town.mukawa.example")
	require.Contains(t, s.subjects()[0], "届いていません")
	s.until(21, 4, 15)
	require.Len(t, s.subjects(), 2)
	require.Contains(t, s.subjects()[1], "kacho@town.mukawa.example")
	s.until(21, 4, 45)
	require.Len(t, s.subjects(), 3, "the last rung is told again")

	mails, err := s.box.List(1)
	require.NoError(t, err)
	_, link, ok := strings.Cut(mails[0].Text, "http://console.example/a/")
	require.True(t, ok, "the mail carries the link:\n%s", mails[0].Text)
	require.NotContains(t, strings.Fields(link)[0], "{{")

	incidentID := tenantstest.Value[int64](s.Bench, `SELECT id FROM incident`)
	chief := s.Person(s.town, tenants.Town)
	s.Do(chief, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := incident.Acknowledge(ctx, tx, incident.AckInput{Town: s.town, Incident: incidentID, Via: incident.ViaConsole,
			Promise: "業者に確認中", Until: s.at(21, 10, 0)})
		return err
	})
	s.until(21, 9, 59)
	require.Len(t, s.subjects(), 3, "an answer holds the ladder")
	s.until(21, 10, 0)
	require.Len(t, s.subjects(), 5, "the promise was not kept in time: everybody who had been told hears of it")
	require.Contains(t, s.subjects()[4], "約束の時刻を過ぎました")
	require.Equal(t, "open", tenantstest.Value[string](s.Bench, `SELECT state FROM incident`))

	s.Clock.Set(s.at(21, 11, 30))
	s.backup(21, "遅れて取り直した控え")
	s.until(21, 11, 31)
	require.Equal(t, "missed duty.missed", s.verdict("2026-11-20"), "a verdict is final")
	require.Equal(t, "resolved", tenantstest.Value[string](s.Bench, `SELECT state FROM incident`))
	require.True(t, tenantstest.Value[bool](s.Bench, `SELECT recovered_at IS NOT NULL FROM occurrence WHERE night = '2026-11-20'`))
	told := s.subjects()
	require.Contains(t, told[len(told)-1], "復旧")
	s.until(21, 20, 0)
	require.Len(t, s.subjects(), len(told), "nothing follows a recovery")
}

func TestNothingLeavesWithoutAMailServer(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.tower = jobs.New(jobs.Config{Ground: s.Ground, Bell: s.bell, Log: slog.New(slog.DiscardHandler), Post: &jobs.Post{Zone: s.zone}})
	s.until(20, 18, 1)
	s.until(21, 4, 30)
	require.EqualValues(t, 0, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM notice WHERE state <> 'queued'`))
	require.EqualValues(t, 0, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM attempt`))
	require.NotZero(t, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM notice`))
}

// Run on the real clock: the jobs wake by themselves, at the due time and at a check-in, and stop when told to.
func TestTheTowerWakesByItself(t *testing.T) {
	t.Parallel()
	s := setup(t)
	now := time.Now()
	s.Clock.Set(now)
	// One occurrence that is judged in a moment.
	s.SQL(`DELETE FROM occurrence`)
	s.SQL(`UPDATE duty SET planned_until = $1`, now.AddDate(0, 0, 40))
	s.SQL(`INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, look_at)
		SELECT tenant_id, id, $1, '2026-11-20', $1::timestamptz - interval '1 hour', $1::timestamptz - interval '30 minutes', $1, $1, $1 FROM duty`, now.Add(1500*time.Millisecond))
	log := slog.New(slog.DiscardHandler)
	sender, err := mail.New(s.box.URL(), "tanamori@host.example")
	require.NoError(t, err)
	tower := jobs.New(jobs.Config{Ground: tenants.NewGround(s.Handle.Gorm, time.Now).With(tenantstest.Ring), Bell: s.bell, Log: log,
		Post: &jobs.Post{Carrier: sender, BaseURL: "http://console.example", Zone: s.zone}})
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error, 2)
	go func() { s.bell.Run(ctx); stopped <- nil }()
	go func() { stopped <- tower.Run(ctx) }()
	require.Eventually(t, func() bool { return len(s.subjects()) == 1 }, 10*time.Second, 20*time.Millisecond, "the deadline passes and a mail arrives")
	require.EqualValues(t, 1, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM heartbeat`))
	cancel()
	require.NoError(t, <-stopped)
	require.NoError(t, <-stopped)
}
