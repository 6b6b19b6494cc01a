package key

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/entry"
)

// exported is how many lines one file takes at most: some years of any host's loans.
const exported = 50_000

// Taken is the part of the loan book that was taken out.
type Taken struct {
	From, To calendar.Date // both of it
	Loans    []Loan
	Zone     *time.Location
}

// FileName is what its file is called.
func (t Taken) FileName() string {
	return "key-loans-" + t.From.String() + "-" + t.To.String() + ".csv"
}

// TakeOut takes the loans of some days out of the loan book. That it was done is in the operation log.
func TakeOut(ctx context.Context, tx *tenants.Tx, from, to calendar.Date) (Taken, error) {
	if err := reading(tx); err != nil {
		return Taken{}, err
	}
	var v tenants.Invalid
	if to.Before(from) {
		v.Add("to", "開始日より前の日です。", "This lies before the first day.")
		return Taken{}, v.Err()
	}
	zone, err := location(tx)
	if err != nil {
		return Taken{}, err
	}
	t := Taken{From: from, To: to, Zone: zone}
	if t.Loans, err = Book(ctx, tx, midnight(from, zone), midnight(to.AddDays(1), zone), exported+1); err != nil {
		return Taken{}, err
	}
	if len(t.Loans) > exported {
		v.Add("to", "期間が長すぎます。短くしてください。", "Too many lines; take fewer days.")
		return Taken{}, v.Err()
	}
	return t, tx.Record(tenants.Line{Town: tx.Actor.TenantID, Act: tenants.ReadKey, Object: "key_book", After: map[string]any{"from": from, "to": to, "rows": len(t.Loans)}})
}

func midnight(d calendar.Date, zone *time.Location) time.Time {
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, zone)
}

// head of a CSV file: Japanese, as the people read it who open one.
var head = []string{"番号", "鍵", "鍵番号", "貸出日時", "借用者", "来訪者の会社", "来訪者", "使用目的", "作業", "返却予定", "承認者", "貸出者", "貸出後の残数", "返却日時", "受領者", "返却後の残数", "状態", "訂正"}

// Write writes the lines as a CSV file with a mark by which spreadsheets know UTF-8.
func (t Taken) Write(to io.Writer) error {
	if _, err := io.WriteString(to, "\ufeff"); err != nil {
		return fmt.Errorf("write the loan book: %w", err)
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true
	at := func(m *time.Time) string {
		if m == nil {
			return ""
		}
		return m.In(t.Zone).Format("2006-01-02T15:04:05-07:00")
	}
	count := func(n *int) string {
		if n == nil {
			return ""
		}
		return strconv.Itoa(*n)
	}
	rows := [][]string{head}
	for _, l := range t.Loans {
		rows = append(rows, []string{strconv.FormatInt(l.ID, 10), l.CopyName, l.Serial, at(l.OutAt), l.Borrower, l.VisitorCompany, l.Visitor, l.Purpose, l.Work, at(l.DueAt), l.ApprovedBy,
			l.OutBy, count(l.OutLeft), at(l.BackAt), l.BackBy, count(l.BackLeft), Words("loan", l.State, "ja"),
			strings.TrimSpace(l.WentOut.Said("ja", t.Zone) + " " + l.CameBack.Said("ja", t.Zone))})
	}
	for _, row := range rows {
		for i, cell := range row {
			row[i] = entry.Cell(cell)
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("write the loan book: %w", err)
	}
	return nil
}
