package frontend

import (
	"context"
	"fmt"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
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
	if !who.IsHost() {
		return seeOther(c, townURL(who.TenantID))
	}
	var (
		list     []town.Town
		board    duty.Board
		servers  []server.Server
		contacts []contact.Contact
		open     []incident.Item
	)
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if list, err = town.List(ctx, tx); err != nil {
			return err
		}
		if board, err = duty.ReadBoard(ctx, tx, nil, ""); err != nil {
			return err
		}
		if servers, err = server.List(ctx, tx, tx.Actor.Towns...); err != nil {
			return err
		}
		if contacts, err = contact.List(ctx, tx, tx.Actor.Towns...); err != nil {
			return err
		}
		open, err = incident.List(ctx, tx, incident.Filter{State: "unresolved", Limit: 500})
		return err
	})
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.TownIndexPage{Night: board.Night}
	for _, t := range list {
		row := view.TownIndexRow{Town: view.Link{Text: t.Name, URL: townURL(t.ID)}, Kana: t.Kana, Code: t.Code, Kind: t.Kind, JoinedOn: t.JoinedOn,
			IncidentsURL: fmt.Sprintf("/incidents?town=%d", t.ID), BookURL: townURL(t.ID) + "/book"}
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
		for _, i := range open {
			if i.TenantID == t.ID {
				row.Open++
			}
		}
		for _, cell := range board.Cells {
			if cell.TenantID == t.ID {
				mark := d.status(lang, cell)
				row.Needs = row.Needs || mark.Needs
				row.Marks = append(row.Marks, mark)
			}
		}
		page.Rows = append(page.Rows, row)
	}
	return d.show(c, 200, func(f view.Frame) view.Page { return view.TownIndex.With(f, page) })
}
