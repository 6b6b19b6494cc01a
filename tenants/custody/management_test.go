package custody_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/custody"
	"tanamori/tenants/people"
	"tanamori/tenants/proposal"
	"tanamori/tenants/tenantstest"
)

// together is the administrator with the facility manager beside them.
func (b bundle) together() tenants.Actor {
	a := b.admin
	a.Second, a.SecondID, a.Beside = b.facility.Text(), b.facility.PersonID, true
	return a
}

func (b bundle) seal(who tenants.Actor, envelope string) (password string, err error) {
	err = b.Try(who, func(ctx context.Context, tx *tenants.Tx) (err error) {
		password, _, err = custody.SetManagement(ctx, tx, envelope, "本庁舎 耐火金庫2段目")
		return err
	})
	return password, err
}

func (b bundle) login(a tenants.Actor) string {
	return tenantstest.Value[string](b.Bench, `SELECT login FROM person WHERE id = $1`, a.PersonID)
}

// unseal does as the command line does: the check commits whatever it says.
func (b bundle) unseal(in custody.UnsealInput) (password string, lifted []proposal.Short, err error) {
	opened, err := b.check(in)
	if err != nil {
		return "", nil, err
	}
	err = b.Try(opened.Actor, func(ctx context.Context, tx *tenants.Tx) (err error) {
		password, lifted, err = custody.Unseal(ctx, tx, opened, in)
		return err
	})
	return password, lifted, err
}

func (b bundle) check(in custody.UnsealInput) (opened custody.Unsealing, err error) {
	err = b.Try(tenants.Gate("unseal", "test"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		opened, err = custody.Check(ctx, tx, in)
		return err
	})
	if err == nil && opened.Person == 0 {
		err = custody.Wrong()
	}
	return opened, err
}

func (b bundle) takeIn() (n int) {
	b.Do(tenants.Job("custody"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		n, err = custody.TakeIn(ctx, tx, 10)
		return err
	})
	return n
}

