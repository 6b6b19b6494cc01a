package room

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/entry"
)

// Taken is what was asked to be taken out: an area's ledger of a stretch.
type Taken struct {
	Area        int64
	Name        string
	From, Until time.Time // until is not part of it
	Zone        *time.Location
}

// FileName is what the file is called.
func (t Taken) FileName() string {
	return fmt.Sprintf("room-%d-%s.csv", t.Area, t.From.In(t.Zone).Format("20060102"))
}

// longestExport bounds what one file holds.
const longestExport = 400 * 24 * time.Hour

// TakeOut says what is taken out, and that it was.
func TakeOut(_ context.Context, tx *tenants.Tx, area int64, from, until time.Time) (Taken, error) {
	if err := reading(tx); err != nil {
		return Taken{}, err
	}
	r, err := one[Room](tx, roomQuery+` AND a.id = @area`, usual(map[string]any{"area": area}))
	if err != nil {
		return Taken{}, err
	}
	var v tenants.Invalid
	if !until.After(from) || until.Sub(from) > longestExport {
		v.Add("until", "400日以内の期間を指定してください。", "Give a stretch of at most 400 days.")
	}
	if err := v.Err(); err != nil {
		return Taken{}, err
	}
	_, zone, err := own(tx)
	if err != nil {
		return Taken{}, err
	}
	return Taken{Area: area, Name: r.Name, From: from, Until: until, Zone: zone}, tx.Record(tenants.Line{Town: tx.Actor.TenantID, Act: tenants.ReadRoom, Object: "room_entry", ObjectID: 0,
		After: map[string]any{"area": r.Name, "from": from, "until": until}})
}

// WriteBook writes it: UTF-8 with a byte order mark, CRLF, formulas made harmless, the columns of サーバ室入退室記録簿.
func WriteBook(ctx context.Context, tx *tenants.Tx, t Taken, to io.Writer) error {
	book, err := Book(ctx, tx, t.Area, t.From, t.Until)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(to, "\ufeff"); err != nil { // by which spreadsheets know UTF-8
		return fmt.Errorf("write the ledger of %s: %w", t.Name, err)
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true
	when := func(at *time.Time) string {
		if at == nil {
			return ""
		}
		return at.In(t.Zone).Format("2006-01-02 15:04")
	}
	rows := [][]string{{"記録番号", "区域", "氏名", "所属（会社名）", "入室", "退室", "目的・作業内容", "立会者", "許可番号", "名札", "搬入物", "搬出物", "許可", "許可がない理由", "入室の理由", "入室の記録者", "入室の記録日時",
		"入室の遅延理由", "退室の記録者", "退室の記録日時", "退室の遅延理由", "最後の退室", "管理者の確認", "訂正"}}
	for _, e := range book {
		last := ""
		if e.LeftLast {
			last = "○"
		}
		why := ""
		if e.Why != "" {
			why = Words("why", e.Why, "ja")
		}
		rows = append(rows, []string{fmt.Sprint(e.ID), t.Name, e.Name, e.Org, when(&e.OccurredAt), when(e.LeftAt), e.Purpose, e.EscortText, e.PermitNo, e.Badge, e.Carried, e.LeftCarried,
			Words("basis", e.Basis, "ja"), why, e.Reason, e.ByText, when(&e.RecordedAt), e.LateReason, e.LeftBy, when(e.LeftRecorded), e.LeftLate, last,
			strings.TrimSpace(e.ReviewedBy + " " + e.Finding), strings.TrimSpace(e.Corrections.Said("ja", t.Zone) + " " + e.ExitCorrections.Said("ja", t.Zone))})
	}
	for _, row := range rows {
		for i, cell := range row {
			row[i] = entry.Cell(cell)
		}
		if err := w.Write(row); err != nil {
			return fmt.Errorf("write the ledger of %s: %w", t.Name, err)
		}
	}
	w.Flush()
	return w.Error()
}
