package reliability_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"tanamori/database"
	"tanamori/jobs"
	"tanamori/jobs/mail"
	"tanamori/migrations"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/morning"
	"tanamori/tenants/tenantstest"
	"tanamori/tenants/tlog"
)

// postgresTool calls one of the database's own programs, from beside the server that the project found. Those that touch the
// cluster's files run as who owns them, as an operator's sudo does.
type postgresTool func(name string, args ...string)

// tools skips a test where a program that it needs is not beside the server: the npm package has the server alone.
func (w *world) tools(names ...string) postgresTool {
	w.t.Helper()
	bin := w.handle.Embedded.BinDir
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(bin, name)); err != nil {
			w.t.Skipf("%s has no %s (Debian: postgresql, which .ci/setup all installs)", bin, name)
		}
	}
	info, err := os.Stat(w.handle.Embedded.DataDir)
	require.NoError(w.t, err)
	owner := info.Sys().(*syscall.Stat_t)
	return func(name string, args ...string) {
		w.t.Helper()
		cmd := exec.CommandContext(context.WithoutCancel(w.t.Context()), filepath.Join(bin, name), args...)
		cmd.Dir = w.dir
		if os.Getuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
		}
		log := filepath.Join(w.t.TempDir(), "log") // a pipe would be held open by the server that pg_ctl starts
		out, err := os.Create(log)
		require.NoError(w.t, err)
		cmd.Stdout, cmd.Stderr = out, out
		err = cmd.Run()
		require.NoError(w.t, out.Close())
		said, _ := os.ReadFile(log)
		require.NoError(w.t, err, "%s %s: %s", name, strings.Join(args, " "), said)
	}
}

// hallOf is the pipeline of this process on a database: every job's round when the test asks for it.
type hallOf struct {
	w      *world
	handle *database.Handle
	ground *tenants.Ground
	tower  *jobs.Tower
}

func (w *world) hall(h *database.Handle) hallOf {
	w.t.Helper()
	log := slog.New(slog.DiscardHandler)
	sender, err := mail.New("smtp://"+w.sink.address+"?tls=none", "tanamori@host.example")
	require.NoError(w.t, err)
	ground := tenantstest.Keyed(w.t, tenants.NewGround(h.Gorm, time.Now).With(tenantstest.Ring))
	return hallOf{w, h, ground, jobs.New(jobs.Config{Ground: ground, Bell: tenants.NewBell(h.Pool, log), Log: log,
		Post: &jobs.Post{Carrier: sender, BaseURL: "http://console.example", Zone: time.UTC}})}
}

func (h hallOf) do(who tenants.Actor, act func(context.Context, *tenants.Tx) error) error {
	return h.ground.Do(h.w.t.Context(), who, act)
}

func (h hallOf) run() {
	h.w.t.Helper()
	require.NoError(h.w.t, h.tower.RunAll(h.w.t.Context()))
}

