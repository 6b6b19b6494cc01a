package tenants

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
)

// Kind says what sort of trouble a Fault is; a door maps it to its answer in one place.
type Kind string

// The kinds, with the HTTP status each becomes.
const (
	KindInvalid         Kind = "invalid"         // 422: a field is wrong
	KindNotFound        Kind = "not_found"       // 404: not there, or not to be known of
	KindForbidden       Kind = "forbidden"       // 403
	KindUnauthenticated Kind = "unauthenticated" // 401
	KindConflict        Kind = "conflict"        // 409: somebody else was first
	KindGone            Kind = "gone"            // 410: a link that is used up or over
	KindTooMany         Kind = "too_many"        // 429: wait, then try again
	KindHeld            Kind = "held"            // 202: it waits for another person now
	KindUnavailable     Kind = "unavailable"     // 503: the database is away; comes back by itself
	KindInternal        Kind = "internal"        // 500
)

// FieldFault is what is wrong with one field of an input.
type FieldFault struct {
	Field string // the input's name, as forms and JSON spell it
	Ja    string
	En    string
}

// Fault is an error a person may read: what is wrong and what to do, in Japanese and English. The cause goes to the log
// only.
type Fault struct {
	Kind   Kind
	Ja     string
	En     string
	Fields []FieldFault
	Object int64         // KindHeld: the proposal
	State  string        // KindHeld: what has become of it
	Owed   Owed          // what the person has to do before this; a page leads there
	Wait   time.Duration // KindTooMany: how long until it makes sense to try again
	Act    Act           // which the posts do not allow, where that is why; KindHeld: which the other person's must allow
	cause  error
}

// Owed is something that a signed-in person owes before they may go on.
type Owed string

// What there is: to choose a password of one's own, to set up a second factor, to prove once more who one is.
const (
	OwesPassword Owed = "password"
	OwesFactor   Owed = "factor"
	OwesConfirm  Owed = "confirm"
	OwesBoth     Owed = "confirm_factor" // … by the second factor as well
	OwesAnyway   Owed = "anyway"         // to say that they mean it, having been told what comes of it
)

// First says what the person has to do first.
func First(owed Owed) *Fault {
	f := &Fault{Kind: KindForbidden, Owed: owed}
	switch owed {
	case OwesPassword:
		f.Ja, f.En = "先に、自分のパスワードを決めてください。", "Please choose a password of your own first."
	case OwesFactor:
		f.Ja, f.En = "先に、二要素認証を設定してください。", "Please set up a second factor first."
	case OwesBoth:
		f.Ja, f.En = "本人確認の方法を変える操作のため、パスワードと二要素目の両方で、もう一度確かめてください。", "This changes how you prove who you are: please confirm by your password and your second factor."
	case OwesAnyway:
		f.Ja, f.En = "承知のうえで行うときは、その旨を示してください。", "Say that you mean it."
	case OwesConfirm:
		f.Ja, f.En = "重要な操作のため、もう一度本人確認をしてください。", "This is sensitive: please confirm once more who you are."
	}
	return f
}

// Error is for logs.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.En)
	for _, x := range f.Fields {
		fmt.Fprintf(&b, "; %s: %s", x.Field, x.En)
	}
	if f.cause != nil {
		fmt.Fprintf(&b, ": %v", f.cause)
	}
	return b.String()
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.cause }

// Message is the fault in the reader's language.
func (f *Fault) Message(lang string) string {
	if lang == "en" {
		return f.En
	}
	return f.Ja
}

// Message is the field's fault in the reader's language.
func (f FieldFault) Message(lang string) string {
	if lang == "en" {
		return f.En
	}
	return f.Ja
}

// NotFound is the one answer for what is not there and for what must not be known of.
func NotFound() *Fault {
	return &Fault{Kind: KindNotFound, Ja: "見つかりません。", En: "Not found."}
}

// Forbidden says which act the actor's posts do not allow.
func Forbidden(act Act) *Fault {
	return &Fault{Kind: KindForbidden, Ja: "この操作をする権限がありません。", En: "Your post does not allow this.", Act: act,
		cause: fmt.Errorf("act %s not permitted", act)}
}

// Unauthenticated asks to sign in.
func Unauthenticated(ja, en string) *Fault {
	return &Fault{Kind: KindUnauthenticated, Ja: ja, En: en}
}

// Conflict says that somebody or something else was first.
func Conflict(ja, en string) *Fault { return &Fault{Kind: KindConflict, Ja: ja, En: en} }

