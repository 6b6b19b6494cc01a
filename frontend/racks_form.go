package frontend

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/rack"
	"tanamori/tenants/server"
	"tanamori/tenants/town"
)

// rackForm is one of the forms of the register: how it is filled, and what it does.
type rackForm struct {
	what             string
	titleJa, titleEn string // of a new one
	editJa, editEn   string
	save             func(ctx context.Context, tx *tenants.Tx, c echo.Context, id int64) (back string, err error)
	fill             func(ctx context.Context, tx *tenants.Tx, d *door, c echo.Context, id int64, page *view.RackFormPage) (view.Form, error)
	retire           func(ctx context.Context, tx *tenants.Tx, id int64) (back string, err error)
	act              tenants.Act
}

var rackForms = map[string]rackForm{
	"buildings": {what: "building", titleJa: "施設を登録する", titleEn: "Add a building", editJa: "施設を変更する", editEn: "Change the building", act: tenants.WriteRack,
		fill: fillBuilding, save: saveBuilding, retire: func(ctx context.Context, tx *tenants.Tx, id int64) (string, error) {
			return racksURL, rack.RetireBuilding(ctx, tx, id)
		}},
	"areas": {what: "area", titleJa: "管理区域を登録する", titleEn: "Add an area", editJa: "管理区域を変更する", editEn: "Change the area", act: tenants.WriteRack,
		fill: fillArea, save: saveArea, retire: func(ctx context.Context, tx *tenants.Tx, id int64) (string, error) {
			return racksURL, rack.RetireArea(ctx, tx, id)
		}},
	"racks": {what: "rack", titleJa: "ラックを登録する", titleEn: "Add a rack", editJa: "ラックを変更する", editEn: "Change the rack", act: tenants.WriteRack,
		fill: fillRack, save: saveRack, retire: func(ctx context.Context, tx *tenants.Tx, id int64) (string, error) {
			return racksURL, rack.Retire(ctx, tx, id)
		}},
	"equipment": {what: "equipment", titleJa: "機器を登録する", titleEn: "Place something", editJa: "機器を変更する", editEn: "Change or move it", act: tenants.WriteRack,
		fill: fillEquipment, save: saveEquipment, retire: removeEquipment},
	"checks": {what: "check", titleJa: "設置の確認を記録する", titleEn: "Record a check", act: tenants.CheckRack, fill: fillCheck, save: saveCheck},
}

// rackFormPage shows a form of the register: a new one, the one of a thing (:id), or one within a rack (:rack).
func (d *door) rackFormPage(kind string) echo.HandlerFunc {
	return func(c echo.Context) error { return d.rackFormShow(c, kind, http.StatusOK, view.Form{}) }
}

func formID(c echo.Context) (int64, error) {
	if c.Param("id") == "" {
		return 0, nil
	}
	return id(c, "id")
}

func (d *door) rackFormShow(c echo.Context, kind string, status int, form view.Form) error {
	f, lang := rackForms[kind], d.lang(c)
	which, err := formID(c)
	if err != nil {
		return err
	}
	page := view.RackFormPage{What: f.what, Title: d.say(lang, f.titleJa, f.titleEn), Button: d.say(lang, "登録する", "Add"), Back: view.Link{Text: d.say(lang, "サーバ室", "Server room"), URL: racksURL}, List: view.Link{URL: racksURL}}
	if which != 0 && f.editJa != "" {
		page.Title, page.Button = d.say(lang, f.editJa, f.editEn), d.say(lang, "変更を保存する", "Save")
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(f.act, tx.Actor.TenantID); err != nil {
			return err
		}
		stored, err := f.fill(ctx, tx, d, c, which, &page)
		page.Form = stored
		return err
	})
	if err != nil {
		return err
	}
	page.Form.Action = strings.TrimSuffix(strings.TrimSuffix(c.Request().URL.Path, "/new"), "/edit")
	if form.Action != "" {
		page.Form = form
	}
	if which != 0 && f.retire != nil {
		page.RetireURL = page.Form.Action + "/retirement"
		page.RetireLabel = d.say(lang, "廃止を記録する", "Retire it")
		page.RetireAsk = d.say(lang, "台帳から外します。これまでの記録は残ります。", "It leaves the register; its records are kept.")
		if f.what == "rack" || f.what == "equipment" {
			page.RetireLabel = d.say(lang, "撤去を記録する", "Record its removal")
		}
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.RackForm.With(f, page) })
}