// grow writes lines of the operation log of every town, and lets the pipeline gather them.
func (h hallOf) grow(lines int) {
	h.w.t.Helper()
	for _, town := range h.w.admin.Towns {
		require.NoError(h.w.t, h.do(h.w.admin, func(_ context.Context, tx *tenants.Tx) error {
			for range lines {
				if err := tx.Record(tenants.Line{Town: town, Act: tenants.WriteServer, Object: "server", After: map[string]any{"name": "戸籍正"}}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	h.run()
}

// writeOn writes and gathers from several sides until it is stopped. Errors are what an outage looks like from there.
func (h hallOf) writeOn() (stop func()) {
	ctx, cancel := context.WithCancel(h.w.t.Context())
	var all sync.WaitGroup
	for _, town := range h.w.admin.Towns {
		all.Go(func() {
			for ; ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
				_ = h.ground.Do(ctx, h.w.admin, func(_ context.Context, tx *tenants.Tx) error {
					return tx.Record(tenants.Line{Town: town, Act: tenants.WriteServer, Object: "server"})
				})
			}
		})
	}
	all.Go(func() {
		for ; ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
			_ = h.ground.Do(ctx, tenants.Job("gather"), func(ctx context.Context, tx *tenants.Tx) error { _, err := tlog.Gather(ctx, tx, 1000); return err })
		}
	})
	return sync.OnceFunc(func() { cancel(); all.Wait() })
}

// morningMail has the town told of the night now, and gives the letter as its mail program saves it, and how many records the
// checkpoint in it is of.
func (h hallOf) morningMail(town int64) (eml string, size int) {
	t := h.w.t
	t.Helper()
	h.w.sink.keeps = true
	require.NoError(t, h.do(h.w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := morning.Set(ctx, tx, town, morning.Setting{EveryDay: true, Readers: []morning.Reader{{Name: "町民生活課", Mail: "kacho@town.example"}}})
		return err
	}))
	h.w.sql(`UPDATE morning SET day = day - 1, told_at = told_at - interval '1 day'`)
	h.w.sql(`INSERT INTO local_day (tenant_id, day, open, name) SELECT id, CAST(now() AT TIME ZONE zone AS date), true, '開庁' FROM tenant ON CONFLICT DO NOTHING`)
	before := len(h.w.sink.all())
	h.run()
	letters := h.w.sink.all()[before:]
	require.Len(t, letters, 1)
	eml = filepath.Join(t.TempDir(), "morning.eml")
	require.NoError(t, os.WriteFile(eml, letters[0].raw, 0o600))
	return eml, h.w.number(`SELECT max(c.size) FROM tlog_checkpoint c JOIN notice n ON n.tenant_id = c.tenant_id AND n.kind = 'morning' AND position(c.note IN n.body_text) > 0 WHERE c.tenant_id = $1`, town)
}

// evidence is a file of all of a town's evidence, and size that of the newest checkpoint in it.
func (h hallOf) evidence(town int64) (file string) {
	t := h.w.t
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, h.do(h.w.admin, func(ctx context.Context, tx *tenants.Tx) error {
		e, err := tlog.TakeOut(ctx, tx, town, calendar.Date{}, calendar.Date{})
		if err != nil {
			return err
		}
		return tlog.Write(ctx, tx, e, &b)
	}))
	h.run() // who took it stands in the log
	file = filepath.Join(t.TempDir(), "evidence.jsonl")
	require.NoError(t, os.WriteFile(file, b.Bytes(), 0o600))
	return file
}

// quiet looks through everything once and requires that nothing is found.
func (h hallOf) quiet() {
	t := h.w.t
	t.Helper()
	passes := func() (n int64) {
		require.NoError(t, h.w.owner.QueryRow(t.Context(), `SELECT coalesce(min(passes), 0) FROM tlog_inspection`).Scan(&n))
		return n
	}
	for from := passes(); passes() < from+2; {
		require.NoError(t, h.do(tenants.Job("inspect"), func(ctx context.Context, tx *tenants.Tx) error {
			_, err := tlog.Inspect(ctx, tx, 5000)
			return err
		}))
	}
	require.Zero(t, h.w.number(`SELECT count(*) FROM tlog_finding`), "no false alarm")
	require.Zero(t, h.w.number(`SELECT count(*) FROM tlog_due WHERE lost_at IS NOT NULL`))
}

// restored requires that the town's log tells once that it was restored, at this size.
func (h hallOf) restored(town int64, size int) {
	t := h.w.t
	t.Helper()
	require.Equal(t, 1, h.w.number(`SELECT count(*) FROM tlog_event WHERE kind = 'restored' AND tenant_id = $1`, town), "told once")
	require.Equal(t, size, h.w.number(`SELECT size FROM tlog_event WHERE kind = 'restored' AND tenant_id = $1`, town))
}

func (w *world) signed(town int64) int {
	return w.number(`SELECT signed_size FROM tlog_tree WHERE tenant_id = $1`, town)
}

// open opens the world's database again, in this process.
func (w *world) open() hallOf {
	w.t.Helper()
	h, err := database.Open(w.t.Context(), w.databaseOptions())
	require.NoError(w.t, err)
	w.use(h)
	return w.hall(h)
}

// use makes another server the world's.
func (w *world) use(h *database.Handle) {
	w.t.Helper()
	w.owner.Close()
	owner, err := pgxpool.New(w.t.Context(), h.OwnerConnString)
	require.NoError(w.t, err)
	w.handle, w.owner, w.ownerURL = h, owner, h.OwnerConnString
}

// A dump of a running installation is restored into a new cluster in the words of docs/operation.md. What was written after it
// is gone, and the log says so; nobody is accused, and a town that was mailed a checkpoint in between learns what became of it.
func TestADumpThatIsRestoredIsAnEventAndNoAlarm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, external)
	tool := w.tools("pg_dump", "pg_restore", "pg_ctl")
	h, town := w.hall(w.handle), w.admin.Towns[1]
	h.grow(100)
	dump := filepath.Join(w.dir, "tanamori.dump")
	socket := w.handle.Embedded.SocketDir
	require.NoError(t, os.WriteFile(dump, nil, 0o666))
	require.NoError(t, os.Chmod(dump, 0o666))
	writing := h.writeOn()
	tool("pg_dump", "-h", socket, "-U", "postgres", "-Fc", "-f", dump, "tanamori")
	writing()
	h.grow(30)
	kept, lost := h.morningMail(town)
	code, said := verify(t, h.evidence(town), "--checkpoint", kept)
	require.Zero(t, code, said)
	require.Contains(t, said, "agrees with this file")

	require.NoError(t, w.handle.Close(context.WithoutCancel(t.Context())))
	cluster := filepath.Base(w.handle.Embedded.DataDir)
	require.NoError(t, os.Rename(w.handle.Embedded.DataDir, filepath.Join(w.dir, "broken")))
	n := spawn(t, []string{"TANAMORI_DATA_DIR=" + w.data()}, "migrate")
	<-n.ended
	require.Zero(t, n.state.ExitCode(), n.said.String())
	data := filepath.Join(w.data(), cluster)
	tool("pg_ctl", "-D", data, "-w", "-l", filepath.Join(data, "restore.log"), "-o", "-c listen_addresses='' -k "+socket, "start")
	tool("pg_restore", "-h", socket, "-U", "postgres", "--clean", "--if-exists", "--create", "--exit-on-error", "-d", "postgres", dump)
	tool("pg_ctl", "-D", data, "-w", "-m", "fast", "stop")

	h = w.open()
	at := w.number(`SELECT size FROM tlog_tree WHERE tenant_id = $1`, town)
	require.Less(t, at, lost, "what came after the dump is gone")
	h.run()
	h.grow(5)
	h.restored(town, at)
	h.quiet()
	code, said = h.trusted(town, kept)
	require.Zero(t, code, said)
	require.Contains(t, said, fmt.Sprintf("of size %d", lost))
	require.Contains(t, said, "holds what was lost at the restoring")
	// Who tampers with what was restored is found all the same.
	require.Positive(t, tamper(t, h, town))
}

