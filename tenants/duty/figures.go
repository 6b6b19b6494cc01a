package duty

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// Figures are one night counted over all towns the actor sees, cell by cell as Board would give them.
type Figures struct {
	Towns       int // served in that night
	Cells       int
	Needs       int // bad, and nothing good has come since
	Pending     int
	Confirmed   int // of those that need nobody
	Unknown     int
	Confirmable int            // what ConfirmFine would confirm
	Joined      *calendar.Date // when the first of the towns joined; nil where there is none
	Calls       []int64        // towns with a cell that needs somebody
	Unplanned   int            // duties of which nothing was expected that night
}

// Normal is what is judged, needs nobody and is not confirmed.
func (f Figures) Normal() int { return f.Cells - f.Unplanned - f.Needs - f.Pending - f.Confirmed }

// The newest night is counted from the state table, one row a duty. What it must know of the duties themselves is only how
// many of each town are in use: a town of which not every one stands in that night is odd and counted cell by cell. Nearly
// every verdict is met; asking that first saves the other comparisons.
func figuresOfStates(tx *tenants.Tx, towns []int64) string {
	return `
WITH held AS (
	SELECT s.tenant_id, count(*) AS cells, count(s.confirmed_at) AS looked_at, count(*) FILTER (WHERE s.verdict IS NULL) AS pending,
		count(*) FILTER (WHERE s.verdict <> 'met' AND s.verdict IN ('failed', 'missed', 'unknown') AND s.recovered_at IS NULL) AS needs,
		count(*) FILTER (WHERE s.verdict <> 'met' AND s.verdict IN ('failed', 'missed', 'unknown') AND s.recovered_at IS NULL
			AND s.confirmed_at IS NOT NULL) AS looked_at_bad,
		count(*) FILTER (WHERE s.verdict <> 'met' AND s.verdict IN ('failed', 'missed', 'unknown') AND s.recovered_at IS NOT NULL
			AND s.confirmed_at IS NULL) AS recovered,
		count(*) FILTER (WHERE s.verdict = 'unknown') AS unknown
	FROM duty_state s WHERE ` + tx.Own("s.tenant_id", towns) + ` AND s.night = CAST(@night AS date) GROUP BY s.tenant_id
), gone AS (
	SELECT d.tenant_id, count(*) AS cells FROM duty d JOIN duty_state s ON s.tenant_id = d.tenant_id AND s.duty_id = d.id
	WHERE ` + tx.Own("d.tenant_id", towns) + ` AND d.retired_at IS NOT NULL AND s.night = CAST(@night AS date) GROUP BY d.tenant_id
), town AS (
	SELECT t.id, t.joined_on, t.left_on, h.*, coalesce(h.cells, 0) - coalesce(g.cells, 0) <> t.duties_in_use AS odd
	FROM tenant t LEFT JOIN held h ON h.tenant_id = t.id LEFT JOIN gone g ON g.tenant_id = t.id
	WHERE ` + tx.Own("t.id", towns) + `
)
SELECT count(*) FILTER (WHERE left_on IS NULL OR left_on > CAST(@night AS date)) AS towns, min(joined_on) AS joined,
	coalesce(sum(cells) FILTER (WHERE NOT odd), 0) AS cells, coalesce(sum(needs) FILTER (WHERE NOT odd), 0) AS needs,
	coalesce(sum(pending) FILTER (WHERE NOT odd), 0) AS pending, coalesce(sum(looked_at - looked_at_bad) FILTER (WHERE NOT odd), 0) AS confirmed,
	coalesce(sum(unknown) FILTER (WHERE NOT odd), 0) AS unknown,
	coalesce(sum(cells - pending - needs - (looked_at - looked_at_bad) - recovered) FILTER (WHERE NOT odd), 0) AS confirmable,
	coalesce(string_agg(id::text, ',') FILTER (WHERE NOT odd AND needs > 0), '') AS calls, coalesce(string_agg(id::text, ',') FILTER (WHERE odd), '') AS odd
FROM town`
}

const figuresOfCells = `
SELECT count(*) AS cells, count(*) FILTER (WHERE occurrence_id IS NULL) AS unplanned, count(*) FILTER (WHERE needs) AS needs,
	count(*) FILTER (WHERE pending) AS pending, count(*) FILTER (WHERE NOT needs AND NOT pending AND confirmed_at IS NOT NULL) AS confirmed,
	count(*) FILTER (WHERE verdict = 'unknown') AS unknown,
	count(*) FILTER (WHERE confirmed_at IS NULL AND verdict IN ('met', 'late', 'excused')) AS confirmable,
	coalesce(string_agg(DISTINCT tenant_id::text, ',') FILTER (WHERE needs), '') AS calls
FROM (
	SELECT c.*, coalesce(verdict IN ('failed', 'missed', 'unknown') AND recovered_at IS NULL, false) AS needs,
		occurrence_id IS NOT NULL AND verdict IS NULL AS pending
	FROM (` + boardCells + `) c
) c`

type figuresRow struct {
	Towns, Cells, Unplanned, Needs, Pending, Confirmed, Unknown, Confirmable int
	Joined                                                                   *calendar.Date
	Calls, Odd                                                               string
}

// Sum counts one night over all towns the actor sees, in two statements at most. The newest night costs a look at one row a duty,
// whatever was kept over the years; another night is counted from its occurrences and costs more.
func Sum(_ context.Context, tx *tenants.Tx, night calendar.Date) (Figures, error) {
	towns, err := tx.Reach(tenants.ReadBoard)
	if err != nil {
		return Figures{}, err
	}
	var states, cells figuresRow
	if err := tx.DB.Raw(figuresOfStates(tx, towns), map[string]any{"towns": &towns, "night": night}).Scan(&states).Error; err != nil {
		return Figures{}, fmt.Errorf("count the night of %s: %w", night, err)
	}
	odd, err := idList(nil, states.Odd)
	if err != nil {
		return Figures{}, fmt.Errorf("count the night of %s: %w", night, err)
	}
	if len(odd) > 0 {
		if err := tx.DB.Raw(figuresOfCells, map[string]any{"towns": &odd, "night": night, "kind": ""}).Scan(&cells).Error; err != nil {
			return Figures{}, fmt.Errorf("count the night of %s: %w", night, err)
		}
	}
	f := Figures{Towns: states.Towns, Joined: states.Joined, Cells: states.Cells + cells.Cells, Needs: states.Needs + cells.Needs,
		Pending: states.Pending + cells.Pending, Confirmed: states.Confirmed + cells.Confirmed, Unknown: states.Unknown + cells.Unknown,
		Confirmable: states.Confirmable + cells.Confirmable, Unplanned: cells.Unplanned}
	for _, list := range []string{states.Calls, cells.Calls} {
		if f.Calls, err = idList(f.Calls, list); err != nil {
			return Figures{}, fmt.Errorf("count the night of %s: %w", night, err)
		}
	}
	return f, nil
}

// idList appends the ids of a list as SQL joins them.
func idList(ids []int64, list string) ([]int64, error) {
	for id := range strings.SplitSeq(list, ",") {
		if id == "" {
			continue
		}
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return nil, err
		}
		ids = append(ids, n)
	}
	return ids, nil
}
