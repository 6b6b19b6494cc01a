package api_test

import (
	"context"
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/api"
	"tanamori/tenants"
	"tanamori/tenants/tenantstest"
)

func (w *world) keyed(key, path string, body any) reply {
	w.t.Helper()
	header := map[string]string{"Idempotency-Key": key}
	maps.Copy(header, w.second)
	return w.send(call{Method: http.MethodPost, Path: api.Prefix + path, Token: w.tokens[tenants.HostAdmin], Body: body, Header: header})
}

func TestTheSameKeyGivesTheSameAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	servers := "/towns/" + itoa(w.home.Town) + "/servers"
	first := w.keyed("k1", servers, object{"name": "附票", "role": "附票<b>&"})
	require.Equal(t, http.StatusCreated, first.Code, first.Body.String())
	require.Empty(t, first.Header().Get("Idempotency-Replayed"))
	w.SQL(`UPDATE server SET note = 'changed since' WHERE name = '附票'`)
	again := w.keyed("k1", servers, object{"name": "附票", "role": "附票<b>&"})
	require.Equal(t, http.StatusCreated, again.Code)
	require.Equal(t, first.Body.String(), again.Body.String(), "byte for byte")
	require.Equal(t, "true", again.Header().Get("Idempotency-Replayed"))

	p := w.keyed("k1", servers, object{"name": "附票2", "role": "附票"}).problem(http.StatusUnprocessableEntity)
	require.Equal(t, "Idempotency-Key", p.Errors[0].Field)
	w.keyed("k1", "/towns/"+itoa(w.host.Town)+"/servers", object{"name": "附票", "role": "附票<b>&"}).problem(http.StatusUnprocessableEntity)
	require.EqualValues(t, 1, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM server WHERE name LIKE '附票%'`))

	other := w.send(call{Method: http.MethodPost, Path: api.Prefix + "/towns/" + itoa(w.home.Town) + "/contacts", Token: w.tokens[tenants.Town],
		Body: contactBody(w.home), Header: map[string]string{"Idempotency-Key": "k1"}})
	require.Equal(t, http.StatusCreated, other.Code, "keys are each person's own: %s", other.Body)

	for _, key := range []string{"", string(make([]byte, 300))} {
		w.keyed(key, servers, object{"name": "x", "role": "y"}).problem(http.StatusUnprocessableEntity)
	}
	silent := "/me/tokens/" + itoa(w.ownToken(tenants.HostAdmin)) + "/revocation"
	require.Equal(t, http.StatusNoContent, w.keyed("k2", silent, nil).Code)
	w.keyed("k2", silent, nil).problem(http.StatusUnauthorized) // the token that asked is void: nobody is there to be answered
}

func TestAnAnswerWithoutABodyIsGivenAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/towns/" + itoa(w.home.Town) + "/people/" + itoa(w.home.Person) + "/tokens/" + itoa(w.home.Token) + "/revocation"
	require.Equal(t, http.StatusNoContent, w.keyed("k", path, nil).Code)
	again := w.keyed("k", path, nil)
	require.Equal(t, http.StatusNoContent, again.Code)
	require.Equal(t, "true", again.Header().Get("Idempotency-Replayed"))
}

func TestWhatFailedIsNotRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	servers := "/towns/" + itoa(w.home.Town) + "/servers"
	body := object{"name": "戸籍正", "role": "戸籍"}
	w.keyed("k", servers, body).problem(http.StatusUnprocessableEntity)
	require.Zero(t, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM idempotency`), "neither the act nor the memory of it")
	w.SQL(`UPDATE server SET name = 'former' WHERE name = '戸籍正' AND tenant_id = $1`, w.home.Town)
	require.Equal(t, http.StatusCreated, w.keyed("k", servers, body).Code, "it may be sent again once nothing is in its way")
}