// tamper changes a row past every trigger, and gives what the audit then finds.
func tamper(t *testing.T, h hallOf, town int64) int {
	t.Helper()
	tx, err := h.w.owner.Begin(t.Context())
	require.NoError(t, err)
	for _, sql := range []string{`SET LOCAL session_replication_role = replica`,
		fmt.Sprintf(`UPDATE operation_log SET actor = 'x' WHERE tenant_id = %d AND id = (SELECT min(id) FROM operation_log WHERE tenant_id = %d)`, town, town)} {
		_, err = tx.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit(t.Context()))
	for range 3 {
		require.NoError(t, h.do(tenants.Job("inspect"), func(ctx context.Context, tx *tenants.Tx) error { _, err := tlog.Inspect(ctx, tx, 100_000); return err }))
	}
	return h.w.number(`SELECT count(*) FROM tlog_finding WHERE tenant_id = $1 AND what = 'changed'`, town)
}

// A copy of the files is the same database and cannot see that it is older: the operator says so before the first start.
func TestACopyOfTheFilesIsToldByTheOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t, external)
	tool := w.tools("pg_basebackup", "pg_verifybackup")
	h, town := w.hall(w.handle), w.admin.Towns[1]
	h.grow(100)
	cp := filepath.Join(filepath.Dir(w.handle.Embedded.DataDir), "copy")
	writing := h.writeOn()
	tool("pg_basebackup", "-h", w.handle.Embedded.SocketDir, "-U", "postgres", "-D", cp, "-c", "fast", "-X", "stream")
	writing()
	tool("pg_verifybackup", cp)
	h.grow(30)
	kept, lost := h.morningMail(town)
	require.NoError(t, w.handle.Close(context.WithoutCancel(t.Context())))
	data := w.handle.Embedded.DataDir
	require.NoError(t, os.Rename(data, filepath.Join(w.dir, "broken")))
	require.NoError(t, os.Rename(cp, data))
	n := spawn(t, []string{"TANAMORI_DATA_DIR=" + w.data()}, "restored")
	<-n.ended
	require.Zero(t, n.state.ExitCode(), n.said.String())
	h = w.open()
	at := w.number(`SELECT size FROM tlog_event WHERE kind = 'restored' AND tenant_id = $1`, town)
	require.Less(t, at, lost)
	h.grow(5)
	h.restored(town, at)
	h.quiet()
	code, said := h.trusted(town, kept)
	require.Zero(t, code, said)
	require.Contains(t, said, "holds what was lost at the restoring")
}

