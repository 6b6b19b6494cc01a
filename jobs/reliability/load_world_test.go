package reliability_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
)

// loadWorld is a consortium of a host and three towns with five plans each, a node over it, and a mail server that has its
// bad days.
type loadWorld struct {
	*tenantstest.Bench
	t       testing.TB
	node    *node
	data    string // the node's own directory, temporary files included
	towns   []int64
	plans   []*loadPlan
	people  []loadPerson
	post    *loadPost
	answers *loadAnswers
}

type loadPlan struct {
	town, id, duty int64
	uuid, file     string
	nights         atomic.Int64
}

type loadPerson struct {
	cookie, token string
	town          int64 // 0: all of them
}

func newLoad(t testing.TB) *loadWorld {
	t.Helper()
	w := &loadWorld{Bench: tenantstest.New(t), t: t, data: t.TempDir(), post: newLoadPost(t), answers: &loadAnswers{n: map[string]map[int]int64{}}}
	w.Clock.Set(time.Now())
	host := w.Host("蘭越町", "013943")
	w.towns = []int64{w.Town("むかわ町", "015865"), w.Town("佐呂間町", "015521"), w.Town("寿都町", "013927")}
	admin := w.Person(host, tenants.HostAdmin)
	stores := t.TempDir()
	for n, town := range w.towns {
		w.Contact(town, "戸籍係長", "見本 次郎", fmt.Sprintf("kakari%d@town.example", n))
		w.Contact(town, "町民課長", "見本 花子", fmt.Sprintf("kacho%d@town.example", n))
		w.furnish(admin, town, filepath.Join(stores, fmt.Sprint(n)))
	}
	logins := map[string]string{}
	w.person(admin, host, "admin", tenants.HostAdmin, logins)
	w.person(admin, host, "operator", tenants.Operator, logins)
	w.person(admin, w.towns[0], "mukawa", tenants.Town, logins)

	require.NoError(t, os.Mkdir(filepath.Join(w.data, "tmp"), 0o750))
	address := freeAddress(t)
	w.node = spawn(t, []string{"TANAMORI_LISTEN=" + address, "TANAMORI_DATABASE_URL=" + w.Handle.OwnerConnString, "TANAMORI_DATA_DIR=" + filepath.Join(w.data, "data"), "TANAMORI_SECRET_KEY=" + strings.Repeat("7a", 32), "TANAMORI_STORE_ROOTS=" + stores, "TANAMORI_REQUESTS_PER_SECOND=0",
		"TMPDIR=" + filepath.Join(w.data, "tmp"), "TANAMORI_SMTP_URL=smtp://" + w.post.address + "?tls=none", "TANAMORI_MAIL_FROM=tanamori@host.example", "TANAMORI_LOG=warn"}, "serve")
	w.node.address = address
	w.node.awaitReady()
	for login, password := range logins {
		w.signIn(login, password)
	}
	return w
}

// furnish gives a town a server, a store and five plans. Their own nights are far off; the load makes nights by itself.
func (w *loadWorld) furnish(admin tenants.Actor, town int64, dir string) {
	w.t.Helper()
	require.NoError(w.t, os.MkdirAll(dir, 0o750))
	server := w.Server(town, "戸籍正")
	w.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		store, err := backup.AddStore(ctx, tx, town, backup.StoreInput{Name: "本庁NAS", Root: dir})
		if err != nil {
			return err
		}
		for n := range 5 {
			in := backup.Defaults("Asia/Tokyo")
			in.Name, in.ServerID, in.StoreID, in.Pattern = fmt.Sprintf("計画%d", n), server, store.ID, fmt.Sprintf("koseki-%d.tar.gz", n)
			in.LadderID, in.Policy = w.Ladder(town), schedule.EveryDay
			in.Cron = fmt.Sprintf("0 %d * * *", (time.Now().Add(12*time.Hour).In(tokyo).Hour()+n%3)%24)
			plan, err := backup.AddPlan(ctx, tx, town, in)
			if err != nil {
				return err
			}
			seen, err := backup.GetPlan(ctx, tx, town, plan.ID)
			if err != nil {
				return err
			}
			w.plans = append(w.plans, &loadPlan{town: town, id: plan.ID, duty: *plan.DutyID, uuid: seen.UUID, file: filepath.Join(dir, in.Pattern)})
		}
		return nil
	})
}

var tokyo = time.FixedZone("JST", 9*3600)

func (w *loadWorld) person(admin tenants.Actor, town int64, login string, post tenants.Post, logins map[string]string) {
	w.t.Helper()
	title, _ := tenants.PostLabel(post)
	w.Do(admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, password, err := people.Add(ctx, tx, town, people.Input{Login: login, Name: "見本 " + login, Keep: true,
			Posts: []people.PostInput{{Kind: post, Title: title, FromOn: calendar.MustDate(2026, 4, 1)}}})
		logins[login] = password
		return err
	})
}

// signIn signs somebody in by the page, as a person does, and makes a token for their programs.
func (w *loadWorld) signIn(login, password string) {
	w.t.Helper()
	form := url.Values{"login": {login}, "password": {password}}.Encode()
	status, header, body := fetch(w.t.Context(), http.MethodPost, w.at("/signin"), form, patience, "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(w.t, http.StatusSeeOther, status, body)
	cookie, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")
	require.NotEmpty(w.t, cookie)
	p := loadPerson{cookie: cookie}
	if login == "mukawa" {
		p.town = w.towns[0]
	}
	w.Do(tenants.Gate("load", "test"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		p.token, err = people.CreateTokenFor(ctx, tx, login, "load", tx.Now.AddDate(0, 1, 0))
		return err
	})
	w.people = append(w.people, p)
}

func (w *loadWorld) at(path string) string { return "http://" + w.node.address + path }

func (w *loadWorld) count(query string, args ...any) int64 {
	w.t.Helper()
	return tenantstest.Value[int64](w.Bench, query, args...)
}

// place puts a file on the store as rsync does, with its checksum beside it.
func (p *loadPlan) place(b []byte) error {
	sum := sha256.Sum256(b)
	if err := place(p.file+".sha256", []byte(hex.EncodeToString(sum[:])+"  "+filepath.Base(p.file)+"\n")); err != nil {
		return err
	}
	return place(p.file, b)
}
