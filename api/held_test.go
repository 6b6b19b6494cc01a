package api_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
)

// asks lets the town ask for a second person for an act, past the setting, which would wait for one itself.
func (w *world) asks(act tenants.Act) {
	w.SQL(`INSERT INTO second_person (tenant_id, act) VALUES ($1, $2)`, w.home.Town, act)
}

// A retry with the same Idempotency-Key is the same proposal, whatever has become of it meanwhile; it never makes another one.
func TestARetryOfWhatWaitsIsTheSameProposal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asks(tenants.WriteServer)
	servers := "/towns/" + itoa(w.home.Town) + "/servers"
	body := object{"name": "附票", "role": "附票"}
	first := w.keyed("held", servers, body).problem(http.StatusAccepted)
	require.NotZero(t, first.Proposal)
	require.Equal(t, "waiting", first.State)
	again := w.keyed("held", servers, body)
	require.Equal(t, "true", again.Header().Get("Idempotency-Replayed"))
	require.Equal(t, first.Proposal, again.problem(http.StatusAccepted).Proposal)

	other := w.Person(w.host.Town, tenants.HostAdmin)
	confirm := "/towns/" + itoa(w.home.Town) + "/proposals/" + itoa(first.Proposal) + "/confirmation"
	got := w.send(call{Method: http.MethodPost, Path: "/api/v1" + confirm, Token: w.token(other)})
	require.Equal(t, http.StatusOK, got.Code, got.Body.String())
	after := w.keyed("held", servers, body).problem(http.StatusAccepted)
	require.Equal(t, first.Proposal, after.Proposal)
	require.Equal(t, "confirmed", after.State)
	require.Equal(t, "照合され、変更されています。", after.Detail)
	require.EqualValues(t, 1, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM proposal WHERE method = 'POST' AND uri LIKE '%/servers'`))
	require.EqualValues(t, 1, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM server WHERE name = '附票'`))
	w.keyed("held", servers, object{"name": "別", "role": "附票"}).problem(http.StatusUnprocessableEntity)
}

// Twenty at once, with one key or with none, are one proposal.
func TestManyAtOnceAreOneProposal(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{"with a key": "race", "without": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.asks(tenants.WriteServer)
			servers := "/towns/" + itoa(w.home.Town) + "/servers"
			const clients = 20
			replies := make([]reply, clients)
			var start, done sync.WaitGroup
			start.Add(1)
			for n := range clients {
				done.Go(func() {
					start.Wait()
					if key == "" {
						replies[n] = w.as(tenants.HostAdmin, http.MethodPost, servers, object{"name": "附票", "role": "附票"})
						return
					}
					replies[n] = w.keyed(key, servers, object{"name": "附票", "role": "附票"})
				})
			}
			start.Done()
			done.Wait()
			ids, held := map[int64]bool{}, 0
			for _, r := range replies {
				switch r.Code {
				case http.StatusAccepted:
					ids[r.problem(http.StatusAccepted).Proposal] = true
					held++
				case http.StatusConflict:
					require.NotEmpty(t, key, "only under one key is a twin told to come again")
				default:
					require.Fail(t, "neither held nor under way", "%d %s", r.Code, r.Body)
				}
			}
			require.Len(t, ids, 1)
			require.Positive(t, held)
			require.EqualValues(t, 1, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM proposal WHERE uri LIKE '%/servers'`))
			require.Zero(t, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM server WHERE name = '附票'`))
		})
	}
}

// With the second person there it is done at once, and both are on record; whoever they are not, nothing is done.
func TestASecondPersonBesideTheCaller(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asks(tenants.WritePeople)
	passwords := samples["issue-password"]
	w.as(tenants.HostAdmin, http.MethodPost, passwords.path(w.home), passwords.request(w.home)).problem(http.StatusAccepted)
	w.together() // a facility manager, who may not do this themselves
	require.Equal(t, "second_login", w.as(tenants.HostAdmin, http.MethodPost, passwords.path(w.home), passwords.request(w.home)).problem(http.StatusUnprocessableEntity).Errors[0].Field)
	for _, header := range []string{"nonsense", "Basic !!", "Basic " + "eDp5"} {
		w.second = map[string]string{"Second-Person": header}
		w.as(tenants.HostAdmin, http.MethodPost, passwords.path(w.home), passwords.request(w.home)).problem(http.StatusUnprocessableEntity)
	}
	require.Zero(t, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM password_event WHERE person_id = $1 AND reason = '本人が忘れたため'`, w.home.Person))
	w.SQL(`UPDATE post SET kind = 'host_admin' WHERE person_id = $1`, w.people[tenants.Facility].PersonID)
	w.together()
	got := w.as(tenants.HostAdmin, http.MethodPost, passwords.path(w.home), passwords.request(w.home))
	require.Equal(t, http.StatusCreated, got.Code, got.Body.String())
	require.NotEmpty(t, got.json()["password"])
	line := w.SQL(`SELECT how, second_id, by_id FROM password_event WHERE person_id = $1 AND reason = '本人が忘れたため'`, w.home.Person)
	require.Len(t, line, 1)
	require.Equal(t, []any{"present", w.people[tenants.Facility].PersonID, w.people[tenants.HostAdmin].PersonID}, []any{line[0]["how"], line[0]["second_id"], line[0]["by_id"]})
	require.Contains(t, tenantstest.Value[string](w.Bench, `SELECT actor FROM operation_log WHERE object = 'password' ORDER BY id DESC LIMIT 1`), "（照合：")
	require.Zero(t, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM proposal WHERE convert_from(body, 'UTF8') LIKE '%battery%'`))
}

