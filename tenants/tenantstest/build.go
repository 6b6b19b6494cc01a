package tenantstest

import (
	"crypto/rand"
	"fmt"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
)

// The builders write as the owner, straight into the tables, so that a test of the lowest room needs no room above it.

// Consortium makes another consortium and gives its id; Host and Town build in the newest one from then on. The first
// Host or Town makes one by itself.
func (b *Bench) Consortium() int64 {
	b.t.Helper()
	b.newest = Value[int64](b, `INSERT INTO consortium (name, demo, created_at) VALUES ('見本戸籍共同利用', false, $1) RETURNING id`, b.Clock.Now())
	return b.newest
}

// Host makes the host town (受託町) of the newest consortium with its default ladder and gives its tenant id.
func (b *Bench) Host(name, code string) int64 {
	b.t.Helper()
	id := b.tenant("host", name, code)
	return id
}

// Town makes a member town (関係町村) of the newest consortium with its default ladder 標準 (0, 15, 30 minutes, then every
// 30) and gives its tenant id. It joined on 2020-04-01 and lives in Asia/Tokyo.
func (b *Bench) Town(name, code string) int64 {
	b.t.Helper()
	return b.tenant("member", name, code)
}

func (b *Bench) tenant(kind, name, code string) int64 {
	b.t.Helper()
	if b.newest == 0 {
		b.Consortium()
	}
	id := Value[int64](b, `
		INSERT INTO tenant (consortium_id, code, kind, name, kana, zone, joined_on, search, ping_key, created_at)
		VALUES ($1, $2, $3, $4, '', 'Asia/Tokyo', '2020-04-01', $5, $6, $7) RETURNING id`,
		b.newest, code, kind, name, tenants.SearchKey(name, code), rand.Text()[:22], b.Clock.Now())
	b.SQL(`INSERT INTO ladder (tenant_id, name, delays_minutes, repeat_minutes) VALUES ($1, '標準', '{0,15,30}', 30)`, id)
	return id
}

// Contact adds a contact after the town's others and gives its id.
func (b *Bench) Contact(town int64, post, name, mail string) int64 {
	b.t.Helper()
	return Value[int64](b, `
		INSERT INTO contact (tenant_id, position, post, name, mail, phone, hours, created_at)
		VALUES ($1, (SELECT coalesce(max(position), 0) + 1 FROM contact WHERE tenant_id = $1), $2, $3, $4, '0136-57-0000', '', $5)
		RETURNING id`, town, post, name, mail, b.Clock.Now())
}

// Server adds a server after the town's others and gives its id.
func (b *Bench) Server(town int64, name string) int64 {
	b.t.Helper()
	return Value[int64](b, `
		INSERT INTO server (tenant_id, position, name, role, search, created_at)
		VALUES ($1, (SELECT coalesce(max(position), 0) + 1 FROM server WHERE tenant_id = $1), $2, '戸籍', $3, $4)
		RETURNING id`, town, name, tenants.SearchKey(name), b.Clock.Now())
}

// Ladder is the id of the town's default ladder.
func (b *Bench) Ladder(town int64) int64 {
	b.t.Helper()
	return Value[int64](b, `SELECT id FROM ladder WHERE tenant_id = $1 AND name = '標準'`, town)
}

var firstNames = []string{"一郎", "花子", "二郎", "桜子", "三郎", "梅子", "四郎", "菊子", "五郎", "竹子"}

// Person makes a person of the town holding one post since 2020-04-01 and gives them as an actor ready to use. Host
// posts see every town that the consortium has by now: make the towns first. Nobody knows the person's password.
func (b *Bench) Person(town int64, post tenants.Post) tenants.Actor {
	b.t.Helper()
	atHost := Value[string](b, `SELECT kind FROM tenant WHERE id = $1`, town) == "host"
	require.True(b.t, atHost || post == tenants.Town, "post %s is a post of a host town", post)
	name := "見本 " + firstNames[b.named%len(firstNames)]
	b.named++
	title, _ := tenants.PostLabel(post)
	id := Value[int64](b, `
		INSERT INTO person (tenant_id, login, name, lang, password_hash, created_at) VALUES ($1, $2, $3, 'ja', '', $4) RETURNING id`,
		town, fmt.Sprintf("mihon%d", b.named), name, b.Clock.Now())
	b.SQL(`INSERT INTO post (tenant_id, person_id, kind, title, from_on) VALUES ($1, $2, $3, $4, '2020-04-01')`, town, id, string(post), title)

	consortium := Value[int64](b, `SELECT consortium_id FROM tenant WHERE id = $1`, town)
	towns := []int64{town}
	if post != tenants.Town {
		towns = nil
		for _, row := range b.SQL(`SELECT id FROM tenant WHERE consortium_id = $1 ORDER BY kind, code`, consortium) {
			other, ok := row["id"].(int64)
			require.True(b.t, ok)
			towns = append(towns, other)
		}
	}
	return tenants.Person(tenants.Actor{
		Consortium: consortium, TenantID: town, PersonID: id, Name: name, Title: title,
		Posts: []tenants.Post{post}, Towns: towns, Lang: "ja", RequestID: "test", Remote: "192.0.2.1",
	})
}
