package people_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/japanese"

	"tanamori/tenants"
	"tanamori/tenants/people"
	"tanamori/tenants/tenantstest"
)

const goodList = "利用者ID,氏名,職,職名,就任日,最後の日,文書番号\r\n" +
	"Ｍukawa2,見本 桜子,関係町村職員,町民生活課 主査,R8.4.1,,町総第3号\r\n" +
	"mukawa3,\"見本, 竹子\",town,主事,令和8年4月1日,令和8年12月31日,\r\n" +
	"\r\n" +
	"mukawa2,見本 桜子,town,会計年度任用職員,2027-04-01,なし,\r\n"

func (b bundle) readImport(raw string) (read people.Import, err error) {
	err = b.Try(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
		read, err = people.ReadImport(ctx, tx, b.town, []byte(raw))
		return err
	})
	return read, err
}

func TestPeopleAreTakenInFromAList(t *testing.T) {
	t.Parallel()
	shift, err := japanese.ShiftJIS.NewEncoder().String(goodList)
	require.NoError(t, err)
	for encoding, raw := range map[string]string{"UTF-8": goodList, "UTF-8 ": "\ufeff" + goodList, "Shift_JIS": shift} {
		b := setup(t)
		read, err := b.readImport(raw)
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(encoding), read.Encoding)
		require.Zero(t, read.Faults())
		require.Equal(t, []int{2, 3, 5}, []int{read.Lines[0].N, read.Lines[1].N, read.Lines[2].N})
		require.True(t, read.Lines[0].Folded)
		require.Equal(t, "2027-03-31", read.Lines[0].Post.UntilOn.String(), "what will be written is shown before")
		require.Empty(t, b.SQL(`SELECT FROM person WHERE login LIKE 'mukawa%'`), "looking changes nothing")

		var issued []people.Issued
		b.Do(b.admin, func(ctx context.Context, tx *tenants.Tx) (err error) {
			issued, err = people.ImportPeople(ctx, tx, b.town, []byte(raw))
			return err
		})
		require.Len(t, issued, 2)
		require.Len(t, issued[0].Person.Posts, 2)
		require.Equal(t, "見本, 竹子", issued[1].Person.Name)
		require.EqualValues(t, 2, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM operation_log WHERE object = 'person'`))
		require.EqualValues(t, 3, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM appointment`))
		_, err = b.signIn("mukawa2", issued[0].Password)
		require.NoError(t, err)
		fault := b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.ImportPeople(ctx, tx, b.town, []byte(raw))
			return err
		})
		require.Len(t, fault.Fields, 3, "twice is once")
	}
}

func TestEveryBadLineIsToldAndNothingIsChanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.add(b.town, clerkNamed("mukawa"))
	raw := strings.Join([]string{
		"good,見本 一,town,主事,R8.4.1,,",
		"mukawa,見本 二,town,主事,R8.4.1,,",
		"mukаwa4,見本 三,town,主事,R8.4.1,,", // the fifth letter is Cyrillic
		"x,見本 四,town,主事,R8.4.1,,",
		"five,,boss,,R8.4.31,R7.1.1,",
		"six,見本 六,operator,操作者,R8.4.1,,",
		"seven,見本 七,town,主事",
		"good,見本 八,town,主事,R8.4.1,,",
		"ten,見本 十,town,主事,R8.4.1,R8.3.31,",
	}, "\n")
	read, err := b.readImport(raw)
	require.NoError(t, err)
	got := map[int][]string{}
	for _, l := range read.Lines {
		for _, f := range l.Faults {
			got[l.N] = append(got[l.N], f.Field)
		}
	}
	require.Equal(t, map[int][]string{2: {"login"}, 3: {"login"}, 4: {"login"}, 5: {"from_on", "name", "kind", "title"}, 6: {"kind"}, 7: {"file"}, 8: {"name"}, 9: {"until_on"}}, got)
	require.Contains(t, read.Lines[2].Faults[0].Ja, "U+0430、キリル文字")
	require.Equal(t, 8, read.Faults())
	before := tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM person`)
	fault := b.Fault(tenants.KindInvalid, b.admin, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := people.ImportPeople(ctx, tx, b.town, []byte(raw))
		return err
	})
	require.Equal(t, "lines[2].login", fault.Fields[0].Field)
	require.Contains(t, fault.Fields[0].Ja, "2行目：")
	require.Equal(t, before, tenantstest.Value[int64](b.Bench, `SELECT count(*) FROM person`))
}

func TestAListThatIsNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	many := strings.Builder{}
	for n := range 201 {
		fmt.Fprintf(&many, "mihon%03d,見本,town,主事,R8.4.1,,\n", n)
	}
	for what, raw := range map[string]string{"nothing": "", "a head alone": "login,name,kind,title,from,until,document\n", "neither encoding": "a,b\n\xff\xfe,\x81\n",
		"a spreadsheet": "PK\x03\x04\x00\x00", "open quotes": "mihon,\"見本,town\n", "too many": many.String()} {
		_, err := b.readImport(raw)
		require.Equal(t, "file", tenants.AsFault(err).Fields[0].Field, what)
	}
	for kind, who := range map[tenants.Kind]tenants.Actor{tenants.KindForbidden: b.clerk, tenants.KindNotFound: b.stranger} {
		b.Fault(kind, who, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := people.ReadImport(ctx, tx, b.town, []byte(goodList))
			return err
		})
	}
}