// A secret is shown once: neither the table nor a second request holds it.
func TestSecretsAreNotKeptForReplay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.together()
	for _, o := range api.Operations() {
		if !o.Secret {
			continue
		}
		s := samples[o.ID]
		first := w.keyed(o.ID, s.path(w.home), s.request(w.home))
		require.Equal(t, http.StatusCreated, first.Code, first.Body.String())
		shown := first.json()
		if issued, ok := shown["issued"].([]any); ok {
			shown = issued[0].(map[string]any)
		}
		secret, ok := shown["secret"].(string)
		if !ok {
			secret = shown["password"].(string)
		}
		require.NotEmpty(t, secret)
		got := w.keyed(o.ID, s.path(w.home), s.request(w.home))
		got.problem(http.StatusConflict)
		require.NotContains(t, got.Body.String(), secret)
	}
	require.EqualValues(t, 7, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM idempotency WHERE status = 201 AND body IS NULL`))
}

// Twenty at once are one act; those that met it under way are told so, and may ask again.
func TestManyAtOnceAreOneAct(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	servers := "/towns/" + itoa(w.home.Town) + "/servers"
	const clients = 20
	replies := make([]reply, clients)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range clients {
		done.Go(func() {
			start.Wait()
			replies[i] = w.keyed("race", servers, object{"name": "附票", "role": "附票"})
		})
	}
	start.Done()
	done.Wait()
	made, body := 0, ""
	for _, r := range replies {
		switch r.Code {
		case http.StatusCreated:
			if r.Header().Get("Idempotency-Replayed") == "" {
				made++
			}
			if body == "" {
				body = r.Body.String()
			}
			require.Equal(t, body, r.Body.String())
		case http.StatusConflict:
			r.problem(http.StatusConflict)
		default:
			require.Fail(t, "neither made nor under way", "%d %s", r.Code, r.Body)
		}
	}
	require.Equal(t, 1, made)
	require.EqualValues(t, 1, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM server WHERE name = '附票'`))
	require.EqualValues(t, 1, tenantstest.Value[int64](w.Bench, `SELECT count(*) FROM operation_log WHERE object = 'server' AND act = 'server.write'`))
	require.Equal(t, body, w.keyed("race", servers, object{"name": "附票", "role": "附票"}).Body.String())
}

// The twin of a request that is under way is told at once and does not wait for it.
func TestATwinIsToldAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.people[tenants.HostAdmin]
	entered, leave, left := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		left <- w.Ground.Do(context.Background(), who, func(_ context.Context, tx *tenants.Tx) error {
			if _, err := tx.Once("twin", []byte{1}); err != nil {
				return err
			}
			close(entered)
			<-leave
			return tx.Remember("twin", tenants.Remembered{Status: 201, Body: []byte(`{}`)})
		})
	}()
	<-entered
	w.Fault(tenants.KindConflict, who, func(_ context.Context, tx *tenants.Tx) error {
		_, err := tx.Once("twin", []byte{1})
		return err
	})
	close(leave)
	require.NoError(t, <-left)
	w.Do(who, func(_ context.Context, tx *tenants.Tx) error {
		said, err := tx.Once("twin", []byte{1})
		require.Equal(t, &tenants.Remembered{Status: 201, Body: []byte(`{}`)}, said)
		return err
	})
}

func TestOldKeysAreForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	servers := "/towns/" + itoa(w.home.Town) + "/servers"
	require.Equal(t, http.StatusCreated, w.keyed("old", servers, object{"name": "a", "role": "r"}).Code)
	w.Clock.Advance(47 * time.Hour)
	require.Equal(t, http.StatusCreated, w.keyed("new", servers, object{"name": "b", "role": "r"}).Code)
	w.Clock.Advance(2 * time.Hour)
	forget := func(_ context.Context, tx *tenants.Tx) error {
		n, err := tenants.ForgetIdempotency(t.Context(), tx, 48*time.Hour)
		require.Equal(t, 1, n)
		return err
	}
	w.Do(tenants.Job("forget"), forget)
	require.Equal(t, "new", tenantstest.Value[string](w.Bench, `SELECT string_agg(key, ',') FROM idempotency`))
	w.Fault(tenants.KindForbidden, w.people[tenants.HostAdmin], func(ctx context.Context, tx *tenants.Tx) error {
		_, err := tenants.ForgetIdempotency(ctx, tx, 0)
		return err
	})
}
