package reminder_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
	"tanamori/tenants/reminder"
	"tanamori/tenants/tenantstest"
)

func TestTheHostIsToldOnceOfPostsThatEnd(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host, town := b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	admin := b.Person(host, tenants.HostAdmin)
	b.Contact(host, "住民福祉課長", "見本 花子", "kacho@town.example")
	b.Contact(host, "副町長", "見本 梅子", "fuku@town.example")
	b.Consortium()
	b.Contact(b.Host("見本町", "010006"), "課長", "見本 一郎", "else@town.example")
	until := func(month time.Month, day int) *calendar.Date { d := calendar.MustDate(2026, month, day); return &d }
	person := tenantstest.Value[int64](b, `INSERT INTO person (tenant_id, login, name, password_hash, created_at) VALUES ($1, 'mukawa', '見本 太郎', '', $2) RETURNING id`, town, b.Clock.Now())
	give := func(title string, last *calendar.Date) (p people.Person) {
		b.Do(admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
			p, err = people.AddPost(ctx, tx, town, person, people.PostInput{Kind: tenants.Town, Title: title, FromOn: calendar.MustDate(2026, 4, 1), UntilOn: last})
			return err
		})
		return p
	}
	give("町民課長", until(12, 20))
	give("主任<兼務>", until(12, 20))
	give("会計年度任用職員", until(12, 10))
	prolonged := give("係長", until(12, 15))
	give("主事", until(12, 31))
	b.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.EndPost(ctx, tx, town, prolonged.Posts[3].ID, calendar.MustDate(2027, 3, 31))
		return err
	})
	look := func() (n int) {
		b.Do(tenants.Job("remind"), func(ctx context.Context, tx *tenants.Tx) (err error) {
			n, err = reminder.Ending(ctx, tx, 10)
			return err
		})
		return n
	}
	require.Zero(t, look(), "nobody is written to at 7:30")
	b.Clock.Advance(time.Hour)
	require.Equal(t, 2, look())
	require.Zero(t, look(), "once")
	got := b.SQL(`SELECT tenant_id, kind, to_address, subject, body_text, body_html FROM notice ORDER BY dedup`)
	require.Len(t, got, 2)
	require.Equal(t, []any{host, "reminded", "kacho@town.example", "【棚守】令和8年12月20日で終わる職があります（2件）"}, []any{got[1]["tenant_id"], got[1]["kind"], got[1]["to_address"], got[1]["subject"]})
	require.Contains(t, got[1]["body_text"], "・むかわ町 見本 太郎　主任<兼務>（関係町村職員、むかわ町）")
	require.Contains(t, got[1]["body_html"], "主任&lt;兼務&gt;")
	require.NotContains(t, got[1]["body_text"], "係長", "prolonged")
	b.Clock.Advance(11 * 24 * time.Hour)
	require.Equal(t, 1, look(), "the next day that has come near")
	require.Error(t, b.Try(admin, func(ctx context.Context, tx *tenants.Tx) error { _, err := reminder.Ending(ctx, tx, 1); return err }))
}
