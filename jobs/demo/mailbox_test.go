package demo_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/jobs/demo"
	"tanamori/jobs/mail"
	"tanamori/tenants/notice"
)

// A mailbox that cannot write, as on a full disk, puts mails off and does not refuse them for good.
func TestAMailboxThatCannotWritePutsMailsOff(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mail")
	box, err := demo.OpenMailbox(dir, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, box.Close()) })
	sender, err := mail.New(box.URL(), "tanamori@host.example")
	require.NoError(t, err)
	letters := []mail.Letter{{MessageID: "1@host.example", At: time.Now(), ToName: "見本 一郎", ToAddress: "kakari@town.example", Subject: "件名", Text: "本文"}}

	require.NoError(t, os.Remove(dir))
	require.Equal(t, notice.Delayed, sender.Send(t.Context(), letters)[0].Result)
	require.NoError(t, os.Mkdir(dir, 0o750))
	require.Equal(t, notice.Accepted, sender.Send(t.Context(), letters)[0].Result)
	list, err := box.List(10)
	require.NoError(t, err)
	require.Len(t, list, 1)
}
