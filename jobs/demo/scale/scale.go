// Package scale fills an empty database with a large made-up installation to measure on: as many towns as the country has,
// their servers and plans, and seven years of evidence. Nothing goes through the pipeline: rows go over by COPY, in one
// transaction, under every constraint. Two loads with the same options and moment hold the same rows but for passwords.
package scale

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"tanamori/database"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/founding"
	"tanamori/tenants/people"
)

const zoneName = "Asia/Tokyo"

// Options of Load; the zero value of each number takes the one of Full.
type Options struct {
	Handle     *database.Handle
	Consortia  int       // the first one has the sign-ins; towns go round the consortia
	Towns      int       // of all consortia, hosts included
	Servers    int       // of each town
	Nights     int       // how far back evidence reaches
	WholeTowns int       // of the first consortium, whose every night is kept; the others' nights are thinned to fit Rows
	Rows       int       // of evidence in all, about
	Now        time.Time // zero: the wall clock
	Out        io.Writer
}

// Full is 1,741 municipalities with 20 servers each and seven years in ten million rows.
var Full = Options{Consortia: 1, Towns: 1741, Servers: 20, Nights: 2557, WholeTowns: 2, Rows: 10_000_000}

// Loaded is what was made.
type Loaded struct {
	Admin, Town   string // passwords of the sign-ins admin and town
	TownID        int64  // whose staff signs in as town; every night of it is kept
	PlanID        int64  // of that town
	Consortium    int64
	Night         calendar.Date        // the newest
	Verdicts      map[duty.Verdict]int // of the newest night, over all towns
	Towns, Duties int                  // of the first consortium: towns, and duties of the newest night
	Rows          map[string]int64     // by table
	Evidence      int64                // of those tables that hold evidence
	Took          time.Duration
}

// loader makes up the rows.
type loader struct {
	Options
	writer
	zone   *time.Location
	newest calendar.Date
	shared []calendar.Date // nights that every town keeps
	towns  []*place
	tables tables
	out    Loaded
	began  time.Time
}

// perNight is about how many rows of evidence one server leaves a night: an occurrence, a run, two check-ins, six levels
// and a confirmation.
const perNight = 11

