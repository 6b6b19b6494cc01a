package frontend

import (
	"context"
	"fmt"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/contact"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/server"
	"tanamori/tenants/town"
)

// towns lists the towns with how they stand; a town's own people are led to their town.
func (d *door) towns(c echo.Context) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	if !several(who) {
		return seeOther(c, townURL(ownTown(who)))
	}
	var (
		list     town.Page
		board    duty.Board
		servers  []server.Server
		contacts []contact.Contact
		open     map[int64]int
	)
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if list, err = town.ListPage(ctx, tx, askOf(c)); err != nil {
			return err
		}
		ids := idsOf(list.Towns)
		if shown := permitted(tx, tenants.ReadBoard, ids); len(shown) > 0 {
			if board, err = duty.ReadBoardOf(ctx, tx, shown, nil, ""); err != nil {
				return err
			}
		}
		if servers, err = some(ctx, tx, tenants.ReadServer, ids, server.List); err != nil {
			return err
		}
		if contacts, err = some(ctx, tx, tenants.ReadContact, ids, contact.List); err != nil {
			return err
		}
		if shown := permitted(tx, tenants.ReadIncident, ids); len(shown) > 0 {
			open, err = incident.OpenByTown(ctx, tx, shown)
		}
		return err
	})
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.TownIndexPage{Night: board.Night}
	page.Find, page.Pages = finding(c, "/towns", list)
	for _, t := range list.Towns {
		row := view.TownIndexRow{Town: view.Link{Text: t.Name, URL: townURL(t.ID)}, Kana: t.Kana, Code: t.Code, Kind: t.Kind, JoinedOn: t.JoinedOn,
			IncidentsURL: fmt.Sprintf("/incidents?town=%d", t.ID), BookURL: townURL(t.ID) + "/book", Open: open[t.ID]}
		if t.LeftOn != nil {
			row.LeftOn = *t.LeftOn
		}
		for _, s := range servers {
			if s.TenantID == t.ID {
				row.Servers++
			}
		}
		for _, x := range contacts {
			if x.TenantID == t.ID {
				row.Contacts++
			}
		}
		for _, cell := range board.Cells {
			if cell.TenantID == t.ID && cell.Kind == backup.Kind {
				mark := d.status(lang, cell)
				row.Needs = row.Needs || mark.Needs
				row.Marks = append(row.Marks, mark)
			}
		}
		page.Rows = append(page.Rows, row)
	}
	return d.show(c, 200, func(f view.Frame) view.Page { return view.TownIndex.With(f, page) })
}
