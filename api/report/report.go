// Package report is the command that checks in from the machine that made a
// backup: it reads the files, and tells the check-in door their size, hash and
// number. It needs nothing of the server but its ping URL, and any server that
// speaks the Healthchecks ping API will do.
//
// What is sent is a JSON object: bytes (of all files together), files (their
// number), sha256, generation, modified (when the oldest file was last
// written), duration (seconds that the command and the reading took),
// exit_status (of the command), reason (of a failure, for people) and log (the
// end of the command's output or of the log file).
//
// The sha256 of one file is the file's own. Of several it is the hash of their
// list as GNU sha256sum prints it, sorted, so that anybody can recompute it:
//
//	sha256sum FILE… | LC_ALL=C sort | sha256sum
package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Exit codes of [Run].
const (
	OK     = 0 // the backup is there and the server has taken the report
	Failed = 1 // the backup is not good, or the report could not be delivered
	Usage  = 2 // nothing was done: the arguments make no sense
)

// What is used where [Options] leaves it zero, and by [Flags].
const (
	DefaultTimeout = 10 * time.Second
	DefaultWithin  = 5 * time.Minute
	DefaultRetries = 10
)

const maxGeneration = 200 // characters; the server keeps no more

// Options is one report.
type Options struct {
	// Files are the files that the backup made. A name that does not exist but
	// is a pattern stands for what it matches: shells on Windows expand none.
	Files []string
	// Command, if any, makes the backup: it is run before the files are read.
	Command []string
	// PingURL is where to check in, without an ending: https://…/ping/{uuid} or
	// https://…/ping/{ping key}/{slug}. It is a secret and never printed whole.
	PingURL string
	// Start says that a run begins before anything is read, so that a run that
	// dies is noticed at once. A Command implies it.
	Start bool
	// Generation names the copy (a weekday's tape, a snapshot).
	Generation string
	// LogFile is a log whose end is sent along, in place of the Command's output.
	LogFile string
	// Sidecar writes FILE.sha256 beside every file, for sha256sum --check.
	Sidecar bool
	// Quiet prints nothing on success; cron mails whatever is printed.
	Quiet bool
	// Timeout bounds one attempt to reach the server.
	Timeout time.Duration
	// Retries is how often an attempt that failed is repeated; 0 is never.
	Retries int
	// Within bounds all attempts at one message together.
	Within time.Duration
	// Version is told to the server in the User-Agent.
	Version string

	Stdin          io.Reader // of the Command
	Stdout, Stderr io.Writer // nil discards

	// HTTPClient is http.DefaultClient unless set. Redirects are dealt with here.
	HTTPClient *http.Client
	// Now, Sleep, Jitter (0 ≤ x < 1) and RunID are the real ones unless set.
	Now    func() time.Time
	Sleep  func(context.Context, time.Duration) error
	Jitter func() float64
	RunID  func() string
}

// statement is the body of a check-in.
type statement struct {
	Bytes      *int64   `json:"bytes,omitempty"`
	Files      *int     `json:"files,omitempty"`
	SHA256     string   `json:"sha256,omitempty"`
	Generation string   `json:"generation,omitempty"`
	Modified   string   `json:"modified,omitempty"`
	Duration   *float64 `json:"duration,omitempty"`
	ExitStatus *int     `json:"exit_status,omitempty"`
	Reason     string   `json:"reason,omitempty"`
	Log        string   `json:"log,omitempty"`
}

// Run makes one report and returns the process's exit code. Cancelling ctx
// stops the command and the reading; the failure is then still reported.
func Run(ctx context.Context, o Options) int {
	o = complete(o)
	target, err := o.check()
	if err != nil {
		o.say(saidUsage, asTrouble(err))
		return Usage
	}
	door := &door{Options: o, target: target, rid: o.RunID()}

	if o.Start || len(o.Command) > 0 {
		if err := door.checkIn(ctx, "/start", nil); err != nil {
			// The backup is worth more than the report of its start. But where
			// the address is wrong and no backup waits, reading is in vain.
			t := asTrouble(err)
			o.say(saidNoStart, t)
			if t.final && len(o.Command) == 0 {
				return Failed
			}
		}
	}

	began := o.Now()
	said, ending, trouble := o.work(ctx)
	took := o.Now().Sub(began).Seconds()
	said.Duration, said.Generation = &took, o.Generation
	if o.LogFile != "" {
		said.Log = o.readLog()
	}

	if ctx.Err() != nil {
		// Ctrl-C or a shutdown: say so, but do not hold it up for long.
		last, stop := context.WithTimeout(context.WithoutCancel(ctx), DefaultTimeout)
		defer stop()
		ctx = last
	}
	if err := door.checkIn(ctx, ending, said); err != nil {
		if trouble != nil {
			o.say(saidFailure, trouble)
		}
		o.say(saidUndelivered, asTrouble(err))
		return Failed
	}
	if trouble != nil {
		o.say(saidReportedFailure, trouble)
		return Failed
	}
	if !o.Quiet {
		o.sayDone(said, target)
	}
	return OK
}

