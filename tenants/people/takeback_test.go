package people_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
)

func (b bundle) handOver(o people.Office, to int64, on calendar.Date) (after people.Office) {
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		after, err = people.HandOver(ctx, tx, b.host, o.ID, people.HandOverInput{To: to, FromOn: on})
		return err
	})
	return after
}

func (b bundle) takeBack(o people.Office) func(context.Context, *tenants.Tx) error {
	return func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.TakeBack(ctx, tx, b.host, o.ID)
		return err
	}
}

// A hand-over entered ahead is taken back before its day: the successor never begins, the former holder goes on as the register
// had it, and what was entered stays in sight. From its day on it is a conflict.
func TestAHandOverAheadIsTakenBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	office, former, next := b.office()
	b.Fault(tenants.KindConflict, b.admin, b.takeBack(office)) // the present holder began long ago
	ended := func() (last *calendar.Date) {
		b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			p, err := people.Get(ctx, tx, b.host, former.ID)
			for _, h := range p.Posts {
				if h.OfficePostID != 0 {
					last = h.UntilOn
				}
			}
			return err
		})
		return last
	}
	require.Nil(t, ended())

	b.handOver(office, next.ID, *day(2027, 4, 1))
	require.Equal(t, day(2027, 3, 31), ended())
	for _, who := range []tenants.Actor{b.operator, b.auditor, b.clerk} {
		require.Error(t, b.Try(who, b.takeBack(office)))
	}
	b.Fault(tenants.KindNotFound, b.stranger, b.takeBack(office))
	b.Do(b.admin, b.takeBack(office))
	require.Nil(t, ended(), "no end is known again")
	require.Zero(t, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM post WHERE person_id = $1 AND office_post_id IS NOT NULL AND withdrawn_at IS NULL`, next.ID))
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		o, err := people.GetOffice(ctx, tx, b.host, office.ID)
		require.NoError(t, err)
		require.Len(t, o.Holders, 1)
		require.Nil(t, o.Holders[0].UntilOn)
		require.Len(t, o.Withdrawn, 1)
		require.Equal(t, next.ID, o.Withdrawn[0].PersonID)
		require.Equal(t, b.admin.Text(), o.Withdrawn[0].WithdrawnBy)
		register, err := people.Register(ctx, tx, b.host, today, false)
		for _, e := range register {
			require.False(t, next.ID == e.PersonID && e.Office != "", "the register holds nothing of the successor")
		}
		return err
	})
	b.Fault(tenants.KindConflict, b.admin, b.takeBack(office))

	// The same day may be entered again, and a seat that was to stand empty as well.
	b.handOver(office, next.ID, *day(2027, 4, 1))
	b.Do(b.admin, b.takeBack(office))
	b.handOver(office, 0, *day(2027, 1, 1))
	require.Equal(t, day(2026, 12, 31), ended())
	b.Do(b.admin, b.takeBack(office))
	require.Nil(t, ended())

	b.handOver(office, next.ID, *day(2026, 12, 1))
	b.Clock.Set(time.Date(2026, 11, 30, 15, 1, 0, 0, time.UTC))
	b.Fault(tenants.KindConflict, b.admin, b.takeBack(office))
}

// An end that was set for one post alone before the hand-over is what it gets back.
func TestAPostGetsTheEndBackThatItHad(t *testing.T) {
	t.Parallel()
	b := setup(t)
	office, former, next := b.office()
	post := tenantstest.Value[int64](b.Bench, `SELECT id FROM post WHERE person_id = $1 AND office_post_id IS NOT NULL`, former.ID)
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.EndPost(ctx, tx, b.host, post, *day(2028, 3, 31))
		return err
	})
	b.handOver(office, next.ID, *day(2027, 4, 1))
	b.Do(b.admin, b.takeBack(office))
	require.Equal(t, "2028-03-31", tenantstest.Value[string](b.Bench, `SELECT until_on::text FROM post WHERE id = $1`, post))
}

// What was ended for itself stays ended, whether before the hand-over, to the very day before it, or after; what the hand-over ended
// goes on, also of somebody who had been to follow.
func TestTakingBackRevivesNothingThatWasEndedForItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	office, former, next := b.office()
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		office, err = people.AddOfficePost(ctx, tx, b.host, office.ID, people.OfficePostInput{Kind: tenants.Town, Title: "併任", At: b.town})
		return err
	})
	post := func(kind tenants.Post, of people.Person) int64 {
		return tenantstest.Value[int64](b.Bench, `SELECT id FROM post WHERE person_id = $1 AND office_post_id IS NOT NULL AND kind = $2 AND withdrawn_at IS NULL`, of.ID, kind)
	}
	end := func(id int64, last *calendar.Date) {
		b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.EndPost(ctx, tx, b.host, id, *last)
			return err
		})
	}
	until := func(id int64) string {
		return tenantstest.Value[string](b.Bench, `SELECT coalesce(until_on::text, 'no end') FROM post WHERE id = $1`, id)
	}
	whole, part := post(tenants.HostAdmin, former), post(tenants.Town, former)
	end(whole, day(2027, 3, 31))
	b.handOver(office, next.ID, *day(2027, 4, 1))
	require.Equal(t, "2027-03-31", until(part))
	b.Do(b.admin, b.takeBack(office))
	require.Equal(t, "2027-03-31", until(whole), "as it was set before the hand-over")
	require.Equal(t, "no end", until(part))

	b.handOver(office, next.ID, *day(2027, 4, 1))
	end(part, day(2027, 1, 31))
	b.Do(b.admin, b.takeBack(office))
	require.Equal(t, "2027-01-31", until(part), "as it was set after the hand-over")

	b.handOver(office, next.ID, *day(2027, 4, 1))
	follows := post(tenants.HostAdmin, next)
	third, _ := b.add(b.host, people.Input{Login: "third", Name: "見本 桜子", Posts: []people.PostInput{{Kind: tenants.Town, Title: "課員", FromOn: since}}})
	b.handOver(office, third.ID, *day(2027, 7, 1))
	require.Equal(t, "2027-06-30", until(follows))
	b.Do(b.admin, b.takeBack(office))
	require.Equal(t, "no end", until(follows))
	require.Equal(t, "2027-03-31", until(whole))
}

// A hand-over that was entered before these columns were is taken back as well: their migration finds what it ended.
func TestHandOversFromBeforeAreKnownByTheirMoment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	office, former, next := b.office()
	post := tenantstest.Value[int64](b.Bench, `SELECT id FROM post WHERE person_id = $1 AND office_post_id IS NOT NULL`, former.ID)
	end := func(last *calendar.Date) {
		b.Clock.Advance(time.Minute)
		b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.EndPost(ctx, tx, b.host, post, *last)
			return err
		})
	}
	names, err := filepath.Glob("../../migrations/*_takeback.sql")
	require.NoError(t, err)
	require.Len(t, names, 1)
	file, err := os.ReadFile(names[0])
	require.NoError(t, err)
	_, update, found := strings.Cut(string(file), "UPDATE post o")
	require.True(t, found)
	update, _, found = strings.Cut("UPDATE post o"+update, ";")
	require.True(t, found)
	marked := func() []map[string]any {
		return b.SQL(`SELECT id, former_until::text AS former FROM post WHERE handed_over IS NOT NULL ORDER BY id`)
	}
	again := func() []map[string]any {
		b.SQL(`UPDATE post SET handed_over = NULL, former_until = NULL`)
		b.SQL(update)
		return marked()
	}
	end(day(2028, 3, 31))
	b.Clock.Advance(time.Minute)
	b.handOver(office, next.ID, *day(2027, 4, 1))
	require.Equal(t, []map[string]any{{"id": post, "former": "2028-03-31"}}, marked())
	require.Equal(t, marked(), again())
	end(day(2027, 3, 31)) // to the same day, for itself
	require.Empty(t, marked())
	require.Empty(t, again())
}
