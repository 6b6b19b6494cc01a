package morning

import (
	"context"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
	"tanamori/tenants/tlog"
	"tanamori/tenants/town"
)

// A town's time has come once a day of its own, where somebody is to be told. Any other day than the last one that was decided
// about is due, so that a clock that had leapt ahead and was put back silences nobody; the letters of one day are one whatever
// happens. A town that has left is told nothing more.
const due = `
SELECT m.tenant_id, n.name, n.zone, m.every_day, m.told_at
FROM morning m JOIN tenant n ON n.id = m.tenant_id
CROSS JOIN LATERAL (SELECT CAST(@now AS timestamptz) AT TIME ZONE n.zone AS local) l
WHERE m.day <> CAST(l.local AS date) AND extract(hour FROM l.local) * 60 + extract(minute FROM l.local) >= m.minute
	AND (n.left_on IS NULL OR n.left_on > CAST(l.local AS date))
	AND EXISTS (SELECT FROM morning_reader r WHERE r.tenant_id = m.tenant_id)
ORDER BY m.tenant_id LIMIT @limit FOR UPDATE OF m SKIP LOCKED`

// overlap is how much of what the last report told of is read again: a verdict of its last moments may have been committed
// after it was written. Such a one is told twice rather than never.
const overlap = time.Minute

type claim struct {
	TenantID   int64
	Name, Zone string
	EveryDay   bool
	ToldAt     time.Time

	zone  *time.Location
	today calendar.Date
}

// Tell writes the reports of the towns whose time has come, at most limit towns, and tells how many towns were decided about.
// A closed day is passed over, and its night told of on the next open one; a town that asked for every day gets none on a
// closed day of which there is nothing to say. State, letters and the day are one transaction, and a letter's own name is
// unique, so that neither a restart nor a second node loses or doubles one. The number of statements grows with neither
// towns nor rows. Jobs only.
func Tell(ctx context.Context, tx *tenants.Tx, limit int) (int, error) {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return 0, err
	}
	var claims []claim
	if err := tx.DB.Raw(due, map[string]any{"now": tx.Now, "limit": limit}).Scan(&claims).Error; err != nil {
		return 0, fmt.Errorf("look for towns to tell of the night: %w", err)
	}
	if len(claims) == 0 {
		return 0, nil
	}
	towns := make([]int64, len(claims))
	for i := range claims {
		c := &claims[i]
		towns[i] = c.TenantID
		if c.zone, _ = time.LoadLocation(c.Zone); c.zone == nil {
			c.zone = time.UTC // a zone that the system's table has lost silences nobody
		}
		c.today = calendar.DateOf(tx.Now, c.zone)
	}
	calendars, err := town.Calendars(ctx, tx, towns)
	if err != nil {
		return 0, err
	}
	var nights []night
	for _, c := range claims {
		open := calendars[c.TenantID].IsOpen(c.today)
		if open || c.EveryDay {
			nights = append(nights, night{claim: c, open: open, now: tx.Now})
		}
	}
	letters, err := write(ctx, tx, nights)
	if err != nil {
		return 0, err
	}
	told, err := send(ctx, tx, letters)
	if err != nil {
		return 0, err
	}
	days := make([]string, len(claims))
	for i, c := range claims {
		days[i] = c.today.String()
	}
	err = tx.DB.Exec(`UPDATE morning m SET day = CAST(x.day AS date), told_at = CASE WHEN x.town = ANY (CAST(@told AS bigint[])) THEN CAST(@now AS timestamptz)
			WHEN m.told_at > @now THEN CAST(@now AS timestamptz) - interval '1 day' ELSE m.told_at END
		FROM unnest(CAST(@towns AS bigint[]), CAST(@days AS text[])) x (town, day) WHERE m.tenant_id = x.town`,
		map[string]any{"towns": &towns, "days": &days, "told": &told, "now": tx.Now}).Error
	if err != nil {
		return 0, fmt.Errorf("note which towns were told of the night: %w", err)
	}
	return len(claims), nil
}

