package frontend

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/key"
	"tanamori/tenants/town"
)

func (d *door) keyLoan(c echo.Context) error { return d.keyLoanShow(c, http.StatusOK, view.Form{}) }

func (d *door) keyLoanShow(c echo.Context, status int, form view.Form) error {
	which, err := id(c, "id")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := d.lang(c)
	page := view.KeyLoanPage{BackURL: keysURL, Form: form}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		l, err := key.GetLoan(ctx, tx, which)
		if err != nil {
			return err
		}
		page.KeyLoanRow, page.Copy, page.Handover, page.AskedBy = d.keyLoanRow(lang, l), view.Link{Text: l.CopyName, URL: keyCopyURL(l.CopyID)}, l.Handover, l.AskedBy
		for _, a := range l.Approvals {
			page.Approvals = append(page.Approvals, view.Confirmation{By: a.ByText, At: a.At})
		}
		page.Closed, page.ClosedReason = view.Confirmation{By: l.ClosedBy, At: near(l.ClosedAt)}, l.ClosedReason
		page.Own = who.PersonID == l.BorrowerID && l.State == key.Asked && !l.Ready() && who.May(tenants.AuthoriseKey)
		agreed := false
		for _, a := range l.Approvals {
			agreed = agreed || a.ByID == who.PersonID
		}
		base := keyLoanURL(which)
		if l.State != key.Asked {
			return nil
		}
		if who.May(tenants.AuthoriseKey) && !page.Own {
			page.RefuseURL = base + "/refusal"
			if !agreed && !l.Ready() {
				page.ApproveURL = base + "/approval"
			}
		}
		if who.May(tenants.LendKey) {
			if l.Ready() {
				page.HandOutURL = base + "/handout"
			}
			if who.PersonID == l.BorrowerID || who.PersonID == l.AskedByID {
				page.WithdrawURL = base + "/withdrawal"
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.KeyLoan.With(f, page) })
}

// keyLoanAct does one act on a request.
func (d *door) keyLoanAct(ja, en string, do func(context.Context, *tenants.Tx, echo.Context, int64) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		which, err := id(c, "id")
		if err != nil {
			return err
		}
		err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error { return do(ctx, tx, c, which) })
		if err != nil {
			return d.again(c, err, func(status int, form view.Form) error { return d.keyLoanShow(c, status, form) })
		}
		return d.done(c, keyLoanURL(which), ja, en)
	}
}

func approveKey(ctx context.Context, tx *tenants.Tx, _ echo.Context, id int64) error {
	_, err := key.Approve(ctx, tx, id)
	return err
}

func refuseKey(ctx context.Context, tx *tenants.Tx, c echo.Context, id int64) error {
	_, err := key.Refuse(ctx, tx, id, c.FormValue("reason"))
	return err
}

func withdrawKey(ctx context.Context, tx *tenants.Tx, _ echo.Context, id int64) error {
	_, err := key.Withdraw(ctx, tx, id)
	return err
}

func handOutKey(ctx context.Context, tx *tenants.Tx, _ echo.Context, id int64) error {
	_, err := key.HandOut(ctx, tx, id, key.Happened{})
	return err
}

// booked is how many lines a page of the loan book shows.
const booked = 500

// keyMonth is the month of the loan book that an address names: its first and its last day, and today.
func keyMonth(ctx context.Context, tx *tenants.Tx, c echo.Context) (first, last, today calendar.Date, zone *time.Location, err error) {
	own, err := town.Get(ctx, tx, tx.Actor.TenantID)
	if err != nil {
		return first, last, today, nil, err
	}
	zone = own.Location()
	today = calendar.DateOf(tx.Now, zone)
	first, err = monthOf(c.QueryParam("month"), today)
	next := first.AddDays(31)
	return first, calendar.MustDate(next.Year(), next.Month(), 1).AddDays(-1), today, zone, err
}

// keyBook is a month of the loan book (鍵貸出簿), to be printed.
func (d *door) keyBook(c echo.Context) error {
	lang := d.lang(c)
	page := view.KeyBookPage{BackURL: keysURL, Made: d.gate.Ground().Now(), Seals: d.seals(lang)}
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.ReadKey, tx.Actor.TenantID); err != nil {
			return err
		}
		first, last, today, zone, err := keyMonth(ctx, tx, c)
		if err != nil {
			return err
		}
		at := func(d calendar.Date) string { return keysURL + "/book?month=" + d.String()[:7] }
		page.Month, page.PrevURL, page.FileURL = month(lang, first), at(first.AddDays(-1)), keysURL+"/book/export?month="+first.String()[:7]
		if last.Before(today) {
			page.NextURL = at(last.AddDays(1))
		}
		midnight := func(d calendar.Date) time.Time {
			return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, zone)
		}
		loans, err := key.Book(ctx, tx, midnight(first), midnight(last.AddDays(1)), booked+1)
		if len(loans) > booked {
			loans, page.More = loans[:booked], 1
		}
		for _, l := range loans {
			page.Rows = append(page.Rows, d.keyLoanRow(lang, l))
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.show(c, http.StatusOK, func(f view.Frame) view.Page { return view.KeyBook.With(f, page) })
}

// keyBookFile is a month of the loan book as a file.
func (d *door) keyBookFile(c echo.Context) error {
	var taken key.Taken
	err := d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		if err := tx.Permit(tenants.ReadKey, tx.Actor.TenantID); err != nil {
			return err
		}
		first, last, _, _, err := keyMonth(ctx, tx, c)
		if err != nil {
			return err
		}
		taken, err = key.TakeOut(ctx, tx, first, last)
		return err
	})
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+taken.FileName()+`"`)
	h.Set(echo.HeaderCacheControl, "no-store")
	return taken.Write(c.Response())
}
