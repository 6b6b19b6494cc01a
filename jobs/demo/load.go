package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"tanamori/database"
	"tanamori/jobs"
	"tanamori/jobs/mail"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/checkin"
	"tanamori/tenants/contact"
	"tanamori/tenants/founding"
	"tanamori/tenants/server"
	"tanamori/tenants/town"
)

const zoneName = "Asia/Tokyo"

// Options of Load.
type Options struct {
	Handle  *database.Handle
	Dir     string // where archives, mails and sign-ins go
	Nights  int    // of history, the newest included
	Log     *slog.Logger
	Out     io.Writer
	BaseURL string
	Now     time.Time // zero: the wall clock
	Keys    tenants.Keyring
}

// loader builds the demonstration with a clock of its own: it stands where the story stands, and every room reads it.
type loader struct {
	Options
	zone   *time.Location
	ground *tenants.Ground
	tower  *jobs.Tower
	intake *checkin.Intake
	found  founding.Founded
	towns  map[string]int64
	people map[string]int64
	posts  []post
	signin []string
	office int64 // of the head of the host's section
	began  calendar.Date
	// reviewed is the month in which the operation log was last reviewed.
	reviewed time.Month

	mu  sync.Mutex
	now time.Time
}

func (l *loader) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *loader) at(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.After(l.now) {
		l.now = t
	}
}

// Is tells whether the database holds a demonstration.
func Is(ctx context.Context, h *database.Handle) (bool, error) {
	var demo bool
	ground := tenants.NewGround(h.Gorm, time.Now)
	err := ground.Do(ctx, tenants.Job("demo"), func(_ context.Context, tx *tenants.Tx) error {
		return tx.DB.Raw(`SELECT EXISTS (SELECT 1 FROM consortium WHERE demo)`).Scan(&demo).Error
	})
	if err != nil {
		return false, fmt.Errorf("look for a demonstration: %w", err)
	}
	return demo, nil
}

// Load fills an empty database with the demonstration: its towns, people and plans, thirty nights of real archives that
// went through the whole pipeline, and a newest night with six mishaps. It tells false, and does nothing, where the
// database is not empty.
func Load(ctx context.Context, o Options) (loaded bool, err error) {
	if o.Handle.OwnerConnString == "" {
		return false, errors.New("the demonstration needs the database owner's login in TANAMORI_DATABASE_URL")
	}
	empty, err := founding.Empty(ctx, o.Handle.OwnerConnString)
	if err != nil {
		return false, err
	}
	if !empty {
		return false, whole(ctx, o)
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		return false, fmt.Errorf("load demonstration: %w", err)
	}
	newest := newestNight(o.Now, zone)
	first := newest.AddDays(1 - o.Nights)
	l := &loader{Options: o, zone: zone, began: first, now: first.At(12, 0, zone), towns: map[string]int64{}, people: map[string]int64{}}
	l.ground = tenants.NewGround(o.Handle.Gorm, l.clock).With(o.Keys)
	mailbox, err := OpenMailbox(filepath.Join(o.Dir, "mail"), o.Log)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, mailbox.Close()) }()
	sender, err := mail.New(mailbox.URL(), From)
	if err != nil {
		return false, fmt.Errorf("load demonstration: %w", err)
	}
	l.tower = jobs.New(jobs.Config{Ground: l.ground, Bell: tenants.NewBell(o.Handle.Pool, o.Log), Log: o.Log,
		Post: &jobs.Post{Carrier: sender, BaseURL: o.BaseURL, Zone: zone}})
	l.intake = checkin.NewIntake(o.Handle.Pool, l.clock, o.Log, checkin.IntakeConfig{})
	defer func() { err = errors.Join(err, l.intake.Stop(context.WithoutCancel(ctx))) }()

	l.say("実演データを用意しています（%d夜分の実物のバックアップを作り、検証します）…", o.Nights)
	if err := l.settle(ctx); err != nil {
		return false, err
	}
	for night := first; night.Before(newest); night = night.AddDays(1) {
		if err := l.ordinaryNight(ctx, night, first.DaysUntil(night)); err != nil {
			return false, fmt.Errorf("night of %s: %w", night, err)
		}
		if n := first.DaysUntil(night) + 1; n%10 == 0 {
			l.say("  %d/%d夜", n, o.Nights)
		}
	}
	if err := l.newestNight(ctx, newest); err != nil {
		return false, fmt.Errorf("night of %s: %w", newest, err)
	}
	if err := l.lendKeys(ctx); err != nil {
		return false, err
	}
	if err := l.writeSignIns(); err != nil {
		return false, err
	}
	Remind(o.Dir, o.BaseURL, o.Out)
	return true, nil
}

// whole tells whether the demonstration in the database was loaded to its end: the sign-ins are written last.
func whole(ctx context.Context, o Options) error {
	is, err := Is(ctx, o.Handle)
	if err != nil || !is {
		return err
	}
	if _, err := os.Stat(filepath.Join(o.Dir, "machines.json")); err != nil {
		return nil //nolint:nilerr // loaded from elsewhere: there is nothing here to judge by
	}
	if _, err := os.Stat(filepath.Join(o.Dir, signInsFile)); err == nil {
		return nil
	}
	return fmt.Errorf("the demonstration was stopped while it was being loaded; remove %s with the database in it and start again "+
		"（実演データの用意が途中で止まっています。データの置かれたフォルダーを消してから、もう一度始めてください）", filepath.Dir(o.Dir))
}

// signInsFile is written when everything else stands.
const signInsFile = "signins.txt"

func (l *loader) say(format string, args ...any) { _, _ = fmt.Fprintf(l.Out, format+"\n", args...) }

