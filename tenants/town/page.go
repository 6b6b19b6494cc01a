package town

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// Ask says which page of the towns to give. The zero Ask gives the first 50.
type Ask struct {
	Text   string         // part of a name, a reading or a code, as people type it; empty: every town
	Only   []int64        // where not nil: of these only
	On     *calendar.Date // where not nil: only those served on that day
	After  int64          // the page that goes on behind this town
	Before int64          // the page that ends before this town
	Limit  int
}

// Page is some of the towns in the order of List.
type Page struct {
	Towns   []Town
	Earlier bool // there are towns before these
	Later   bool
}

// The place of the town that a page goes on from is that of its code, whether or not the town itself is among those asked
// for: it may have left them since.
const pageOf = `
	AND (@text = '' OR search LIKE '%' || @text || '%' OR code LIKE @text || '%')
	AND (CAST(@on AS date) IS NULL OR left_on IS NULL OR left_on > CAST(@on AS date))
	AND (@from = 0 OR `

// ListPage gives a page of the towns that the actor sees.
func ListPage(_ context.Context, tx *tenants.Tx, ask Ask) (Page, error) {
	ids, err := tx.Reach(tenants.ReadTown)
	if err != nil {
		return Page{}, err
	}
	which := tx.Own("id", ids)
	if ask.Only != nil {
		ids, which = ask.Only, `id = ANY (CAST(@towns AS bigint[]))`
		if err := tx.Permit(tenants.ReadTown, ids...); err != nil {
			return Page{}, err
		}
	}
	if ask.Limit < 1 || ask.Limit > 200 {
		ask.Limit = 50
	}
	text := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(tenants.SearchKey(ask.Text))
	from, order := ask.After, `(kind = 'member', code) > (SELECT c.kind = 'member', c.code FROM tenant c WHERE c.id = @from)) ORDER BY kind = 'member', code LIMIT @limit`
	if ask.Before != 0 {
		from, order = ask.Before, `(kind = 'member', code) < (SELECT c.kind = 'member', c.code FROM tenant c WHERE c.id = @from)) ORDER BY kind = 'member' DESC, code DESC LIMIT @limit`
	}
	var p Page
	err = tx.DB.Raw(`SELECT `+columns+` FROM tenant WHERE `+which+pageOf+order, map[string]any{"towns": &ids, "text": text, "on": ask.On, "from": from, "limit": ask.Limit + 1,
		"ping_key": tx.Actor.May(tenants.ReadPingURL)}).Scan(&p.Towns).Error
	if err != nil {
		return Page{}, fmt.Errorf("read a page of towns: %w", err)
	}
	hideKeys(tx, p.Towns)
	more := len(p.Towns) > ask.Limit
	p.Towns = p.Towns[:min(len(p.Towns), ask.Limit)]
	p.Earlier, p.Later = from != 0, more
	if ask.Before != 0 {
		slices.Reverse(p.Towns)
		p.Earlier, p.Later = more, true
	}
	return p, nil
}
