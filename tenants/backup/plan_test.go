package backup_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/checkin"
	"tanamori/tenants/duty/schedule"
	"tanamori/tenants/server"
	"tanamori/tenants/tenantstest"
)

func (v *vault) refused(actor tenants.Actor, kind tenants.Kind, change func(*backup.PlanInput)) *tenants.Fault {
	v.t.Helper()
	in := v.input()
	in.Name = "別の計画"
	change(&in)
	return v.Fault(kind, actor, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := backup.AddPlan(ctx, tx, v.town, in)
		return err
	})
}

func TestAPlanSaysEverythingThatIsWrongAtItsField(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	for name, c := range map[string]struct {
		change func(*backup.PlanInput)
		fields []string
	}{
		"a cron that never fires":    {func(in *backup.PlanInput) { in.Cron = "0 2 31 2 *" }, []string{"cron"}},
		"no cron":                    {func(in *backup.PlanInput) { in.Cron = "毎晩2時" }, []string{"cron"}},
		"an unknown zone":            {func(in *backup.PlanInput) { in.Zone = "Asia/Sapporo" }, []string{"zone"}},
		"a pattern leaving by ..":    {func(in *backup.PlanInput) { in.Pattern = "../saroma/{YYYY}.tar" }, []string{"pattern"}},
		"a pattern leaving by /":     {func(in *backup.PlanInput) { in.Pattern = "/etc/passwd" }, []string{"pattern"}},
		"no pattern":                 {func(in *backup.PlanInput) { in.Pattern = "" }, []string{"pattern"}},
		"a placeholder that is none": {func(in *backup.PlanInput) { in.Pattern = "{YYYYMMDD}.tar" }, []string{"pattern"}},
		"no name":                    {func(in *backup.PlanInput) { in.Name = " \u3000" }, []string{"name"}},
		"bounds the wrong way round": {func(in *backup.PlanInput) { in.MinBytes, in.MaxBytes = ptr(int64(10)), ptr(int64(9)) }, []string{"max_bytes"}},
		"negative bounds":            {func(in *backup.PlanInput) { in.MinBytes, in.MaxBytes = ptr(int64(-1)), ptr(int64(0)) }, []string{"min_bytes", "max_bytes"}},
		"a level that is none":       {func(in *backup.PlanInput) { in.RequiredLevel = 6 }, []string{"required_level"}},
		"no report to compare with":  {func(in *backup.PlanInput) { in.Reports, in.Manifest = false, "checkin" }, []string{"manifest"}},
		"another town's server":      {func(in *backup.PlanInput) { in.ServerID = v.Server(v.host, "戸籍正") }, []string{"server_id"}},
		"no store":                   {func(in *backup.PlanInput) { in.StoreID = 0 }, []string{"store_id"}},
		"another town's ladder":      {func(in *backup.PlanInput) { in.LadderID = v.Ladder(v.host) }, []string{"ladder_id"}},
		"a slug that is none":        {func(in *backup.PlanInput) { in.Slug = "戸籍" }, []string{"slug"}},
		"a slug in use":              {func(in *backup.PlanInput) { in.Slug = "backup-" + tenants.IDs([]int64{v.plan.ID}) }, []string{"slug"}},
		"a name in use":              {func(in *backup.PlanInput) { in.Name = v.plan.Name }, []string{"name"}},
		"all of it": {func(in *backup.PlanInput) {
			*in = backup.PlanInput{}
		}, []string{"name", "pattern", "manifest", "deviation_k", "settle_minutes", "severity", "cron", "zone", "window_minutes", "longest_minutes", "policy"}},
	} {
		f := v.refused(v.admin, tenants.KindInvalid, c.change)
		var fields []string
		for _, x := range f.Fields {
			fields = append(fields, x.Field)
			require.NotEmpty(t, x.Ja, name)
			require.NotEmpty(t, x.En, name)
			require.NotContains(t, x.Ja+x.En, "{what}", name)
		}
		require.Equal(t, c.fields, fields, name)
	}
	v.refused(v.operator, tenants.KindForbidden, func(*backup.PlanInput) {})
	v.refused(v.staff, tenants.KindForbidden, func(*backup.PlanInput) {})
	v.refused(v.far, tenants.KindNotFound, func(*backup.PlanInput) {})
	for _, table := range []string{"plan", "duty", "source"} {
		require.EqualValues(t, 1, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM `+table), "nothing is left of what was refused: %s", table)
	}
}

func TestAPlansLife(t *testing.T) {
	t.Parallel()
	v := newVault(t, func(in *backup.PlanInput) { in.MinBytes, in.Slug = ptr(int64(0)), "koseki" })
	get := func(actor tenants.Actor, id int64) (p backup.PlanView) {
		v.Do(actor, func(ctx context.Context, tx *tenants.Tx) (err error) {
			p, err = backup.GetPlan(ctx, tx, v.town, id)
			return err
		})
		return p
	}
	p := get(v.operator, v.plan.ID)
	require.Equal(t, []string{"戸籍正", "控え置き場", "koseki", "0 2 * * *"}, []string{p.ServerName, p.StoreName, p.Slug, p.Cron})
	require.Len(t, p.UUID, 36)
	require.EqualValues(t, 0, *p.MinBytes)
	require.Equal(t, v.Ladder(v.town), p.LadderID)
	require.Nil(t, p.LookAt)
	require.Empty(t, get(v.staff, v.plan.ID).UUID, "whoever knows it can check in")
	list := func(actor tenants.Actor) (plans []backup.PlanView) {
		v.Do(actor, func(ctx context.Context, tx *tenants.Tx) (err error) {
			plans, err = backup.ListPlans(ctx, tx, v.town)
			return err
		})
		return plans
	}
	require.Equal(t, p.UUID, list(v.admin)[0].UUID)
	require.Empty(t, list(v.staff)[0].UUID)

	in := p.Input()
	in.MinBytes, in.Reports, in.RequiredLevel, in.EarlyMinutes, in.Policy, in.Cron = nil, false, 0, 0, schedule.OpenDays, "30 3 * * *"
	v.Do(v.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := backup.ChangePlan(ctx, tx, v.town, p.ID, in)
		return err
	})
	p = get(v.admin, p.ID)
	require.Equal(t, in, p.Input(), "zeros and empty bounds are written too")
	require.NotNil(t, p.LookAt)
	require.EqualValues(t, 1, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM duty WHERE cron = '30 3 * * *' AND early_minutes = 0`))

	change := func(town, id int64) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := backup.ChangePlan(ctx, tx, town, id, in)
			return err
		}
	}
	v.Fault(tenants.KindNotFound, v.admin, change(v.town, 1<<40))
	v.Fault(tenants.KindNotFound, v.admin, change(v.host, p.ID))
	v.Fault(tenants.KindForbidden, v.staff, change(v.town, p.ID))
	v.Fault(tenants.KindNotFound, v.far, change(v.town, p.ID))

	retire := func(ctx context.Context, tx *tenants.Tx) error { return backup.RetirePlan(ctx, tx, v.town, p.ID) }
	v.Fault(tenants.KindForbidden, v.operator, retire)
	v.Do(v.admin, retire)
	v.Fault(tenants.KindConflict, v.admin, retire)
	v.Fault(tenants.KindConflict, v.admin, change(v.town, p.ID))
	require.Empty(t, list(v.admin))
	require.NotNil(t, get(v.admin, p.ID).RetiredAt, "its past stays readable")
	require.EqualValues(t, 3, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM (SELECT retired_at FROM plan UNION ALL SELECT retired_at FROM duty
		UNION ALL SELECT retired_at FROM source) x WHERE retired_at IS NOT NULL`))
	require.EqualValues(t, 3, tenantstest.Value[int64](v.Bench, `SELECT count(*) FROM operation_log WHERE act = 'plan.write' AND object = 'plan'`))

	require.NotEqual(t, p.ID, v.add(nil).ID, "its name is free again")
	v.Do(v.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := server.Retire(ctx, tx, v.town, v.server)
		return err
	})
	require.Equal(t, "server_id", v.refused(v.admin, tenants.KindInvalid, func(*backup.PlanInput) {}).Fields[0].Field)
}

func TestTheBoardFollowsARenamedServer(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	v.Do(v.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := server.Change(ctx, tx, v.town, v.server, server.Input{Name: "戸籍正（新）", Role: "戸籍サーバ", Position: 7})
		return err
	})
	require.Equal(t, []map[string]any{{"subject": "戸籍正（新）", "position": int32(7)}}, v.SQL(`SELECT subject, position FROM duty`))
}

// What came in before a plan was retired is still evidence of it.
func TestACheckinOfARetiredPlan(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	v.to("11-22 02:41")
	v.ping(ping{kind: checkin.Success})
	v.Do(v.admin, func(ctx context.Context, tx *tenants.Tx) error { return backup.RetirePlan(ctx, tx, v.town, v.plan.ID) })
	require.Equal(t, 1, v.takeIn())
	require.Len(t, v.runs(v.plan), 1)
	require.Len(t, v.claim(), 1)
}

func TestStores(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	add := func(actor tenants.Actor, name, root string) func(context.Context, *tenants.Tx) error {
		return func(ctx context.Context, tx *tenants.Tx) error {
			_, err := backup.AddStore(ctx, tx, v.town, backup.StoreInput{Name: name, Root: root})
			return err
		}
	}
	for _, root := range []string{"", "relative/path", "/", "/a/../..", "/a\x00b"} {
		require.Equal(t, "root", v.Fault(tenants.KindInvalid, v.admin, add(v.admin, "別", root)).Fields[0].Field, root)
	}
	require.Equal(t, "name", v.Fault(tenants.KindInvalid, v.admin, add(v.admin, " ", "/srv/x")).Fields[0].Field)
	require.Equal(t, "name", v.Fault(tenants.KindInvalid, v.admin, add(v.admin, "控え置き場", "/srv/x")).Fields[0].Field)
	v.Fault(tenants.KindForbidden, v.staff, add(v.staff, "別", "/srv/x"))
	v.Fault(tenants.KindNotFound, v.far, add(v.far, "別", "/srv/x"))
	retire := func(ctx context.Context, tx *tenants.Tx) error { return backup.RetireStore(ctx, tx, v.town, v.store) }
	v.Fault(tenants.KindConflict, v.admin, retire)
	v.Do(v.admin, func(ctx context.Context, tx *tenants.Tx) error { return backup.RetirePlan(ctx, tx, v.town, v.plan.ID) })
	v.Do(v.admin, retire)
	require.Equal(t, "store_id", v.refused(v.admin, tenants.KindInvalid, func(*backup.PlanInput) {}).Fields[0].Field)
	v.Do(v.admin, add(v.admin, "控え置き場", "/srv/other"))
	v.Do(v.staff, func(ctx context.Context, tx *tenants.Tx) error {
		stores, err := backup.ListStores(ctx, tx, v.town)
		require.Len(t, stores, 1)
		require.Equal(t, "/srv/other", stores[0].Root)
		return err
	})
}

func TestListsOfRuns(t *testing.T) {
	t.Parallel()
	v := newVault(t, nil)
	other := v.add(func(in *backup.PlanInput) { in.Name = "別の計画" })
	v.to("11-22 02:00")
	for range 5 {
		v.ping(ping{kind: checkin.Fail}, ping{kind: checkin.Fail, plan: &other})
		v.Clock.Advance(5 * time.Minute)
	}
	v.takeIn()
	v.Do(v.staff, func(ctx context.Context, tx *tenants.Tx) error {
		first, err := backup.ListRuns(ctx, tx, v.town, v.plan.ID, 0, 2)
		require.NoError(t, err)
		require.Len(t, first, 2)
		rest, err := backup.ListRuns(ctx, tx, v.town, v.plan.ID, first[1].ID, 10)
		require.NoError(t, err)
		require.Len(t, rest, 3)
		require.Greater(t, first[1].ID, rest[0].ID)
		recent, err := backup.Recent(ctx, tx, v.town, 3)
		require.NoError(t, err)
		require.Len(t, recent[v.plan.ID], 3)
		require.Len(t, recent[other.ID], 3)
		brief, whole := recent[v.plan.ID][0], first[0]
		require.Equal(t, backup.Run{TenantID: whole.TenantID, ID: whole.ID, PlanID: whole.PlanID, StartedAt: whole.StartedAt, FinishedAt: whole.FinishedAt,
			RecordedAt: whole.RecordedAt, DurationMs: whole.DurationMs, FileBytes: whole.FileBytes, Level: whole.Level}, brief)
		levels, err := backup.Levels(ctx, tx, v.town)
		require.NoError(t, err)
		require.Empty(t, levels)
		got, err := backup.GetRun(ctx, tx, v.town, first[0].ID)
		require.Equal(t, first[0], got)
		return err
	})
	v.Fault(tenants.KindNotFound, v.far, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := backup.ListRuns(ctx, tx, v.town, v.plan.ID, 0, 2)
		return err
	})
	v.Fault(tenants.KindNotFound, v.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := backup.GetRun(ctx, tx, v.host, 1)
		return err
	})
}
