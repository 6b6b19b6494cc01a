package frontend

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/key"
	"tanamori/tenants/label"
	"tanamori/tenants/rack"
	"tanamori/tenants/room"
)

// sheets of labels on A4 as they are sold in Japan, by how many are on one.
var sheets = []struct{ code, ja, en string }{
	{"12", "12面（83.8×42.3 mm）", "12 labels (83.8×42.3 mm)"}, {"24", "24面（66×33.9 mm）", "24 labels (66×33.9 mm)"},
	{"44", "44面（48.3×25.4 mm）", "44 labels (48.3×25.4 mm)"}, {"65", "65面（38.1×21.2 mm）", "65 labels (38.1×21.2 mm)"},
}

// labelled are the kinds of things that carry labels: where one leads, and by which act it is read.
var labelled = map[string]struct {
	act tenants.Act
	url func(id int64) string
}{rack.Kind: {tenants.ReadRack, rackURL}, key.Kind: {tenants.ReadKey, keyCopyURL}, key.KindCabinet: {tenants.ReadKey, keyCabinetURL}, room.KindBadge: {tenants.ReadRoom, func(id int64) string { return badgeURL(id, "") }}}

// atLabel leads from a label to what it is on: from the QR code's address, or from six digits that were typed.
func (d *door) atLabel(c echo.Context) error {
	code := c.Param("code")
	if code == "" {
		code = c.QueryParam("code")
	}
	var found label.Label
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		reading := map[string]tenants.Act{}
		for kind, l := range labelled {
			reading[kind] = l.act
		}
		found, err = label.Find(ctx, tx, code, reading)
		return err
	})
	if err != nil {
		return err
	}
	return seeOther(c, labelled[found.Kind].url(found.ObjectID))
}

// labels is a sheet of labels to print.
func (d *door) labels(c echo.Context) error {
	lang := d.lang(c)
	page := view.LabelsPage{Sheet: c.QueryParam("sheet"), Kind: rack.Kind, BackURL: racksURL, Kinds: []view.Option{{Value: rack.Kind, Label: d.say(lang, "ラック", "racks")}}}
	for _, s := range sheets {
		page.Sheets = append(page.Sheets, view.Option{Value: s.code, Label: d.say(lang, s.ja, s.en)})
	}
	if !slices.ContainsFunc(page.Sheets, func(o view.Option) bool { return o.Value == page.Sheet }) {
		page.Sheet = "24"
	}
	if n, ok := number(c.QueryParam("skip")); ok && n > 0 {
		page.Skip = int(min(n, 64))
	}
	one, _ := number(c.QueryParam("rack"))
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteRack, tx.Actor.TenantID); err != nil {
			return err
		}
		r, err := readRacks(ctx, tx)
		if err != nil {
			return err
		}
		for _, k := range r.racks {
			if one != 0 && k.ID != one {
				continue
			}
			a, b := r.area(k.AreaID)
			code := r.labels[k.ID]
			page.Labels = append(page.Labels, view.PrintedLabel{Name: d.say(lang, "ラック ", "Rack ") + k.Code, Sub: joined("　", b.Name, a.Name), Code: label.Shown(code),
				URL: strings.TrimSuffix(d.BaseURL, "/") + "/at/" + code})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(page.Labels) > 0 {
		page.Labels = slices.Concat(slices.Repeat([]view.PrintedLabel{{Empty: true}}, page.Skip), page.Labels)
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Labels.With(f, page) })
}
