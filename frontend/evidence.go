package frontend

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/retention"
	"tanamori/tenants/tlog"
	"tanamori/tenants/town"
)

func evidenceURL(town int64) string { return fmt.Sprintf("/towns/%d/evidence", town) }

// evidence shows how a town's log of evidence stands (記録の証拠).
func (d *door) evidence(c echo.Context) error {
	return d.evidencePage(c, http.StatusOK, view.Form{})
}

func (d *door) evidencePage(c echo.Context, status int, form view.Form) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	who, err := d.gate.Who(c)
	if err != nil {
		return err
	}
	lang := string(d.lang(c))
	page := view.EvidencePage{FileURL: evidenceURL(of) + "/records", CheckpointURL: evidenceURL(of) + "/checkpoint", Form: form}
	if who.May(tenants.RotateEvidenceKey) {
		page.Form.Action = evidenceURL(of) + "/keys"
	} else {
		page.Form.Action = ""
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		l, err := tlog.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		t, err := town.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		sent, err := readersOf(ctx, tx, who, of)
		if err != nil {
			return err
		}
		page.Readers, page.ReadersURL = sent, settingsURL(of, "morning")
		page.Town, page.Origin, page.Size, page.Note, page.Waiting = view.Link{Text: t.Name, URL: townURL(of)}, l.Origin, l.SignedSize, l.Note, l.Waiting
		if l.SignedAt != nil {
			page.SignedAt = *l.SignedAt
		}
		if l.PassedAt != nil {
			page.PassedAt = *l.PassedAt
		}
		for _, k := range l.Keys {
			page.Keys = append(page.Keys, view.EvidenceKey{Verifier: k.Verifier, MadeAt: k.MadeAt, Reason: k.Reason})
		}
		for _, e := range l.Events {
			page.Events = append(page.Events, view.EvidenceEvent{At: e.At, What: tlog.Words("event."+e.Kind, lang), Size: e.Size})
		}
		for _, f := range l.Findings {
			row := view.EvidenceFinding{Record: d.say(d.lang(c), "証拠の台帳", "the log"), What: tlog.Words("what."+f.What, lang), At: f.FoundAt, Leaf: f.LeafIndex}
			if f.Kind != "" {
				row.Record = fmt.Sprintf("%s %d", retention.KindWords(f.Kind, lang), f.RowID)
			}
			page.Findings = append(page.Findings, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.show(c, status, func(f view.Frame) view.Page { return view.Evidence.With(f, page) })
}

// evidenceCheckpoint sends the newest signed checkpoint, for the town to keep.
func (d *door) evidenceCheckpoint(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	var newest []tlog.Checkpoint
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		newest, err = tlog.Checkpoints(ctx, tx, of, 0, 1)
		return err
	})
	if err != nil {
		return err
	}
	if len(newest) == 0 {
		return tenants.NotFound()
	}
	name := strings.ReplaceAll(strings.SplitN(newest[0].Note, "\n", 2)[0], "/", "-")
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="%s-%d.checkpoint.txt"`, name, newest[0].Size))
	h.Set(echo.HeaderCacheControl, "no-store")
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(newest[0].Note))
}

// evidenceFile sends a town's evidence. Whoever takes it stands in the operation log before the first line goes out; a file
// that breaks off lacks its tail, which tanamori verify notices.
func (d *door) evidenceFile(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	var v tenants.Invalid
	from, until := dayAsked(&v, c, "from"), dayAsked(&v, c, "until")
	var e tlog.Export
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if err := tx.Permit(tenants.ExportEvidence, of); err != nil {
			return err
		}
		if err := v.Err(); err != nil {
			return err
		}
		e, err = tlog.TakeOut(ctx, tx, of, from, until)
		return err
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.evidencePage(c, status, form) })
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "application/x-ndjson")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+e.FileName()+`"`)
	h.Set(echo.HeaderCacheControl, "no-store")
	return d.act(c, func(ctx context.Context, tx *tenants.Tx) error { return tlog.Write(ctx, tx, e, c.Response()) })
}

// dayAsked reads a day of the question; nothing is no day.
func dayAsked(v *tenants.Invalid, c echo.Context, name string) calendar.Date {
	text := strings.TrimSpace(c.QueryParam(name))
	if text == "" {
		return calendar.Date{}
	}
	day, err := calendar.ParseInput(text)
	if err != nil {
		v.Add(name, "日付が正しくありません。", "This is no date.")
	}
	return day
}

// evidenceRotate makes a new key sign.
func (d *door) evidenceRotate(c echo.Context) error {
	of, err := id(c, "town")
	if err != nil {
		return err
	}
	err = d.act(c, func(ctx context.Context, tx *tenants.Tx) error {
		return tlog.Rotate(ctx, tx, of, c.FormValue("reason"))
	})
	if err != nil {
		return d.again(c, err, func(status int, form view.Form) error { return d.evidencePage(c, status, form) })
	}
	return d.done(c, evidenceURL(of), "署名の鍵を新しくしました。次の検証値から使います。", "A new key signs from the next checkpoint on.")
}
