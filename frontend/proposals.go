package frontend

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/proposal"
	"tanamori/tenants/town"
)

// proposals are the changes that wait for a second person (照合), or waited.
func (d *door) proposals(c echo.Context) error {
	return d.proposalsPage(c, http.StatusOK, 0, "")
}

// proposalsPage shows them; fault is what is wrong with sending one back.
func (d *door) proposalsPage(c echo.Context, status int, which int64, fault string) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang, all := d.lang(c), c.QueryParam("all") != ""
	page := view.ProposalsPage{Choices: []view.Choice{{Label: d.say(lang, "照合待ち", "Waiting"), URL: "/proposals", Current: !all},
		{Label: d.say(lang, "すべて", "All"), URL: "/proposals?all=1", Current: all}}}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		list, err := proposal.List(ctx, tx, 0, before(c), !all, listed)
		if err != nil {
			return err
		}
		ids := make([]int64, len(list))
		for i, p := range list {
			ids[i] = p.TenantID
		}
		names, err := townNames(ctx, tx, ids)
		for _, p := range list {
			row := d.proposalRow(lang, who, p, names[p.TenantID])
			if p.ID == which {
				row.Fault = fault
			}
			page.Rows = append(page.Rows, row)
		}
		page.Pages = view.Pages{Shown: len(list), NewerURL: newest(c)}
		if len(list) == listed {
			page.Pages.OlderURL = older(c, list[len(list)-1].ID)
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Proposals.With(f, page) })
}

func (d *door) proposalRow(lang view.Lang, who tenants.Actor, p proposal.Proposal, name string) view.ProposalRow {
	row := view.ProposalRow{Town: view.Link{Text: name}, By: p.ByText, At: p.At, State: string(p.State), Decided: p.DecidedText, Reason: p.Reason,
		DecidedAt: sinceOf(p.DecidedAt), Own: p.ByTenant == who.TenantID && p.ByPerson == who.PersonID}
	for _, l := range p.Lines {
		line := view.ProposalLine{Act: actWord(lang, string(l.Act)), Object: objectWord(lang, l.Object)}
		before, after := string(l.Before), string(l.After)
		line.Changes = d.changes(lang, orNil(before), orNil(after))
		row.Lines = append(row.Lines, line)
	}
	base := fmt.Sprintf("/towns/%d/proposals/%d", p.TenantID, p.ID)
	if p.State == proposal.Waiting && p.May(who) {
		row.ConfirmURL = base + "/confirmation"
	}
	if p.State == proposal.Waiting && (row.Own || p.May(who)) {
		row.RefuseURL = base + "/refusal"
	}
	return row
}

func orNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// proposalConfirm carries a change out as it was asked for. A page that shows a secret made by it is shown to who confirms.
func (d *door) proposalConfirm(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	got, err := d.gate.ConfirmProposal(c, of, which)
	if err != nil {
		f := tenants.AsFault(err)
		if f.Kind != tenants.KindConflict {
			return err
		}
		return d.proposalsPage(c, http.StatusUnprocessableEntity, which, f.Message(string(d.lang(c))))
	}
	if got.Status == http.StatusOK && strings.HasPrefix(got.ContentType, "text/html") {
		return c.Blob(http.StatusOK, got.ContentType, got.Body)
	}
	return d.done(c, "/proposals", "照合し、変更しました。", "Confirmed and changed.")
}

func (d *door) proposalRefuse(c echo.Context) error {
	of, which, err := townAndID(c)
	if err != nil {
		return err
	}
	err = d.across(c, func(ctx context.Context, tx *tenants.Tx) error {
		return proposal.Refuse(ctx, tx, of, which, c.FormValue("reason"))
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error {
			fault := form.Fault
			for _, e := range form.Errors {
				fault = e.Message
			}
			return d.proposalsPage(c, status, which, fault)
		})
	}
	return d.done(c, "/proposals", "差し戻しました。", "Sent back.")
}

// secondPerson shows for which acts a town asks for a second person.
func (d *door) secondPerson(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	form := filled("")
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		acts, err := proposal.Setting(ctx, tx, of)
		for _, a := range acts {
			form.Values.Add("acts", string(a))
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.secondPersonForm(c, http.StatusOK, of, form)
}

func (d *door) secondPersonForm(c echo.Context, status int, of int64, form view.Form) error {
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.SecondPersonPage{Form: form, BackURL: "/settings/towns"}
	page.Form.Action = ""
	if who.May(tenants.WriteTown, of) {
		page.Form.Action = fmt.Sprintf("/settings/towns/%d/second-person", of)
	}
	for _, a := range proposal.Acts {
		page.Acts = append(page.Acts, view.Option{Value: string(a), Label: actWord(lang, string(a))})
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		t, err := town.Get(ctx, tx, of)
		page.Town = view.Link{Text: t.Name}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.SecondPerson.With(f, page) })
}

func (d *door) secondPersonSet(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	var acts []tenants.Act
	for _, a := range values["acts"] {
		acts = append(acts, tenants.Act(a))
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := proposal.Set(ctx, tx, of, acts)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.secondPersonForm(c, status, of, form) })
	}
	return d.done(c, fmt.Sprintf("/settings/towns/%d/second-person", of), "変更しました。", "Changed.")
}
