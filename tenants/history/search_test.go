package history_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/history"
	"tanamori/tenants/tenantstest"
)

func afters(lines []history.Line) (got []string) {
	for _, l := range lines {
		got = append(got, *l.After)
	}
	return got
}

func TestTheLogIsReadInPages(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for i := range 6 {
		h.Clock.Advance(time.Minute)
		h.did(h.admin, tenants.Line{Town: []int64{h.host, h.town}[i%2], Act: tenants.WriteTown, Object: "tenant", After: i})
	}
	first, err := h.search(h.admin, history.Search{Limit: 4})
	require.NoError(t, err)
	require.Equal(t, []string{"5", "4", "3", "2"}, afters(first), "newest first, over all towns")
	rest, err := h.search(h.admin, history.Search{After: first[3].Cursor(), Limit: 4})
	require.NoError(t, err)
	require.Equal(t, []string{"1", "0"}, afters(rest))
	again, ok := history.ParseCursor(first[3].Cursor().String())
	require.True(t, ok)
	require.Equal(t, first[3].Cursor().String(), again.String())
	none, err := h.search(h.far, history.Search{})
	require.NoError(t, err)
	require.Empty(t, none)
	for actor, kind := range map[*tenants.Actor]tenants.Kind{&h.far: tenants.KindNotFound, &h.operator: tenants.KindForbidden} {
		_, err := h.search(*actor, history.Search{Town: h.town})
		require.Equal(t, kind, tenants.AsFault(err).Kind)
	}
	_, err = h.search(h.clerk, history.Search{Town: h.host})
	require.Equal(t, tenants.KindNotFound, tenants.AsFault(err).Kind, "the host's own log is not a town's")
	for _, wrong := range []string{"x", "1", "1.x", "-1.5", "1.-5", "99999999999999999999.1", "9223372036854775807.1", "1.0"} {
		_, ok := history.ParseCursor(wrong)
		require.False(t, ok, wrong)
	}
}

// A town reads what is about it, who of the host did it and in which post; from which address is the host's own affair.
func TestATownReadsItsOwnLines(t *testing.T) {
	t.Parallel()
	h := setup(t)
	h.did(h.operator, tenants.Line{Town: h.town, Act: tenants.Confirm, Object: "occurrence", After: 1})
	h.did(h.admin, tenants.Line{Town: h.host, Act: tenants.WriteTown, Object: "town", After: 2})
	h.did(h.clerk, tenants.Line{Town: h.town, Act: tenants.WriteContact, Object: "contact", After: 3})
	lines, err := h.search(h.clerk, history.Search{})
	require.NoError(t, err)
	require.Equal(t, []string{"3", "1"}, afters(lines))
	require.Equal(t, "192.0.2.1", lines[0].Remote, "the town's own people")
	require.Empty(t, lines[1].Remote)
	require.Equal(t, "操作者 見本 二郎", lines[1].Actor)
	require.Equal(t, "operator", lines[1].Post)
	whole, err := h.search(h.auditor, history.Search{Town: h.town})
	require.NoError(t, err)
	require.Equal(t, "192.0.2.1", whole[1].Remote)
	both := h.clerk // staff of this town, and auditor of another
	both.Posts, both.Towns = []tenants.Post{tenants.Auditor, tenants.Town}, []int64{h.host, h.town}
	both.Grants = []tenants.Grant{{Post: tenants.Auditor, Scope: tenants.Scope{Towns: []int64{h.host}}}, {Post: tenants.Town, Scope: tenants.Scope{Towns: []int64{h.town}}}}
	mixed, err := h.search(tenants.Person(both), history.Search{})
	require.NoError(t, err)
	require.Equal(t, []string{"3", "2", "1"}, afters(mixed))
	require.Equal(t, "192.0.2.1", mixed[1].Remote, "of the town that they audit")
	require.Empty(t, mixed[2].Remote, "but of the host's people in their own no more than its staff may see")
	found, err := h.search(h.clerk, history.Search{Who: "みほん"})
	require.NoError(t, err)
	require.Empty(t, found, "a reading is not in the text")
	found, err = h.search(h.clerk, history.Search{Who: " 見本　二郎"})
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, afters(found), "spaces make no difference")
}

// The post that stands in a line is the one by which the act was done.
func TestALineNamesThePostThatAllowedTheAct(t *testing.T) {
	t.Parallel()
	h := setup(t)
	both := h.operator
	both.Posts = []tenants.Post{tenants.Auditor, tenants.Operator}
	h.did(both, tenants.Line{Town: h.town, Act: tenants.Confirm, Object: "occurrence", After: 1})
	h.did(both, tenants.Line{Town: h.town, Act: tenants.ExportLog, Object: "operation_log", After: 2})
	h.did(both, tenants.Line{Town: h.town, Act: tenants.SignIn, Object: "person", After: 3})
	lines, err := h.search(h.admin, history.Search{})
	require.NoError(t, err)
	require.Equal(t, []string{"auditor,operator", "auditor", "operator"}, []string{lines[0].Post, lines[1].Post, lines[2].Post})
}

