package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"tanamori/tenants/calendar"
	"tanamori/tenants/checkin"
)

// post is one of the demonstration's servers, as the machine itself knows it: where it writes and where it checks in.
type post struct {
	Town    string    `json:"town"`
	Index   int       `json:"index"`
	UUID    uuid.UUID `json:"uuid"`
	machine machine
	dir     string
}

// act is something a machine does at a moment of its night.
type act struct {
	at time.Time
	do func(ctx context.Context, in *checkin.Intake) error
}

// seed makes every archive of every machine and night its own, and the same on every machine that shows it.
func (p post) seed(night calendar.Date, what string) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s/%d/%s/%s", p.Town, p.Index, night, what) // a hash takes everything
	return h.Sum64()
}

// begins is when the machine's backup of a night starts: its time of day falls into the morning after.
func (p post) begins(night calendar.Date, zone *time.Location) time.Time {
	var minute, hour int
	if _, err := fmt.Sscanf(p.machine.cron, "%d %d", &minute, &hour); err != nil {
		panic("demo: a machine's cron begins with minute and hour: " + p.machine.cron)
	}
	return night.AddDays(1).At(hour, minute, zone)
}

// night is what a machine does in one night, with or without a mishap.
func (p post) night(night calendar.Date, zone *time.Location, wrong mishap) ([]act, error) {
	begin := p.begins(night, zone)
	end := begin.Add(time.Duration(p.machine.minutes)*time.Minute + time.Duration(p.seed(night, "seconds")%240)*time.Second)
	name := p.machine.fileName(begin)
	start := act{begin, func(ctx context.Context, in *checkin.Intake) error { return p.checkIn(ctx, in, checkin.Start, nil) }}
	if wrong == missing {
		return nil, nil
	}
	if wrong == unfinished {
		return []act{start}, nil
	}
	kilobytes := p.machine.kilobytes
	if wrong == shrunk {
		kilobytes = kilobytes * 2 / 5
	}
	whole, err := archive(p.machine.ext, p.seed(night, "content"), kilobytes, begin)
	if err != nil {
		return nil, err
	}
	written := whole
	sum := sumOf(whole)
	switch wrong {
	case truncated:
		written = whole[:len(whole)*61/100]
	case stale:
		before := p.begins(night.AddDays(-1), zone)
		if written, err = os.ReadFile(filepath.Join(p.dir, p.machine.fileName(before))); err != nil {
			return nil, fmt.Errorf("yesterday's backup: %w", err)
		}
		sum = sumOf(written)
	case altered:
		if written, err = archive(p.machine.ext, p.seed(night, "other"), kilobytes, begin); err != nil {
			return nil, err
		}
	case missing, shrunk, unfinished:
	}
	size := len(written)
	if wrong == truncated {
		size = len(whole)
	}
	said, err := json.Marshal(map[string]any{"bytes": size, "files": 1, "sha256": sum, "generation": night.String()})
	if err != nil {
		return nil, err
	}
	return []act{start, {end, func(ctx context.Context, in *checkin.Intake) error {
		if err := place(p.dir, name, written, sum, end); err != nil {
			return err
		}
		return p.checkIn(ctx, in, checkin.Success, said)
	}}}, nil
}

func (p post) checkIn(ctx context.Context, in *checkin.Intake, kind checkin.Kind, body []byte) error {
	found, err := in.Accept(ctx, checkin.In{UUID: p.UUID, Kind: kind, Method: http.MethodPost, Remote: "127.0.0.1", Agent: "tanamori-demo",
		ContentType: "application/json", Body: body})
	if err != nil {
		return fmt.Errorf("check in: %w", err)
	}
	if !found {
		return fmt.Errorf("check in: nobody expects %s of %s", p.machine.name, p.Town)
	}
	return nil
}

// sweep removes backups older than the store would keep, as the machines' own jobs do.
func (p post) sweep(before time.Time) error {
	files, err := filepath.Glob(filepath.Join(p.dir, "*"))
	if err != nil {
		return err
	}
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && info.ModTime().Before(before) {
			if err := os.Remove(f); err != nil {
				return fmt.Errorf("remove an old backup: %w", err)
			}
		}
	}
	return nil
}
