package frontend

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/town"
)

const importURL = "/settings/people/import"

func (d *door) importNew(c echo.Context) error {
	return d.importPage(c, http.StatusOK, view.ImportPage{Form: filled(importURL)})
}

func (d *door) importPage(c echo.Context, status int, page view.ImportPage) error {
	page.BackURL = "/settings/people"
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePeople); err != nil {
			return err
		}
		towns, err := town.List(ctx, tx)
		page.Towns = peopledBy(tx.Actor, towns, d.today())
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Import.With(f, page) })
}

// importFile is the file that was chosen, or what was pasted.
func importFile(c echo.Context) ([]byte, error) {
	file, err := c.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) || err == nil && file.Size == 0 {
		return []byte(c.FormValue("text")), nil
	}
	if err != nil {
		return nil, err
	}
	f, err := file.Open()
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(f) // the form as a whole is bounded
	return raw, errors.Join(err, f.Close())
}

// importDone looks at a file and shows what is in it; what was looked at comes back in the form and is taken in. The page
// itself answers with the passwords: nothing else may keep them.
func (d *door) importDone(c echo.Context) error {
	raw, commit := []byte(nil), c.FormValue("csv") != ""
	var err error
	if commit {
		raw, err = base64.StdEncoding.DecodeString(c.FormValue("csv"))
		if err != nil {
			return tenants.NotFound()
		}
	} else if raw, err = importFile(c); err != nil {
		return err
	}
	page := view.ImportPage{Form: filled(importURL), CSV: base64.StdEncoding.EncodeToString(raw), Town: c.FormValue("town")}
	lang := d.lang(c)
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WritePeople); err != nil {
			return err
		}
		of, ok := number(page.Town)
		if !ok {
			var v tenants.Invalid
			v.Add("town", "所属を選んでください。", "Choose an organisation.")
			return v.Err()
		}
		if err := tx.Permit(tenants.WritePeople, of); err != nil {
			return err
		}
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		page.Org = t.Name
		if commit {
			issued, err := people.ImportPeople(ctx, tx, of, raw)
			for _, i := range issued {
				page.Issued = append(page.Issued, view.IssuedPage{Name: i.Person.Name, Login: i.Person.Login, Password: i.Password})
			}
			return err
		}
		read, err := people.ReadImport(ctx, tx, of, raw)
		page.Encoding, page.Bad = read.Encoding, read.Faults()
		for _, l := range read.Lines {
			page.Lines = append(page.Lines, d.importRow(lang, l))
		}
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.importPage(c, status, view.ImportPage{Form: form}) })
	}
	return d.importPage(c, http.StatusOK, page)
}

func (d *door) importRow(lang view.Lang, l people.ImportLine) view.ImportRow {
	row := view.ImportRow{N: l.N, Login: l.Login, Name: l.Name, Folded: l.Folded, Title: l.Post.Title, From: l.Post.FromOn, NoEnd: l.Post.NoEnd, Document: l.Post.Document}
	if l.Post.Kind != "" {
		ja, en := tenants.PostLabel(l.Post.Kind)
		row.Label = d.say(lang, ja, en)
	}
	if l.Post.UntilOn != nil {
		row.Until = *l.Post.UntilOn
	}
	for _, f := range l.Faults {
		row.Faults = append(row.Faults, f.Message(string(lang)))
	}
	return row
}