// work runs the command and reads the files. trouble is nil where the backup is
// good; ending is what the ping URL gets appended.
func (o Options) work(ctx context.Context) (said statement, ending string, trouble *trouble) {
	if len(o.Command) > 0 {
		status, output, err := o.command(ctx)
		said.Log = output
		if err != nil {
			trouble = asTrouble(err)
			said.Reason = trouble.reason()
			return said, "/fail", trouble
		}
		said.ExitStatus = &status
		ending = fmt.Sprintf("/%d", status)
		if status != 0 {
			return said, ending, troublef(nil, "コマンドが終了コード %d で終わりました", "the command ended with exit status %d", status)
		}
	}
	if len(o.Files) == 0 {
		return said, ending, nil
	}
	sum, err := readAll(ctx, o.Files, o.Sidecar)
	if err != nil {
		trouble = asTrouble(err)
		said.Reason = trouble.reason()
		return said, "/fail", trouble
	}
	said.Bytes, said.Files, said.SHA256 = &sum.bytes, &sum.files, sum.sha256
	said.Modified = sum.modified.UTC().Format(time.RFC3339)
	if len(o.Command) == 0 && !o.Quiet {
		fmt.Fprint(o.Stdout, sum.list)
	}
	return said, ending, nil
}

// complete fills in what was left zero.
func complete(o Options) Options {
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Within == 0 {
		o.Within = DefaultWithin
	}
	if o.Stdout == nil {
		o.Stdout = io.Discard
	}
	if o.Stderr == nil {
		o.Stderr = io.Discard
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	if o.RunID == nil {
		o.RunID = uuid.NewString
	}
	if o.HTTPClient == nil {
		o.HTTPClient = http.DefaultClient
	}
	return o
}

// check refuses what cannot be meant, before anything is sent or run.
func (o Options) check() (*url.URL, error) {
	switch {
	case len(o.Files) == 0 && len(o.Command) == 0:
		return nil, troublef(nil, "ファイルかコマンドを指定してください", "name a file or a command")
	case o.PingURL == "":
		return nil, troublef(nil, "--ping-url か環境変数 TANAMORI_PING_URL を指定してください", "give --ping-url or set TANAMORI_PING_URL")
	case o.Sidecar && len(o.Files) == 0:
		return nil, troublef(nil, "--sidecar にはファイルが必要です", "--sidecar needs a file")
	case o.Timeout < 0 || o.Within < 0 || o.Retries < 0:
		return nil, troublef(nil, "時間と回数は 0 以上にしてください", "times and retries cannot be negative")
	case !utf8.ValidString(o.Generation) || utf8.RuneCountInString(o.Generation) > maxGeneration ||
		strings.ContainsFunc(o.Generation, unicode.IsControl):
		return nil, troublef(nil, "世代名は改行のない %d 字以内にしてください", "a generation is one line of at most %d characters", maxGeneration)
	}
	for _, f := range o.Files {
		if f == "" {
			return nil, troublef(nil, "空のファイル名があります", "a file name is empty")
		}
	}
	target, err := url.Parse(o.PingURL)
	// The error repeats the URL, which is a secret; it is left out on purpose.
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || target.Host == "" || strings.Trim(target.Path, "/") == "" {
		return nil, troublef(nil, "ping URL は https://ホスト/ping/… の形で指定してください", "a ping URL looks like https://host/ping/…")
	}
	return target, nil
}

// readLog gives the end of the log file. That it cannot be read says nothing
// about the backup, so it is only mentioned.
func (o Options) readLog() string {
	log, err := fileTail(o.LogFile)
	if err != nil {
		t := troublef(err, "ログファイルを読めません（%v）", "cannot read the log file (%v)", err)
		o.say(saidNote, t)
		return t.reason()
	}
	return log
}

func fileTail(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // opened to read: nothing can be lost
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("not a regular file")
	}
	t := &tail{}
	from := max(0, info.Size()-tailKept)
	if _, err := io.Copy(t, io.NewSectionReader(f, from, tailKept)); err != nil {
		return "", err
	}
	return t.String(), nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