// newestNight is the newest one whose every backup has been judged by now.
func newestNight(now time.Time, zone *time.Location) calendar.Date {
	today := calendar.DateOf(now, zone)
	if now.Before(today.At(5, 0, zone)) {
		return today.AddDays(-2)
	}
	return today.AddDays(-1)
}

func storeDir(dir string, m municipality) string { return filepath.Join(dir, "stores", m.login) }

// settle founds the consortium and adds its towns, people, contacts, servers and plans, each by the act a person would use.
func (l *loader) settle(ctx context.Context) error {
	host := municipalities[0]
	found, err := founding.Found(ctx, l.Handle.OwnerConnString, founding.Input{Consortium: "蘭越町 戸籍データセンター", TownName: host.name,
		TownKana: host.kana, TownCode: host.code, Zone: zoneName, Demo: true, Since: l.now.AddDate(-7, 0, 0)}, l.now)
	if err != nil {
		return err
	}
	l.found, l.towns[host.login] = found, found.TenantID
	for _, m := range municipalities[1:] {
		err := l.do(ctx, func(ctx context.Context, tx *tenants.Tx) error {
			t, err := town.Add(ctx, tx, town.Input{Code: m.code, Name: m.name, Kana: m.kana, Zone: zoneName,
				JoinedOn: calendar.MustDate(2018, time.April, 1)})
			l.towns[m.login] = t.ID
			return err
		})
		if err != nil {
			return fmt.Errorf("add %s: %w", m.name, err)
		}
	}
	if err := l.do(ctx, l.addPeople); err != nil {
		return err
	}
	if err := l.observe(ctx); err != nil {
		return err
	}
	for i, m := range municipalities {
		err := l.do(ctx, func(ctx context.Context, tx *tenants.Tx) error { return l.equip(ctx, tx, i, m) })
		if err != nil {
			return fmt.Errorf("equip %s: %w", m.name, err)
		}
	}
	if err := l.seal(ctx); err != nil {
		return err
	}
	if err := l.furnish(ctx); err != nil {
		return err
	}
	if err := l.hang(ctx); err != nil {
		return err
	}
	if err := l.visitRoom(ctx); err != nil {
		return err
	}
	return l.writeMachines()
}

// do acts as the host's administrator over every town there is so far.
func (l *loader) do(ctx context.Context, fn func(context.Context, *tenants.Tx) error) error {
	ids := make([]int64, 0, len(l.towns))
	for _, id := range l.towns {
		ids = append(ids, id)
	}
	return l.ground.Do(ctx, l.found.Founder("実演", ids...), fn)
}

// equip gives one town its contacts in calling order, its store, its servers and their plans.
func (l *loader) equip(ctx context.Context, tx *tenants.Tx, n int, m municipality) error {
	id := l.towns[m.login]
	for i, c := range []struct{ post, name, box string }{{"戸籍係長", "見本 次郎", "koseki"}, {m.post, "見本 太郎", "kacho"}, {"副町長", "見本 梅", "fuku"}} {
		_, err := contact.Add(ctx, tx, id, contact.Input{Post: c.post, Name: c.name, Mail: fmt.Sprintf("%s@town.%s.example", c.box, m.login),
			Phone: fmt.Sprintf("0136-00-%02d%02d", n+10, i+1), Hours: "平日 8:30〜17:15"})
		if err != nil {
			return err
		}
	}
	dir := storeDir(l.Dir, m)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make store: %w", err)
	}
	root, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("make store: %w", err)
	}
	store, err := backup.AddStore(ctx, tx, id, backup.StoreInput{Name: m.name + " 専用領域", Root: root})
	if err != nil {
		return err
	}
	ladder, err := town.DefaultLadder(ctx, tx, id)
	if err != nil {
		return err
	}
	for i, s := range m.servers {
		made, err := server.Add(ctx, tx, id, server.Input{Name: s.name, Role: s.role, RackPlace: s.place})
		if err != nil {
			return err
		}
		in := backup.Defaults(zoneName)
		in.ServerID, in.Cron, in.StoreID, in.Pattern, in.RequiredLevel, in.LadderID = made.ID, s.cron, store.ID, s.pattern(), s.level, ladder
		plan, err := backup.AddPlan(ctx, tx, id, in)
		if err != nil {
			return err
		}
		seen, err := backup.GetPlan(ctx, tx, id, plan.ID)
		if err != nil {
			return err
		}
		key, err := uuid.Parse(seen.UUID)
		if err != nil {
			return fmt.Errorf("read check-in address: %w", err)
		}
		l.posts = append(l.posts, post{Town: m.login, Index: i, UUID: key, machine: s, dir: dir})
	}
	return nil
}

func (l *loader) writeMachines() error {
	b, err := json.MarshalIndent(l.posts, "", "  ")
	if err != nil {
		return fmt.Errorf("write machines: %w", err)
	}
	return os.WriteFile(filepath.Join(l.Dir, "machines.json"), b, 0o600)
}

func (l *loader) writeSignIns() error {
	text := ""
	for _, s := range l.signin {
		text += s + "\n"
	}
	return os.WriteFile(filepath.Join(l.Dir, signInsFile), []byte(text), 0o600)
}

// Remind prints the console's address and the demonstration's sign-ins.
func Remind(dir, base string, out io.Writer) {
	b, err := os.ReadFile(filepath.Join(dir, signInsFile))
	if err != nil {
		return // no demonstration was loaded here
	}
	_, _ = fmt.Fprintf(out, "\n棚守  %s\n\n実演用の利用者（利用者ID  パスワード  所属と役割）\n%s\n", base, b)
}