// send queues the letters and gives the towns that were told. A letter of this day that stands already, because the clock was put
// back, says what there was to say when it was written: its town is told of what came since by its next one.
func send(ctx context.Context, tx *tenants.Tx, letters []notice.Message) (told []int64, err error) {
	_, fresh, err := notice.QueueNew(ctx, tx, letters)
	if err != nil {
		return nil, fmt.Errorf("send %d reports: %w", len(letters), err)
	}
	old := map[int64]bool{}
	for i, l := range letters {
		old[l.Town] = old[l.Town] || !fresh[i]
	}
	for _, l := range letters {
		if !old[l.Town] {
			told = append(told, l.Town)
		}
	}
	return told, nil
}

// Rewind lets no report stand as told at a time that has not come, after the clock was put back: what is judged until then would
// be told of by nobody. The last day is told once more instead. It may be run as often as one likes. Jobs only.
func Rewind(_ context.Context, tx *tenants.Tx) error {
	if err := tx.Permit(tenants.RunPipeline); err != nil {
		return err
	}
	if err := tx.DB.Exec(`UPDATE morning SET told_at = CAST(@now AS timestamptz) - interval '1 day' WHERE told_at > @now`, map[string]any{"now": tx.Now}).Error; err != nil {
		return fmt.Errorf("rewind the morning's reports: %w", err)
	}
	return nil
}

// night is all that a report depends on.
type night struct {
	claim
	open       bool // the town's day is an open one
	now        time.Time
	readers    []Reader
	told       []duty.Told
	copies     map[int64]backup.Copy // by occurrence
	standing   []incident.Item
	checkpoint *tlog.Sealed
	host       string // whom to telephone
}

// since is from when a report tells. One that was written in what is now the future tells of the last day.
func (n night) since() time.Time {
	if n.ToldAt.After(n.now) {
		return n.now.Add(-24 * time.Hour)
	}
	return n.ToldAt.Add(-overlap)
}

// silent tells whether there is nothing to say on a day on which nobody is there to read it.
func (n night) silent() bool { return !n.open && len(n.told) == 0 && len(n.standing) == 0 }

// write reads what there is to tell and writes the letters.
func write(ctx context.Context, tx *tenants.Tx, nights []night) (letters []notice.Message, err error) {
	if len(nights) == 0 {
		return nil, nil
	}
	if err := read(ctx, tx, nights); err != nil {
		return nil, err
	}
	for _, n := range nights {
		if n.silent() {
			continue
		}
		more, err := n.letters()
		if err != nil {
			return nil, err
		}
		letters = append(letters, more...)
	}
	return letters, nil
}

// read fills in what the nights have to tell: a statement for each noun, however many towns.
func read(ctx context.Context, tx *tenants.Tx, nights []night) error {
	at, towns, since := map[int64]int{}, make([]int64, len(nights)), make([]time.Time, len(nights))
	for i, n := range nights {
		at[n.TenantID], towns[i], since[i] = i, n.TenantID, n.since()
	}
	var readers []struct {
		TenantID int64
		Reader
	}
	err := tx.DB.Raw(`SELECT tenant_id, name, mail FROM morning_reader WHERE tenant_id = ANY (CAST(@towns AS bigint[])) ORDER BY tenant_id, position`,
		map[string]any{"towns": &towns}).Scan(&readers).Error
	if err != nil {
		return fmt.Errorf("read whom to tell of the night: %w", err)
	}
	for _, r := range readers {
		n := &nights[at[r.TenantID]]
		n.readers = append(n.readers, r.Reader)
	}
	told, err := duty.Since(ctx, tx, towns, since)
	if err != nil {
		return err
	}
	var of, occurrences []int64
	for _, t := range told {
		n := &nights[at[t.TenantID]]
		n.told = append(n.told, t)
		of, occurrences = append(of, t.TenantID), append(occurrences, t.OccurrenceID)
	}
	copies, err := backup.Copies(ctx, tx, of, occurrences)
	if err != nil {
		return err
	}
	standing, err := incident.Standing(ctx, tx, towns)
	if err != nil {
		return err
	}
	checkpoints, err := tlog.Latest(ctx, tx, towns)
	if err != nil {
		return err
	}
	hosts, err := incident.WhomToCall(ctx, tx, towns)
	if err != nil {
		return err
	}
	for i := range nights {
		n := &nights[i]
		n.copies, n.standing, n.host = copies, standing[n.TenantID], hosts[n.TenantID]
		if c, ok := checkpoints[n.TenantID]; ok {
			n.checkpoint = &c
		}
	}
	return nil
}