func (d *door) rackFormDone(kind string) echo.HandlerFunc {
	return func(c echo.Context) error {
		f := rackForms[kind]
		which, err := formID(c)
		if err != nil {
			return err
		}
		var back string
		err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
			if err := tx.Permit(f.act, tx.Actor.TenantID); err != nil {
				return err
			}
			back, err = f.save(ctx, tx, c, which)
			return err
		})
		if err != nil {
			return d.again(c, err, func(status int, form view.Form) error { return d.rackFormShow(c, kind, status, form) })
		}
		return d.done(c, back, "記録しました。", "It is on record.")
	}
}

func (d *door) rackRetire(kind string) echo.HandlerFunc {
	return func(c echo.Context) error {
		which, err := id(c, "id")
		if err != nil {
			return err
		}
		var back string
		err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
			back, err = rackForms[kind].retire(ctx, tx, which)
			return err
		})
		if err != nil {
			return d.again(c, err, func(status int, form view.Form) error {
				form.Action = strings.TrimSuffix(form.Action, "/retirement")
				filledIn, fault := view.Form{}, form.Fault
				return d.rackRefused(c, kind, status, filledIn, fault)
			})
		}
		return d.done(c, back, "記録しました。", "It is on record.")
	}
}

// rackRefused shows the form of a thing that could not be retired, as it is stored, and says why.
func (d *door) rackRefused(c echo.Context, kind string, status int, form view.Form, fault string) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		var page view.RackFormPage
		form, err = rackForms[kind].fill(ctx, tx, d, c, which, &page)
		return err
	})
	if err != nil {
		return err
	}
	form.Action, form.Fault = strings.TrimSuffix(c.Request().URL.Path, "/retirement"), fault
	return d.rackFormShow(c, kind, status, form)
}

func (d *door) rackRelabel(c echo.Context) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error { _, err := rack.Relabel(ctx, tx, which); return err })
	if err != nil {
		return err
	}
	return d.done(c, rackURL(which), "新しいラベルの番号にしました。印刷して貼り替えてください。", "It has a new label; print and fix it.")
}

func fillBuilding(ctx context.Context, tx *tenants.Tx, _ *door, _ echo.Context, id int64, _ *view.RackFormPage) (view.Form, error) {
	if id == 0 {
		return filled(""), nil
	}
	b, err := rack.GetBuilding(ctx, tx, id)
	return filled("", "name", b.Name, "address", b.Address, "note", b.Note), err
}

func saveBuilding(ctx context.Context, tx *tenants.Tx, c echo.Context, id int64) (string, error) {
	_, err := rack.SaveBuilding(ctx, tx, id, rack.BuildingInput{Name: c.FormValue("name"), Address: c.FormValue("address"), Note: c.FormValue("note")})
	return racksURL, err
}

func fillArea(ctx context.Context, tx *tenants.Tx, d *door, c echo.Context, id int64, page *view.RackFormPage) (view.Form, error) {
	all, err := rack.Buildings(ctx, tx)
	if err != nil {
		return view.Form{}, err
	}
	for _, b := range all {
		page.Buildings = append(page.Buildings, view.Option{Value: str(b.ID), Label: b.Name})
	}
	for _, k := range rack.AreaKinds {
		page.Kinds = append(page.Kinds, view.Option{Value: k, Label: rack.Words("area", k, string(d.lang(c)))})
	}
	if id == 0 {
		form := filled("", "kind", rack.AreaKinds[0], "plan_rows", "2", "plan_places", "6")
		if len(all) == 1 {
			form.Values.Set("building_id", str(all[0].ID))
		}
		return form, nil
	}
	a, err := rack.GetArea(ctx, tx, id)
	return filled("", "building_id", str(a.BuildingID), "kind", a.Kind, "name", a.Name, "floor", a.Floor, "plan_rows", strconv.Itoa(a.PlanRows), "plan_places", strconv.Itoa(a.PlanPlaces), "note", a.Note), err
}

func saveArea(ctx context.Context, tx *tenants.Tx, c echo.Context, id int64) (string, error) {
	var v tenants.Invalid
	in := rack.AreaInput{BuildingID: picked(c, "building_id"), Kind: c.FormValue("kind"), Name: c.FormValue("name"), Floor: c.FormValue("floor"), PlanRows: whole(&v, c, "plan_rows"),
		PlanPlaces: whole(&v, c, "plan_places"), Note: c.FormValue("note")}
	if err := v.Err(); err != nil {
		return "", err
	}
	_, err := rack.SaveArea(ctx, tx, id, in)
	return racksURL, err
}

