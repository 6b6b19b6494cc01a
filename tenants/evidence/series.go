package evidence

import (
	"fmt"
	"maps"
	"slices"
)

// recorded is the column of each ledger that says when its rows were written down. A file's head names them too, and nobody
// signs the head: what is known here is not asked of it. A test of tenants/tlog holds the list to the migrations.
var recorded = map[string]string{
	"acknowledgement":       "recorded_at",
	"appointment":           "recorded_at",
	"attempt":               "ended_at",
	"badge_event":           "recorded_at",
	"checkin":               "taken_at",
	"confirmation":          "at",
	"correction":            "recorded_at",
	"credential_event":      "recorded_at",
	"duty_answer":           "recorded_at",
	"excuse":                "at",
	"expiry":                "at",
	"incident":              "opened_at",
	"incident_event":        "at",
	"key_approval":          "at",
	"key_event":             "recorded_at",
	"key_inventory":         "recorded_at",
	"key_inventory_line":    "recorded_at",
	"log_review":            "at",
	"notice":                "queued_at",
	"observance":            "recorded_at",
	"observance_acceptance": "at",
	"occurrence":            "judged_at",
	"operation_log":         "at",
	"password_event":        "at",
	"proposal":              "decided_at",
	"rack_check":            "recorded_at",
	"retention_rule":        "at",
	"room_decision":         "at",
	"room_entry":            "recorded_at",
	"room_exit":             "recorded_at",
	"room_lock":             "recorded_at",
	"room_permit":           "granted_at",
	"room_review":           "at",
	"room_visit":            "applied_at",
	"room_visitor":          "applied_at",
	"run":                   "recorded_at",
	"sign_in":               "ended_at",
	"tlog_event":            "at",
	"verification":          "at",
	"volume":                "bound_at",
}

// Recorded is the column of a ledger that says when a row of it was written down; ok is false for a ledger unknown here.
func Recorded(series string) (column string, ok bool) {
	column, ok = recorded[series]
	return column, ok
}

// Known are the ledgers of which Recorded knows.
func Known() []string { return slices.Sorted(maps.Keys(recorded)) }

// named takes in what the head says of its ledgers.
func (c *check) named(list []Series) {
	for _, s := range list {
		column, ok := Recorded(s.Series)
		if _, twice := c.columns[s.Series]; twice || s.Recorded == "" || ok && column != s.Recorded {
			c.fault(Finding{Leaf: -1, Ja: fmt.Sprintf("1行目の、%s を記録した時刻の列が正しくありません（%s）。", s.Series, s.Recorded),
				En: fmt.Sprintf("the first line says of %s that the time stands in %q, which it does not", s.Series, s.Recorded)})
		}
		if !ok {
			column = s.Recorded // of a later version: it says so itself
		}
		c.columns[s.Series] = column
	}
}

// column is where a row of a ledger says when it was written down. A head that does not know its ledger is told once.
func (c *check) column(r Row) string {
	column, ok := c.columns[r.Series]
	if !ok {
		column = recorded[r.Series]
		c.columns[r.Series] = column
		c.fault(r.says("1行目に、この種類の記録がありません。", "the first line does not name its ledger"))
	}
	return column
}