// Whatever is asked, the answer is what a plain reading of all lines gives, page by page, for a host of few towns and of many.
func TestEverySearchGivesWhatAPlainReadingGives(t *testing.T) {
	t.Parallel()
	for _, more := range []int{3, tenants.ManyTowns + 5} {
		t.Run(fmt.Sprint(more, " towns"), func(t *testing.T) {
			t.Parallel()
			h := setup(t)
			h.Consortium()
			host := h.Host("蘭越町", "013943")
			towns := []int64{host}
			for i := range more {
				towns = append(towns, h.Town(fmt.Sprintf("見本町%d", i), fmt.Sprintf("%06d", i)))
			}
			admin := h.Person(host, tenants.HostAdmin)
			r := rand.New(rand.NewPCG(7, 7))
			names := []string{"操作者 見本 一郎", "戸籍サーバー係 見本 花子", "棚守", "主事 ﾐﾎﾝ 次郎", "100%_の人"}
			type stored struct {
				history.Line
				search string
			}
			var all []stored
			for i := range 600 {
				l := history.Line{TenantID: towns[r.IntN(len(towns))], At: tenantstest.Start.Add(time.Duration(r.IntN(40)) * time.Hour), ActorID: int64(r.IntN(4)),
					Actor: names[r.IntN(len(names))], Post: []string{"operator", "host_admin"}[r.IntN(2)], Act: []string{"duty.confirm", "plan.write", "town.write"}[r.IntN(3)],
					Object: []string{"plan", "town"}[r.IntN(2)], ObjectID: int64(r.IntN(5)), RequestID: fmt.Sprint("r", i/3), Remote: "192.0.2.9"}
				l.ID = tenantstest.Value[int64](h.Bench, `INSERT INTO operation_log (tenant_id, at, actor_id, actor, post, act, object, object_id, request_id, remote)
					VALUES ($1, $2, NULLIF($3, 0), $4, $5, $6, $7, NULLIF($8, 0), $9, $10) RETURNING id`,
					l.TenantID, l.At, l.ActorID, l.Actor, l.Post, l.Act, l.Object, l.ObjectID, l.RequestID, l.Remote)
				all = append(all, stored{l, tenants.SearchKey(l.Actor)})
			}
			slices.SortFunc(all, func(a, b stored) int {
				if c := b.At.Compare(a.At); c != 0 {
					return c
				}
				return int(b.ID - a.ID)
			})
			pick := func(n int) bool { return r.IntN(n) == 0 }
			seen := 0
			for range 120 {
				var s history.Search
				if pick(3) {
					s.Town = towns[r.IntN(3)]
				}
				if pick(4) {
					s.Person = int64(1 + r.IntN(3))
				}
				if pick(3) {
					s.Who = []string{"見本", "一郎", "サーバ", "みほん", "%", "_の", "＿", "だれもいない"}[r.IntN(8)]
				}
				if pick(4) {
					s.Post = "operator"
				}
				if pick(4) {
					s.Act = "plan.write"
				}
				if pick(4) {
					s.Object = "plan"
				}
				if pick(6) {
					s.ObjectID = int64(1 + r.IntN(4))
				}
				if pick(8) {
					s.Request = fmt.Sprint("r", r.IntN(200))
				}
				if pick(4) {
					s.From = tenantstest.Start.Add(time.Duration(r.IntN(40)) * time.Hour)
				}
				if pick(4) {
					s.To = tenantstest.Start.Add(time.Duration(r.IntN(40)) * time.Hour)
				}
				var want []int64
				for _, l := range all {
					if (s.Town == 0 || l.TenantID == s.Town) && (s.Person == 0 || l.ActorID == s.Person) && strings.Contains(l.search, tenants.SearchKey(s.Who)) &&
						(s.Post == "" || l.Post == s.Post) && (s.Act == "" || l.Act == s.Act) && (s.Object == "" || l.Object == s.Object) &&
						(s.ObjectID == 0 || l.ObjectID == s.ObjectID) && (s.Request == "" || l.RequestID == s.Request) &&
						(s.From.IsZero() || !l.At.Before(s.From)) && (s.To.IsZero() || l.At.Before(s.To)) {
						want = append(want, l.ID)
					}
				}
				var got []int64
				s.Limit = 1 + r.IntN(40)
				for {
					page, err := h.search(admin, s)
					require.NoError(t, err)
					for _, l := range page {
						got = append(got, l.ID)
					}
					if len(page) < s.Limit {
						break
					}
					s.After = page[len(page)-1].Cursor()
				}
				require.Equal(t, want, got, "%+v", s)
				seen += len(want)
			}
			require.Greater(t, seen, 500, "the searches found something to compare")
		})
	}
}

// The database's key for a search is the one that the program makes elsewhere.
func TestBothKeysOfASearchAgree(t *testing.T) {
	t.Parallel()
	h := setup(t)
	for _, text := range []string{"", "戸籍サーバー 見本　花子", "ﾐﾎﾝ ｻｰﾊﾞｰ係", "ＡＢＣ１２３", "㈱見本①", "サーバーー室", "ーー", "ー", "aー", "カー", "カーa カー", "ヴヵヶ", "ゝゞヽヾ", "神󠄀社",
		"葛\U000E0100城", "Straße ÀÉ", "a\tb\nc", "100%_の人", "見本 一郎", "らーめんー"} {
		require.Equal(t, tenants.SearchKey(text), tenantstest.Value[string](h.Bench, `SELECT tanamori_search_key($1)`, text), "%q", text)
	}
}