// NeedsAnother says that what was just done stands only once another person has confirmed it, whose posts allow the act. It ends
// the transaction; a door keeps the request for that person.
func NeedsAnother(act Act) *Fault {
	return &Fault{Kind: KindHeld, Act: act, Ja: "ほかの人の照合が要ります。", En: "Another person has to confirm this."}
}

// Gone says that a link is used up or over.
func Gone(ja, en string) *Fault { return &Fault{Kind: KindGone, Ja: ja, En: en} }

// Invalid gathers what is wrong with an input. Add what is found, then return Err.
type Invalid struct{ Fields []FieldFault }

// Add notes one field's fault.
func (v *Invalid) Add(field, ja, en string) {
	v.Fields = append(v.Fields, FieldFault{Field: field, Ja: ja, En: en})
}

// Err is nil where nothing was added.
func (v *Invalid) Err() error {
	if len(v.Fields) == 0 {
		return nil
	}
	return &Fault{Kind: KindInvalid, Ja: "入力に誤りがあります。項目ごとの説明を確かめてください。",
		En: "Something in the input is wrong; see what is said of each field.", Fields: v.Fields}
}

// constraints turns the database's constraint names into field faults. A room registers its own.
var constraints = map[string]FieldFault{}

// Constraint registers what a violated constraint means for the person who typed. Called from package variables only.
func Constraint(name, field, ja, en string) bool {
	if _, twice := constraints[name]; twice {
		panic("tenants: constraint registered twice: " + name)
	}
	constraints[name] = FieldFault{Field: field, Ja: ja, En: en}
	return true
}

// AsFault makes a Fault of any error: a Fault stays itself, a missing row is NotFound, a known constraint is a field's
// fault, a lost database is Unavailable and everything else Internal. It is the one mapper; doors map its Kind.
func AsFault(err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	if errors.Is(err, gorm.ErrRecordNotFound) {
		nf := NotFound()
		nf.cause = err
		return nf
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		if field, known := constraints[pg.ConstraintName]; known {
			return &Fault{Kind: KindInvalid, Ja: "入力に誤りがあります。項目ごとの説明を確かめてください。",
				En: "Something in the input is wrong; see what is said of each field.", Fields: []FieldFault{field}, cause: err}
		}
		switch {
		case pg.Code == "22021" || pg.Code == "22P05":
			return &Fault{Kind: KindInvalid, Ja: "文字として読めないデータが含まれています。", En: "The input holds something that is not text.", cause: err}
		case pg.Code == "40001" || pg.Code == "40P01" || pg.Code == "55P03":
			return &Fault{Kind: KindConflict, Ja: "ほかの操作と重なりました。もう一度お試しください。",
				En: "Another act got in the way. Please try again.", cause: err}
		case pg.Code == "53100":
			return DiskFull(err)
		case pg.Code == "25P03": // the database ended a transaction that stood still, as on a machine that was paused
			return unavailable(err)
		case strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57P") || strings.HasPrefix(pg.Code, "53"):
			return unavailable(err)
		}
		return internal(err)
	}
	var dial *pgconn.ConnectError
	var op *net.OpError
	if errors.As(err, &dial) || errors.As(err, &op) || errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.ErrUnexpectedEOF) {
		return unavailable(err)
	}
	return internal(err)
}

// DiskFull says that nothing can be written until somebody makes room.
func DiskFull(cause error) *Fault {
	return &Fault{Kind: KindUnavailable, Ja: "データベースのディスクがいっぱいで、書き込めません。管理者へお知らせください。空きができると自動で戻ります。",
		En: "The database's disk is full, so nothing can be written. Tell the administrator; it recovers by itself once there is room.", cause: cause}
}

// Unavailable says that something is wanting which somebody has to bring, or which comes back by itself.
func Unavailable(cause error, ja, en string) *Fault {
	return &Fault{Kind: KindUnavailable, Ja: ja, En: en, cause: cause}
}

func unavailable(cause error) *Fault {
	return &Fault{Kind: KindUnavailable, Ja: "データベースにつながりません。しばらくすると自動で戻ります。",
		En: "The database cannot be reached. It recovers by itself; please try again shortly.", cause: cause}
}

func internal(cause error) *Fault {
	return &Fault{Kind: KindInternal, Ja: "処理できませんでした。記録に残しましたので、続くときは管理者へお知らせください。",
		En: "Something went wrong on our side. It has been logged; tell the administrator if it goes on.", cause: cause}
}