// Two persons make the management password; what is kept of it is a hash that only the gate reads.
func TestTheManagementPasswordIsMadeByTwo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.seal(b.admin, "K-010")
	require.Equal(t, "second_login", tenants.AsFault(err).Fields[0].Field, "not alone")
	confirmed := b.together()
	confirmed.Beside = false
	_, err = b.seal(confirmed, "K-010")
	require.Error(t, err, "nor by a word from elsewhere")
	for _, who := range []tenants.Actor{b.operator, b.facility, b.auditor, b.clerk} {
		who.Second, who.SecondID, who.Beside = b.admin.Text(), b.admin.PersonID, true
		_, err := b.seal(who, "K-010")
		require.Equal(t, tenants.KindForbidden, tenants.AsFault(err).Kind)
	}
	outsider := b.together()
	outsider.SecondID, outsider.Second = b.clerk.PersonID, b.clerk.Text()
	_, err = b.seal(outsider, "K-010")
	require.Equal(t, "second_login", tenants.AsFault(err).Fields[0].Field, "of a town, not of the host")

	password, err := b.seal(b.together(), "K-010")
	require.NoError(t, err)
	require.Regexp(t, `^([a-hjkmnp-z2-9]{4}-){6}[a-hjkmnp-z2-9]{4}$`, password)
	require.True(t, strings.HasPrefix(tenantstest.Value[string](b.Bench, `SELECT hash FROM management_password`), "$argon2id$"))
	require.Error(t, b.Try(b.admin, func(_ context.Context, tx *tenants.Tx) error {
		return tx.DB.Exec(`SELECT hash FROM management_password`).Error
	}))
	require.Zero(t, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM operation_log WHERE before::text || after::text LIKE '%' || $1 || '%'`, password[:9]))
	b.Do(b.auditor, func(ctx context.Context, tx *tenants.Tx) error {
		all, err := custody.List(ctx, tx)
		require.Len(t, all, 1)
		require.Equal(t, []string{custody.Management, "K-010"}, []string{all[0].Kind, all[0].Envelope})
		return err
	})
	_, err = b.seal(b.together(), "K-010")
	require.Equal(t, "envelope", tenants.AsFault(err).Fields[0].Field, "a new one goes into a new envelope")
	again, err := b.seal(b.together(), "K-011")
	require.NoError(t, err)
	require.NotEqual(t, password, again)
	_, _, err = b.unseal(custody.UnsealInput{Password: password, Login: b.login(b.admin), By: b.login(b.operator), Witness: b.login(b.facility), Reason: "x"})
	require.Equal(t, tenants.KindConflict, tenants.AsFault(err).Kind, "the former one is void")
}

// No administrator can come in any more: two persons open the envelope, one of the host's gets in with an administrator's post,
// and everybody is told. It works once, whoever tries at the same moment.
func TestTwoPersonsUnsealAccess(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Contact(b.host, "住民福祉課長", "見本 花子", "kacho@town.example")
	b.Contact(b.host, "副町長", "見本 梅子", "fuku@town.example")
	second := b.Person(b.host, tenants.HostAdmin)
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := proposal.Set(ctx, tx, b.town, []tenants.Act{tenants.WritePeople})
		return err
	})
	good := custody.UnsealInput{Login: b.login(b.operator), Title: "住民福祉課長補佐", By: b.login(b.facility), Witness: b.login(b.auditor), Reason: "管理者が二人とも退職"}
	good.Password = "abcd-efgh"
	_, _, err := b.unseal(good)
	require.Equal(t, tenants.KindConflict, tenants.AsFault(err).Kind, "none is set")
	good.Password, err = b.seal(b.together(), "K-010")
	require.NoError(t, err)
	b.SQL(`UPDATE person SET disabled_at = created_at WHERE id IN ($1, $2)`, b.admin.PersonID, second.PersonID)

	for name, bad := range map[string]func(*custody.UnsealInput){
		"one person":         func(in *custody.UnsealInput) { in.Witness = in.By },
		"of a town":          func(in *custody.UnsealInput) { in.Witness = b.login(b.clerk) },
		"of another host":    func(in *custody.UnsealInput) { in.Witness = b.login(b.stranger) },
		"nobody":             func(in *custody.UnsealInput) { in.Login = "nobody" },
		"a disabled opener":  func(in *custody.UnsealInput) { in.By = b.login(b.admin) },
		"the wrong password": func(in *custody.UnsealInput) { in.Password = "aaaa-aaaa-aaaa-aaaa-aaaa-aaaa-aaaa" },
		"no reason":          func(in *custody.UnsealInput) { in.Reason = "" },
		"no title":           func(in *custody.UnsealInput) { in.Title = "" },
	} {
		in := good
		bad(&in)
		_, _, err := b.unseal(in)
		require.Error(t, err, name)
		require.Contains(t, []tenants.Kind{tenants.KindConflict, tenants.KindInvalid}, tenants.AsFault(err).Kind, name)
	}
	require.EqualValues(t, 1, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM operation_log WHERE after @> '{"refused": "password"}'`), "a wrong one is on record")
	require.Zero(t, b.takeIn(), "nothing has happened")

	var mu sync.Mutex
	var wg sync.WaitGroup
	var issued string
	var done, refused int
	for range 2 {
		wg.Go(func() {
			in := good
			in.Password = strings.ToUpper(strings.ReplaceAll(good.Password, "-", " ")) // as somebody reads it from paper
			password, lifted, err := b.unseal(in)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				refused++
				return
			}
			done++
			issued = password
			require.Equal(t, []proposal.Short{{Town: b.town, Name: "むかわ町", Act: tenants.WritePeople, People: 1}}, lifted)
		})
	}
	wg.Wait()
	require.Equal(t, []int{1, 1}, []int{done, refused})
	who, err := b.SignIn("192.0.2.7", good.Login, issued)
	require.NoError(t, err)
	require.True(t, who.Holds(tenants.HostAdmin))
	got := b.SQL(`SELECT kind, how, reason, by_text, second_text FROM password_event WHERE kind = 'restored'`)
	require.Len(t, got, 1)
	require.Equal(t, []any{"opened", good.Reason}, []any{got[0]["how"], got[0]["reason"]})
	require.Contains(t, got[0]["by_text"], b.facility.Name)
	require.Contains(t, got[0]["second_text"], b.auditor.Name)
	event := b.SQL(`SELECT by_id, witness_id, reason FROM credential_event WHERE kind = 'opened'`)
	require.Equal(t, []any{b.facility.PersonID, b.auditor.PersonID, good.Reason}, []any{event[0]["by_id"], event[0]["witness_id"], event[0]["reason"]})
	require.Equal(t, "2026-11-27", tenantstest.Value[string](b.Bench, `SELECT due_on::text FROM credential`), "it must be set anew within seven days")

	require.Equal(t, 1, b.takeIn())
	require.Zero(t, b.takeIn(), "told once")
	require.EqualValues(t, 1, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM incident WHERE cause = 'custody:unsealed' AND state <> 'resolved'`))
	require.EqualValues(t, 2, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM notice WHERE subject = '【棚守】管理パスワードが使われました' AND body_text LIKE '%管理者が二人とも退職%'`), "everybody at once")
	b.Fault(tenants.KindConflict, b.restoredAdmin(who), func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.Disable(ctx, tx, b.host, who.PersonID)
		return err
	})
	_, err = b.seal(b.restoredAdmin(who), "K-011")
	require.NoError(t, err)
	require.Equal(t, 2, b.takeIn(), "the change is handed to its duty, and the incident ends")
	require.Zero(t, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM incident WHERE cause = 'custody:unsealed' AND state <> 'resolved'`))
}

// restoredAdmin is whoever got in, with the facility manager beside them.
func (b bundle) restoredAdmin(a tenants.Actor) tenants.Actor {
	a.Owes, a.Second, a.SecondID, a.Beside = "", b.facility.Text(), b.facility.PersonID, true
	return a
}

// What the ledger says of the envelope holds for the password in it: retired or changed there, it opens nothing. Making a new one
// begins anew.
func TestALedgerVoidsTheManagementPassword(t *testing.T) {
	t.Parallel()
	for kind, envelope := range map[string]string{custody.Retired: "", custody.Changed: "K-011"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			in := custody.UnsealInput{Login: b.login(b.operator), Title: "補佐", By: b.login(b.facility), Witness: b.login(b.auditor), Reason: "x"}
			var err error
			in.Password, err = b.seal(b.together(), "K-010")
			require.NoError(t, err)
			opened, err := b.check(in)
			require.NoError(t, err)
			b.Clock.Advance(time.Minute)
			id := tenantstest.Value[int64](b.Bench, `SELECT credential_id FROM management_password`)
			b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
				e := b.sealed()
				e.Kind, e.Reason, e.Envelope = kind, "封筒を廃棄した", envelope
				_, err := custody.Record(ctx, tx, id, e)
				return err
			})
			_, _, err = b.unseal(in)
			require.Equal(t, tenants.KindConflict, tenants.AsFault(err).Kind)
			b.Fault(tenants.KindConflict, opened.Actor, func(ctx context.Context, tx *tenants.Tx) error {
				_, _, err := custody.Unseal(ctx, tx, opened, in)
				return err
			})
			b.Do(b.auditor, func(ctx context.Context, tx *tenants.Tx) error {
				state, err := custody.ManagementNow(ctx, tx)
				require.NotNil(t, state.VoidAt)
				require.Nil(t, state.SpentAt)
				return err
			})
			if kind == custody.Retired { // by a program that knew nothing of it
				b.SQL(`UPDATE management_password SET void_at = NULL`)
				_, err = b.check(in)
				require.Equal(t, tenants.KindConflict, tenants.AsFault(err).Kind)
			}
			in.Password, err = b.seal(b.together(), "K-012")
			require.NoError(t, err)
			_, _, err = b.unseal(in)
			require.NoError(t, err)
		})
	}
}

// Who opens an envelope works for the host today.
func TestWhoOpensTheEnvelopeHoldsAPostToday(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := custody.UnsealInput{Login: b.login(b.operator), Title: "補佐", By: b.login(b.facility), Witness: b.login(b.auditor), Reason: "x"}
	var err error
	in.Password, err = b.seal(b.together(), "K-010")
	require.NoError(t, err)
	for _, gone := range []tenants.Actor{b.facility, b.auditor} {
		b.SQL(`UPDATE post SET until_on = '2026-05-01' WHERE person_id = $1`, gone.PersonID)
		_, err = b.check(in)
		require.Contains(t, tenants.AsFault(err).Ja, "今日の職がありません")
		b.SQL(`UPDATE post SET until_on = NULL WHERE person_id = $1`, gone.PersonID)
	}
	b.SQL(`UPDATE post SET withdrawn_at = $2 WHERE person_id = $1`, b.facility.PersonID, b.Clock.Now())
	b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		able, err := custody.People(ctx, tx)
		for _, p := range able {
			require.NotEqual(t, b.facility.PersonID, p.ID, "a post that was withdrawn is none")
		}
		return err
	})
}

// An envelope that was looked at spends itself and not the one that was sealed meanwhile.
func TestAnOldEnvelopeSpendsNoNewOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := custody.UnsealInput{Login: b.login(b.operator), Title: "補佐", By: b.login(b.facility), Witness: b.login(b.auditor), Reason: "x"}
	var err error
	in.Password, err = b.seal(b.together(), "K-010")
	require.NoError(t, err)
	opened, err := b.check(in)
	require.NoError(t, err)
	b.Clock.Advance(time.Second)
	in.Password, err = b.seal(b.together(), "K-011")
	require.NoError(t, err)
	b.Fault(tenants.KindConflict, opened.Actor, func(ctx context.Context, tx *tenants.Tx) error {
		_, _, err := custody.Unseal(ctx, tx, opened, in)
		return err
	})
	_, _, err = b.unseal(in)
	require.NoError(t, err)
}