func (o Options) whole() Options {
	for _, n := range []struct {
		to   *int
		from int
	}{{&o.Consortia, Full.Consortia}, {&o.Towns, Full.Towns}, {&o.Servers, Full.Servers},
		{&o.Nights, Full.Nights}, {&o.WholeTowns, Full.WholeTowns}, {&o.Rows, Full.Rows}} {
		if *n.to == 0 {
			*n.to = n.from
		}
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	o.Now = o.Now.Truncate(time.Second)
	o.WholeTowns = min(o.WholeTowns, o.Towns/o.Consortia)
	return o
}

func (o Options) check() error {
	switch {
	case o.Handle.OwnerConnString == "":
		return errors.New("the large installation needs the database owner's login in TANAMORI_DATABASE_URL")
	case o.Consortia < 1 || o.Towns < 2*o.Consortia || o.Towns > 9999:
		return errors.New("there are 2 to 9999 towns, at least two for each consortium")
	case o.Servers < 1 || o.Servers > 99 || o.Nights < 2 || o.Nights > 5000:
		return errors.New("there are 1 to 99 servers a town and 2 to 5000 nights")
	}
	return nil
}

// Load fills the database. It refuses one that is not empty, and leaves an empty one where it is stopped.
func Load(ctx context.Context, o Options) (Loaded, error) {
	o = o.whole()
	if err := o.check(); err != nil {
		return Loaded{}, err
	}
	empty, err := founding.Empty(ctx, o.Handle.OwnerConnString)
	if err != nil {
		return Loaded{}, err
	}
	if !empty {
		return Loaded{}, errors.New("the database is not empty; the large installation is loaded into an empty one only")
	}
	l := &loader{Options: o, began: time.Now()}
	if l.zone, err = time.LoadLocation(zoneName); err != nil {
		return Loaded{}, fmt.Errorf("load large installation: %w", err)
	}
	l.plan()
	if err := l.load(ctx); err != nil {
		return Loaded{}, fmt.Errorf("load large installation: %w", err)
	}
	if err := l.signIns(ctx); err != nil {
		return Loaded{}, err
	}
	l.out.Took = time.Since(l.began)
	l.say("できました：%d団体、%d台、証拠%d行、%.0f秒", o.Towns, o.Towns*o.Servers, l.out.Evidence, l.out.Took.Seconds())
	l.say("\n  admin  %s   受託町 戸籍データ等管理者\n  town   %s   %s 職員\n", l.out.Admin, l.out.Town, l.towns[l.Consortia].name)
	return l.out, nil
}

func (l *loader) say(format string, args ...any) { _, _ = fmt.Fprintf(l.Out, format+"\n", args...) }

// plan chooses the nights that every town keeps: the newest ones without a gap, the others spread over the years.
func (l *loader) plan() {
	today := calendar.DateOf(l.Now, l.zone)
	l.newest = today.AddDays(-1)
	if l.Now.Before(today.At(5, 0, l.zone)) {
		l.newest = today.AddDays(-2)
	}
	rest := l.Rows - l.WholeTowns*l.Servers*l.Nights*perNight
	n := 2
	if thin := (l.Towns - l.WholeTowns) * l.Servers * perNight; thin > 0 {
		n = min(max(n, rest/thin), l.Nights)
	}
	near := (n + 1) / 2
	far := n - near
	for i := range far {
		l.shared = append(l.shared, l.newest.AddDays(1-l.Nights+i*(l.Nights-near)/far))
	}
	for i := range near {
		l.shared = append(l.shared, l.newest.AddDays(1-near+i))
	}
}

func (l *loader) load(ctx context.Context) (err error) {
	conn, err := pgx.Connect(ctx, l.Handle.OwnerConnString)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	l.out.Rows, l.out.Verdicts, l.out.Night = map[string]int64{}, map[duty.Verdict]int{}, l.newest
	l.written = l.out.Rows
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		l.tx = tx
		l.tables = l.heapsInOrder()
		if err := l.settle(ctx); err != nil {
			return err
		}
		if err := l.years(ctx); err != nil {
			return err
		}
		if err := l.sequences(ctx); err != nil {
			return err
		}
		// Years that were made up in a minute are not gathered into the logs of evidence afterwards: what comes from now on is.
		_, err := tx.Exec(ctx, `TRUNCATE tlog_due`)
		return err
	})
	if err != nil {
		return err
	}
	for _, table := range evidence {
		l.out.Evidence += l.out.Rows[table]
	}
	l.say("統計を取っています（VACUUM ANALYZE）…")
	_, err = conn.Exec(ctx, `VACUUM ANALYZE`)
	return err
}

// signIns gives two of the people passwords, which they may keep: nobody knows the others'.
func (l *loader) signIns(ctx context.Context) error {
	first := l.towns[0]
	ground := tenants.NewGround(l.Handle.Gorm, func() time.Time { return l.Now })
	founded := founding.Founded{ConsortiumID: first.consortium, TenantID: first.id}
	return ground.Do(ctx, founded.Founder("大規模データ", l.out.TownID), func(ctx context.Context, tx *tenants.Tx) (err error) {
		if l.out.Admin, err = people.GivePassword(ctx, tx, first.id, first.person); err != nil {
			return err
		}
		l.out.Town, err = people.GivePassword(ctx, tx, l.out.TownID, l.towns[l.Consortia].person)
		return err
	})
}

// Counts are the rows by table, for people.
func (l Loaded) Counts() string {
	text := ""
	for _, table := range slices.Sorted(maps.Keys(l.Rows)) {
		text += fmt.Sprintf("  %-16s %10d\n", table, l.Rows[table])
	}
	return text
}
