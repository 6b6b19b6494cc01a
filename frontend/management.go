package frontend

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/custody"
)

const managementURL = custodyURL + "/management"

func (d *door) management(c echo.Context) error {
	return d.managementForm(c, http.StatusOK, filled(managementURL))
}

func (d *door) managementForm(c echo.Context, status int, form view.Form) error {
	page := view.ManagementPage{BackURL: custodyURL, Form: form}
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.WriteCustody); err != nil {
			return err
		}
		if err := tx.Permit(tenants.WritePeople, tx.Actor.TenantID); err != nil { // so that it is confirmed before anything is typed
			return err
		}
		now, err := custody.ManagementNow(ctx, tx)
		page.Anew = now.CredentialID != 0
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Management.With(f, page) })
}

// managementSet makes the management password and shows it: the page itself answers the form.
func (d *door) managementSet(c echo.Context) error {
	page := view.ManagementPage{BackURL: custodyURL}
	err := d.beside(c)
	if err == nil {
		err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
			made, cred, err := custody.SetManagement(ctx, tx, c.FormValue("envelope"), c.FormValue("place"))
			page.Made, page.Place = made, cred.Envelope+"　"+cred.Place
			return err
		})
	}
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.managementForm(c, status, form) })
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.Management.With(f, page) })
}

// managementRow is how the management password of the console stands, above the list of all that are in custody.
func managementRow(ctx context.Context, tx *tenants.Tx, who tenants.Actor) (view.ManagementState, error) {
	now, err := custody.ManagementNow(ctx, tx)
	row := view.ManagementState{State: "none", SetAt: now.SetAt, By: now.SpentBy}
	if now.CredentialID != 0 {
		row.State, row.URL = "sealed", credentialURL(now.CredentialID)
	}
	if now.SpentAt != nil {
		row.State, row.SpentAt = "spent", *now.SpentAt
	}
	if now.VoidAt != nil {
		row.State, row.VoidAt = "void", *now.VoidAt
	}
	if who.May(tenants.WriteCustody) && who.May(tenants.WritePeople, who.TenantID) {
		row.SetURL = managementURL
	}
	return row, err
}