// A standby takes over while everybody writes. What the dead primary had committed and not yet sent is lost, and told as that;
// a node that was given both addresses goes on by itself.
func TestAStandbyThatTakesOverIsAnEventAndNoAlarm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, external)
	tool := w.tools("pg_basebackup", "pg_ctl")
	primary := w.handle.Embedded
	standby := filepath.Join(filepath.Dir(primary.DataDir), "standby")
	socket := filepath.Join(w.dir, "s")
	require.NoError(t, os.Mkdir(socket, 0o777))
	require.NoError(t, os.Chmod(socket, 0o777))
	tool("pg_basebackup", "-h", primary.SocketDir, "-U", "postgres", "-D", standby, "-c", "fast", "-X", "stream", "-R")
	// The primary's own settings name its socket, so the standby is given its own.
	tool("pg_ctl", "-D", standby, "-w", "-l", filepath.Join(standby, "standby.log"), "-o", "-c listen_addresses='' -k "+socket, "start")
	t.Cleanup(func() { tool("pg_ctl", "-D", standby, "-m", "immediate", "stop") })

	both := fmt.Sprintf("host=%s,%s user=postgres dbname=tanamori target_session_attrs=read-write", primary.SocketDir, socket)
	first := w.handle
	h, err := database.Open(t.Context(), database.Options{URL: both, Logger: slog.New(slog.DiscardHandler), Migrate: migrations.Apply})
	require.NoError(t, err)
	town := w.admin.Towns[1]
	pipeline := w.hall(h)
	pipeline.grow(100)
	w.ownerURL = both
	node := w.start("")
	node.awaitReady()
	ping := func() bool {
		status, _, _ := fetch(t.Context(), "POST", "http://"+node.address+"/ping/"+w.plans[0].uuid+"/log", "", 5*time.Second)
		return status == 200
	}
	require.True(t, ping())
	writing := pipeline.writeOn()
	await(t, "the standby follows", func() bool {
		return w.number(`SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'`) == 1
	})
	size := w.signed(town)
	await(t, "the log grows", func() bool { return w.signed(town) > size })

	// The line between the two breaks, the primary goes on for a while, mails a checkpoint, and dies.
	cut, err := pgxpool.New(t.Context(), "host="+socket+" user=postgres dbname=tanamori")
	require.NoError(t, err)
	defer cut.Close()
	for _, sql := range []string{`ALTER SYSTEM SET primary_conninfo = ''`, `SELECT pg_reload_conf()`} {
		_, err = cut.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	await(t, "the standby is cut off", func() bool { return w.number(`SELECT count(*) FROM pg_stat_replication`) == 0 })
	writing()
	pipeline.grow(100)
	kept, lost := pipeline.morningMail(town)
	writing = pipeline.writeOn()
	require.NoError(t, first.Close(context.WithoutCancel(t.Context())))
	tool("pg_ctl", "-D", standby, "-w", "promote")
	w.handle = nil
	w.owner.Close()
	w.owner, err = pgxpool.New(t.Context(), "host="+socket+" user=postgres dbname=tanamori")
	require.NoError(t, err)

	await(t, "a check-in is taken by the same node", ping)
	require.False(t, node.dead(), "the node outlives the primary")
	await(t, "the log grows again", func() bool {
		return w.number(`SELECT count(*) FROM tlog_event WHERE kind = 'restored' AND tenant_id = $1`, town) == 1
	})
	writing()
	at := w.number(`SELECT size FROM tlog_event WHERE kind = 'restored' AND tenant_id = $1`, town)
	require.Less(t, at, lost, "what had not been sent is lost")
	pipeline.grow(100)
	require.Greater(t, w.signed(town), lost, "the log is longer than the checkpoint that does not fit")
	pipeline.restored(town, at)
	pipeline.quiet()
	code, said := pipeline.trusted(town, kept)
	require.Zero(t, code, said)
	require.Contains(t, said, "holds what was lost at the restoring")
	require.NoError(t, h.Close(context.WithoutCancel(t.Context())))
}
