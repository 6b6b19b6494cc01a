// Package observance is the room of what everybody must undertake to observe before work (遵守事項): documents, version by
// version, and who accepted which. The host writes them for the whole consortium; a town's own people accept them.
package observance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

var _ = tenants.Sentences(map[string][2]string{
	"retention.series.observance":          {"遵守事項と同意", "Rules and their acceptance"},
	"retention.basis.observance":           {"運用上。操作履歴に合わせています。いちばん新しい版とその同意は、年数によらず残ります", "Operational, as long as the operation log; the newest version and its acceptances stay however old"},
	"retention.kind.observance":            {"遵守事項の版", "versions of rules"},
	"retention.kind.observance_acceptance": {"遵守事項への同意", "acceptances of rules"},
})

// State is where a version stands on a day.
type State string

// The states.
const (
	Coming    State = "coming"    // not in force yet
	InForce   State = "in_force"  // what everybody must have accepted
	Past      State = "past"      // a newer version took its place
	Withdrawn State = "withdrawn" // the version that ended its document
)

// Document is one version of a document. Document and Version are the same in every town of the consortium.
type Document struct {
	TenantID   int64
	ID         int64
	Document   int
	Version    int
	Title      string
	Body       string
	SHA256     string `gorm:"column:sha256"` // of Title, a line feed and Body
	FromOn     calendar.Date
	Withdrawn  bool
	RecordedAt time.Time
	ByText     string
	InForce    bool       // the newest of its document that has come into force
	Newer      bool       // a newer one has come into force
	AcceptedAt *time.Time // by the actor
}

// Name is how a version is called: the number of its document and its own.
func (d Document) Name() string { return fmt.Sprintf("%d-%d", d.Document, d.Version) }

// State is where the version stands today.
func (d Document) State() State {
	switch {
	case d.Newer:
		return Past
	case d.Withdrawn:
		return Withdrawn
	case d.InForce:
		return InForce
	}
	return Coming
}

// Acceptable tells whether a person may accept it: what is in force, and what is coming, ahead of its day.
func (d Document) Acceptable() bool { return !d.Newer && !d.Withdrawn }

// Hash is what an acceptance says of the text that was read.
func Hash(title, body string) string {
	sum := sha256.Sum256([]byte(title + "\n" + body))
	return hex.EncodeToString(sum[:])
}

// A version is in force from its day on until a higher one is.
const ofTown = `
SELECT o.tenant_id, o.id, o.document, o.version, o.title, o.body, o.sha256, o.from_on, o.withdrawn, o.recorded_at, o.by_text,
	o.from_on <= @today AND NOT n.newer AS in_force, n.newer, a.at AS accepted_at
FROM observance o
CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM observance x WHERE x.tenant_id = o.tenant_id AND x.document = o.document AND x.version > o.version
	AND x.from_on <= @today) AS newer) n
LEFT JOIN observance_acceptance a ON a.tenant_id = o.tenant_id AND a.observance_id = o.id AND a.person_id = @person
WHERE o.tenant_id = @town`

func read(tx *tenants.Tx, more string, args map[string]any) ([]Document, error) {
	on, err := today(tx)
	if err != nil {
		return nil, err
	}
	all := map[string]any{"town": tx.Actor.TenantID, "person": tx.Actor.PersonID, "today": on}
	for k, v := range args {
		all[k] = v
	}
	var found []Document
	if err := tx.DB.Raw(ofTown+more, all).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("read what is to be observed: %w", err)
	}
	return found, nil
}

// Open is what the actor has still to accept before work, with its text. It costs one look into an index where there is
// nothing, and is asked at every request. A machine has nothing to accept; a person has, however little of the work their post's scope
// or their token leaves them.
func Open(_ context.Context, tx *tenants.Tx) ([]Document, error) {
	if tx.Actor.PersonID == 0 || tx.Actor.Machine {
		return nil, nil
	}
	var found []Document
	err := tx.DB.Raw(`WITH today AS MATERIALIZED (SELECT CAST(CAST(@now AS timestamptz) AT TIME ZONE t.zone AS date) AS today FROM tenant t WHERE t.id = @town)
		SELECT o.tenant_id, o.id, o.document, o.version, o.title, o.body, o.sha256, o.from_on, o.recorded_at, o.by_text, true AS in_force
		FROM today d JOIN observance o ON o.tenant_id = @town AND o.from_on <= d.today AND NOT o.withdrawn
		WHERE NOT EXISTS (SELECT FROM observance x WHERE x.tenant_id = o.tenant_id AND x.document = o.document AND x.version > o.version AND x.from_on <= d.today)
		AND NOT EXISTS (SELECT FROM observance_acceptance a WHERE a.tenant_id = o.tenant_id AND a.observance_id = o.id AND a.person_id = @person)
		ORDER BY o.document`, map[string]any{"now": tx.Now, "town": tx.Actor.TenantID, "person": tx.Actor.PersonID}).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("look for what is still to accept: %w", err)
	}
	return found, nil
}

// Require refuses an act of whoever has still to accept something.
func Require(ctx context.Context, tx *tenants.Tx) error {
	open, err := Open(ctx, tx)
	if err != nil || len(open) == 0 {
		return err
	}
	return &tenants.Fault{Kind: tenants.KindForbidden, Ja: "遵守事項「" + open[0].Title + "」にまだ同意していません。画面で読んで同意するか、GET /me/observances で読み、同意してから行ってください。",
		En: "You have not accepted the rules in force yet (" + open[0].Title + "). Read and accept them at the console, or by GET /me/observances, and ask again."}
}

// List gives every version of every document, the newest of each first.
func List(_ context.Context, tx *tenants.Tx) ([]Document, error) {
	if err := tx.Permit(tenants.ReadObservance, tx.Actor.TenantID); err != nil {
		return nil, err
	}
	return read(tx, ` ORDER BY o.document, o.version DESC`, nil)
}

// Get is one version.
func Get(_ context.Context, tx *tenants.Tx, document, version int) (Document, error) {
	if err := tx.Permit(tenants.ReadObservance, tx.Actor.TenantID); err != nil {
		return Document{}, err
	}
	return get(tx, document, version)
}

func get(tx *tenants.Tx, document, version int) (Document, error) {
	found, err := read(tx, ` AND o.document = @document AND o.version = @version`, map[string]any{"document": document, "version": version})
	if err != nil {
		return Document{}, err
	}
	if len(found) == 0 {
		return Document{}, tenants.NotFound()
	}
	return found[0], nil
}

// today is the date at the actor's own town.
func today(tx *tenants.Tx) (calendar.Date, error) {
	var name string
	if err := tx.DB.Raw(`SELECT zone FROM tenant WHERE id = ?`, tx.Actor.TenantID).Scan(&name).Error; err != nil {
		return calendar.Date{}, fmt.Errorf("read the zone of town %d: %w", tx.Actor.TenantID, err)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		zone = time.UTC
	}
	return calendar.DateOf(tx.Now, zone), nil
}