// Whoever would leave too few to confirm is told so, and may mean it.
func TestAnywayIsSaidByTheCaller(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asks(tenants.WriteContact)
	clerk := w.people[tenants.Town]
	w.SQL(`UPDATE post SET acts = '{board.read}' WHERE person_id <> $1 AND kind IN ('host_admin', 'town') AND person_id <> $2`, clerk.PersonID, w.people[tenants.HostAdmin].PersonID)
	path := "/towns/" + itoa(w.home.Town) + "/people/" + itoa(clerk.PersonID) + "/disablement"
	p := w.as(tenants.HostAdmin, http.MethodPost, path, nil).problem(http.StatusConflict)
	require.Equal(t, "anyway", p.Owed)
	require.Contains(t, p.Detail, "連絡先の変更 1人")
	require.Equal(t, http.StatusCreated, w.as(tenants.HostAdmin, http.MethodPost, path+"?anyway=1", nil).Code)
}

// What the host asks of a change of its people it asks wherever the person belongs: a post at the host is given, and a password of
// who holds one issued, by two, of whom both may do it at the host.
func TestTheHostsSecondPersonIsAskedWhereverAPersonBelongs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SQL(`INSERT INTO second_person (tenant_id, act) VALUES ($1, 'person.write')`, w.host.Town)
	other := w.Person(w.host.Town, tenants.HostAdmin)
	partly := w.Person(w.host.Town, tenants.HostAdmin)
	w.SQL(`UPDATE post SET towns = ARRAY[$1::bigint] WHERE person_id = $2`, w.home.Town, partly.PersonID)
	confirm := func(who tenants.Actor, p api.Problem) int {
		return w.send(call{Method: http.MethodPost, Path: "/api/v1/towns/" + itoa(w.host.Town) + "/proposals/" + itoa(p.Proposal) + "/confirmation", Token: w.token(who)}).Code
	}
	town := "/towns/" + itoa(w.home.Town)
	given := w.as(tenants.HostAdmin, http.MethodPost, town+"/people", object{"login": "roundabout", "name": "見本 二郎",
		"posts": []object{{"kind": "host_admin", "title": "管理者", "from_on": "2026-04-01", "at": w.host.Town}}}).problem(http.StatusAccepted)
	require.Zero(t, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM person WHERE login = 'roundabout'`))
	require.NotEqual(t, http.StatusOK, confirm(partly, given), "who may not do it at the host confirms nothing of it")
	require.Equal(t, http.StatusOK, confirm(other, given))
	id := tenantstest.Value[int64](w.Bench, `SELECT id FROM person WHERE login = 'roundabout'`)
	for path, body := range map[string]object{"/passwords": {"reason": "異動"}, "/factor-resets": {"reason": "端末の紛失"}, "/disablement?anyway=1": nil} {
		p := w.as(tenants.HostAdmin, http.MethodPost, town+"/people/"+itoa(id)+path, body).problem(http.StatusAccepted)
		require.NotEqual(t, http.StatusOK, confirm(partly, p), path)
		require.Equal(t, http.StatusOK, confirm(other, p), path)
	}
	p := w.as(tenants.HostAdmin, http.MethodDelete, town+"/people/"+itoa(id)+"/disablement?reason=x", nil).problem(http.StatusAccepted)
	require.Equal(t, http.StatusOK, confirm(other, p))
	require.Equal(t, http.StatusCreated, w.as(tenants.HostAdmin, http.MethodPost, town+"/people/"+itoa(w.home.Person)+"/passwords", object{"reason": "異動"}).Code, "of the town alone nothing is asked")

	// Beside, too.
	w.second = w.basic(partly)
	fault := w.as(tenants.HostAdmin, http.MethodPost, town+"/people/"+itoa(id)+"/passwords", object{"reason": "異動"}).problem(http.StatusUnprocessableEntity)
	require.Equal(t, "second_login", fault.Errors[0].Field)
	w.second = w.basic(other)
	require.Equal(t, http.StatusCreated, w.as(tenants.HostAdmin, http.MethodPost, town+"/people/"+itoa(id)+"/passwords", object{"reason": "異動"}).Code)
}

// A machine's token is in somebody's hands, who would be both persons: it neither waits for a second one nor has one beside it.
func TestAMachineIsNotOneOfTwoPersons(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asks(tenants.WriteContact)
	var plain string
	w.Do(w.people[tenants.HostAdmin], func(ctx context.Context, tx *tenants.Tx) error {
		m, err := people.AddMachine(ctx, tx, w.host.Town, people.MachineInput{Name: "機械", Post: people.PostInput{Kind: tenants.HostAdmin, FromOn: calendar.MustDate(2026, 4, 1)}})
		if err != nil {
			return err
		}
		_, plain, err = people.CreateMachineToken(ctx, tx, w.host.Town, m.ID, people.TokenInput{Name: "x", Expires: tx.Now.AddDate(0, 1, 0)})
		return err
	})
	contacts := "/api/v1/towns/" + itoa(w.home.Town) + "/contacts"
	body := object{"post": "総務課長", "name": "見本 二郎", "mail": "jiro@town.example.jp"}
	got := w.send(call{Method: http.MethodPost, Path: contacts, Token: plain, Body: body}).problem(http.StatusConflict)
	require.Contains(t, got.Detail, "機械")
	w.send(call{Method: http.MethodPost, Path: contacts, Token: plain, Body: body, Header: w.basic(w.people[tenants.HostAdmin])}).problem(http.StatusConflict)
	w.send(call{Method: http.MethodPost, Path: "/api/v1/management-password", Token: plain, Body: object{"envelope": "K-999", "place": "金庫"},
		Header: w.basic(w.people[tenants.Facility])}).problem(http.StatusConflict)
	require.Zero(t, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM proposal WHERE uri LIKE '%/contacts'`))
	require.Zero(t, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM operation_log WHERE object = 'presence'`))
}
