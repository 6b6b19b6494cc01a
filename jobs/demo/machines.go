package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"tanamori/tenants/calendar"
	"tanamori/tenants/checkin"
)

// Machines keeps the demonstration's servers at work for as long as it is shown: every night each writes its archive and
// checks in.
type Machines struct {
	dir    string
	intake *checkin.Intake
	clock  func() time.Time
	log    *slog.Logger
}

// NewMachines is over the directory that Load has filled.
func NewMachines(dir string, intake *checkin.Intake, clock func() time.Time, log *slog.Logger) *Machines {
	return &Machines{dir: dir, intake: intake, clock: clock, log: log}
}

// Run does what each machine has to do, when it has to, until the context ends. What came due while nothing ran stays
// undone, as with real machines behind a line that was cut.
func (m *Machines) Run(ctx context.Context) {
	posts, err := m.posts()
	if err != nil {
		m.log.ErrorContext(ctx, "the demonstration's machines stand still", "error", err)
		return
	}
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		m.log.ErrorContext(ctx, "the demonstration's machines stand still", "error", err)
		return
	}
	last := m.clock()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(15 * time.Second):
		}
		now := m.clock()
		if err := m.work(ctx, posts, zone, last, now); err != nil && ctx.Err() == nil {
			m.log.WarnContext(ctx, "a machine of the demonstration failed", "error", err)
		}
		last = now
	}
}

// work does everything whose moment lies after from and not after to.
func (m *Machines) work(ctx context.Context, posts []post, zone *time.Location, from, to time.Time) error {
	night := calendar.NightOf(to, zone)
	for _, p := range posts {
		begin := p.begins(night, zone)
		if begin.After(to) || begin.Add(3*time.Hour).Before(from) {
			continue
		}
		acts, err := p.night(night, zone, "")
		if err != nil {
			return err
		}
		for _, a := range acts {
			if a.at.After(from) && !a.at.After(to) {
				if err := a.do(ctx, m.intake); err != nil {
					return err
				}
			}
		}
		if err := p.sweep(to.AddDate(0, 0, -40)); err != nil {
			return err
		}
	}
	return nil
}

func (m *Machines) posts() ([]post, error) {
	b, err := os.ReadFile(filepath.Join(m.dir, "machines.json"))
	if err != nil {
		return nil, fmt.Errorf("read machines: %w", err)
	}
	var posts []post
	if err := json.Unmarshal(b, &posts); err != nil {
		return nil, fmt.Errorf("read machines: %w", err)
	}
	for i := range posts {
		for _, town := range municipalities {
			if town.login == posts[i].Town && posts[i].Index < len(town.servers) {
				posts[i].machine, posts[i].dir = town.servers[posts[i].Index], storeDir(m.dir, town)
			}
		}
	}
	return posts, nil
}
