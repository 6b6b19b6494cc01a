package report

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"tanamori/tenants/checkin/body"
)

// trouble is an error in both languages of the people who will read it.
type trouble struct {
	ja, en string
	cause  error
	final  bool          // trying again will not help
	after  time.Duration // do not try again before
}

func (t *trouble) Error() string { return t.en }
func (t *trouble) Unwrap() error { return t.cause }

func (t *trouble) finally() *trouble {
	t.final = true
	return t
}

// reason is what the server's people are told, on one short line.
func (t *trouble) reason() string { return body.Tail([]byte(oneLine(t.ja)), 1000) }

// troublef takes one set of arguments for both sentences, in the same order.
func troublef(cause error, ja, en string, args ...any) *trouble {
	return &trouble{ja: fmt.Sprintf(ja, args...), en: fmt.Sprintf(en, args...), cause: cause}
}

func asTrouble(err error) *trouble {
	var t *trouble
	if errors.As(err, &t) {
		return t
	}
	return &trouble{ja: err.Error(), en: err.Error(), cause: err}
}

// opening is how a line begins, in Japanese and in English.
type opening struct{ ja, en string }

var (
	saidUsage           = opening{"指定の誤り", "usage"}
	saidNoStart         = opening{"開始を報告できませんでした", "could not report the start"}
	saidNote            = opening{"注意", "note"}
	saidFailure         = opening{"バックアップに問題があります", "the backup is not good"}
	saidReportedFailure = opening{"失敗を報告しました", "reported a failure"}
	saidUndelivered     = opening{"報告できませんでした", "could not report"}
)

// say prints a line in each language.
func (o Options) say(how opening, t *trouble) {
	fmt.Fprintf(o.Stderr, "%s: %s\n%s: %s\n", how.ja, oneLine(t.ja), how.en, oneLine(t.en))
}

func (o Options) sayDone(said statement, target *url.URL) {
	ja, en := "", ""
	if said.Bytes != nil {
		ja = fmt.Sprintf("%d ファイル、%d バイト、", *said.Files, *said.Bytes)
		en = fmt.Sprintf("%d files, %d bytes, ", *said.Files, *said.Bytes)
	}
	fmt.Fprintf(o.Stderr, "報告しました: %s%s\nreported: %s%s\n", ja, masked(target), en, masked(target))
}

// masked shows where a report went without giving the secret away: whoever has
// the whole path can report in this machine's name.
func masked(u *url.URL) string {
	var out strings.Builder
	out.WriteString(u.Scheme + "://" + u.Host)
	for i, part := range strings.Split(strings.Trim(u.Path, "/"), "/") {
		if i > 0 || part != "ping" {
			runes := []rune(part)
			part = string(runes[:min(4, len(runes)/3)]) + "…"
		}
		out.WriteString("/" + part)
	}
	return oneLine(out.String())
}

func oneLine(s string) string {
	return strings.Join(strings.Fields(body.Tail([]byte(s), 4096)), " ")
}