func str(id int64) string { return strconv.FormatInt(id, 10) }

// picked is what was chosen of a list; 0 where nothing was, which the room judges.
func picked(c echo.Context, field string) int64 {
	n, _ := number(c.FormValue(field))
	return n
}

func fillRack(ctx context.Context, tx *tenants.Tx, _ *door, _ echo.Context, id int64, page *view.RackFormPage) (view.Form, error) {
	areas, err := rack.Areas(ctx, tx)
	if err != nil {
		return view.Form{}, err
	}
	for _, a := range areas {
		page.Areas = append(page.Areas, view.Option{Value: str(a.ID), Label: a.Name})
	}
	if id == 0 {
		form := filled("", "units", "42", "check_months", strconv.Itoa(rack.UsualCheckMonths), "dedicated", "on")
		if len(areas) == 1 {
			form.Values.Set("area_id", str(areas[0].ID))
		}
		return form, nil
	}
	k, _, _, err := rack.Get(ctx, tx, id)
	if err != nil {
		return view.Form{}, err
	}
	page.Back = view.Link{Text: k.Code, URL: rackURL(id)}
	form := filled("", "area_id", str(k.AreaID), "code", k.Code, "plan_row", strconv.Itoa(k.PlanRow), "plan_place", strconv.Itoa(k.PlanPlace), "units", strconv.Itoa(k.Units), "lock", k.Lock,
		"fixing", k.Fixing, "check_months", strconv.Itoa(k.CheckMonths), "note", k.Note)
	if k.Dedicated {
		form.Values.Set("dedicated", "on")
	}
	return form, nil
}

func saveRack(ctx context.Context, tx *tenants.Tx, c echo.Context, id int64) (string, error) {
	var v tenants.Invalid
	in := rack.Input{AreaID: picked(c, "area_id"), Code: c.FormValue("code"), PlanRow: whole(&v, c, "plan_row"), PlanPlace: whole(&v, c, "plan_place"), Units: whole(&v, c, "units"),
		Lock: c.FormValue("lock"), Fixing: c.FormValue("fixing"), Dedicated: c.FormValue("dedicated") == "on", CheckMonths: whole(&v, c, "check_months"), Note: c.FormValue("note")}
	if err := v.Err(); err != nil {
		return "", err
	}
	save := func() (rack.Rack, error) { return rack.Add(ctx, tx, in) }
	if id != 0 {
		save = func() (rack.Rack, error) { return rack.Change(ctx, tx, id, in) }
	}
	k, err := save()
	return rackURL(k.ID), err
}

func fillEquipment(ctx context.Context, tx *tenants.Tx, d *door, c echo.Context, id int64, page *view.RackFormPage) (view.Form, error) {
	lang := d.lang(c)
	racks, err := rack.Racks(ctx, tx)
	if err != nil {
		return view.Form{}, err
	}
	for _, k := range racks {
		page.Racks = append(page.Racks, view.Option{Value: str(k.ID), Label: k.Code})
	}
	for _, k := range rack.EquipmentKinds {
		page.Kinds = append(page.Kinds, view.Option{Value: k, Label: rack.Words("equipment", k, string(lang))})
	}
	for _, f := range rack.Faces {
		page.Faces = append(page.Faces, view.Option{Value: f, Label: rack.Words("face", f, string(lang))})
	}
	if page.Owners, err = owners(ctx, tx, d.say(lang, "共用（どの団体のものでもない）", "shared, no town's own")); err != nil {
		return view.Form{}, err
	}
	if id == 0 {
		form := filled("", "kind", rack.EquipmentKinds[0], "face", rack.Both, "units", "2", "rack_id", c.Param("rack"), "owner", "shared")
		if n, err := strconv.ParseInt(c.Param("rack"), 10, 64); err == nil {
			k, _, _, err := rack.Get(ctx, tx, n)
			page.Back = view.Link{Text: k.Code, URL: rackURL(n)}
			return form, err
		}
		return form, nil
	}
	e, err := rack.GetEquipment(ctx, tx, id)
	if err != nil {
		return view.Form{}, err
	}
	k, _, _, err := rack.Get(ctx, tx, e.RackID)
	page.Back = view.Link{Text: k.Code, URL: rackURL(e.RackID)}
	owner := "shared"
	if e.OwnerID != nil {
		owner = str(*e.OwnerID)
		if e.ServerID != nil {
			owner += ":" + str(*e.ServerID)
		}
	}
	return filled("", "rack_id", str(e.RackID), "kind", e.Kind, "owner", owner, "name", e.Name, "unit", strconv.Itoa(e.Unit), "units", strconv.Itoa(e.Units), "face", e.Face,
		"power_a", e.PowerA, "power_b", e.PowerB, "model", e.Model, "serial", e.Serial, "note", e.Note), err
}

