package people_test

import (
	"context"
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