// owners are whose a thing can be: everybody's, a town's, or one of a town's servers.
func owners(ctx context.Context, tx *tenants.Tx, shared string) ([]view.Option, error) {
	out := []view.Option{{Value: "shared", Label: shared}}
	towns, err := town.List(ctx, tx)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, t := range towns {
		ids = append(ids, t.ID)
	}
	servers, err := some(ctx, tx, tenants.ReadServer, ids, server.List)
	if err != nil {
		return nil, err
	}
	for _, t := range towns {
		for _, s := range servers {
			if s.TenantID == t.ID {
				out = append(out, view.Option{Value: str(t.ID) + ":" + str(s.ID), Label: t.Name + "　" + s.Name})
			}
		}
		out = append(out, view.Option{Value: str(t.ID), Label: fmt.Sprintf("%s（サーバ以外）", t.Name)})
	}
	return out, nil
}

func saveEquipment(ctx context.Context, tx *tenants.Tx, c echo.Context, id int64) (string, error) {
	var v tenants.Invalid
	in := rack.EquipmentInput{RackID: picked(c, "rack_id"), Kind: c.FormValue("kind"), Name: c.FormValue("name"), Unit: whole(&v, c, "unit"), Units: whole(&v, c, "units"), Face: c.FormValue("face"),
		PowerA: c.FormValue("power_a"), PowerB: c.FormValue("power_b"), Model: c.FormValue("model"), Serial: c.FormValue("serial"), Note: c.FormValue("note")}
	owner, of, _ := strings.Cut(c.FormValue("owner"), ":")
	in.OwnerID, _ = strconv.ParseInt(owner, 10, 64) // "shared" is nobody's
	in.ServerID, _ = strconv.ParseInt(of, 10, 64)
	if err := v.Err(); err != nil {
		return "", err
	}
	save := func() (rack.Equipment, error) { return rack.Place(ctx, tx, in) }
	if id != 0 {
		save = func() (rack.Equipment, error) { return rack.Rearrange(ctx, tx, id, in) }
	}
	e, err := save()
	return rackURL(e.RackID), err
}

func removeEquipment(ctx context.Context, tx *tenants.Tx, id int64) (string, error) {
	e, err := rack.GetEquipment(ctx, tx, id)
	if err != nil {
		return "", err
	}
	return rackURL(e.RackID), rack.Remove(ctx, tx, id)
}

func fillCheck(ctx context.Context, tx *tenants.Tx, d *door, c echo.Context, _ int64, page *view.RackFormPage) (view.Form, error) {
	which, err := id(c, "rack")
	if err != nil {
		return view.Form{}, err
	}
	k, _, _, err := rack.Get(ctx, tx, which)
	if err != nil {
		return view.Form{}, err
	}
	own, err := town.Get(ctx, tx, tx.Actor.TenantID)
	page.Back, page.Button = view.Link{Text: k.Code, URL: rackURL(which)}, d.say(d.lang(c), "記録する", "Record")
	page.Lead = d.say(d.lang(c), "ラック "+k.Code+"。固定："+k.Fixing+"　錠："+k.Lock, "Rack "+k.Code)
	return filled("", "occurred_at", tx.Now.In(own.Location()).Format(minutes)), err
}

func saveCheck(ctx context.Context, tx *tenants.Tx, c echo.Context, _ int64) (string, error) {
	which, err := id(c, "rack")
	if err != nil {
		return "", err
	}
	own, err := town.Get(ctx, tx, tx.Actor.TenantID)
	if err != nil {
		return "", err
	}
	var v tenants.Invalid
	in := rack.CheckInput{OccurredAt: moment(&v, c, "occurred_at", own.Location()), Fixed: c.FormValue("fixed") == "on", Lockable: c.FormValue("lockable") == "on",
		Dedicated: c.FormValue("dedicated") == "on", Found: c.FormValue("found")}
	if err := v.Err(); err != nil {
		return "", err
	}
	_, err = rack.LookAt(ctx, tx, which, in)
	return rackURL(which), err
}
