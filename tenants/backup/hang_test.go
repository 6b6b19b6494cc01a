package backup

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/backup/store"
	"tanamori/tenants/calendar"
)

// stuck is a store that stops answering: at the search, or in the middle of a file.
type stuck struct {
	object   store.Object
	atSearch bool
	release  chan struct{}
	reads    int
}

func (s *stuck) Find(ctx context.Context, _ string) ([]store.Object, error) {
	if s.atSearch {
		<-ctx.Done()
		return nil, &store.Error{Op: "find", Kind: store.ErrUnreachable, Err: ctx.Err()}
	}
	return []store.Object{s.object}, nil
}

func (s *stuck) Stat(context.Context, string) (store.Object, error) { return s.object, nil }
func (s *stuck) Open(context.Context, string) (store.File, error)   { return s, nil }
func (s *stuck) Object() store.Object                               { return s.object }
func (s *stuck) Unchanged(context.Context) error                    { return nil }
func (s *stuck) Close() error                                       { return nil }

func (s *stuck) Read(p []byte) (int, error) {
	if s.reads++; s.reads == 1 {
		return copy(p, "the beginning of a backup"), nil
	}
	<-s.release
	return 0, context.Canceled
}

// A network mount that hangs is given up after a while, and says nothing of the backup.
func TestAStoreThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 20, 17, 0, 0, 0, time.UTC)
	c := Case{Plan: Plan{Pattern: "a.txt", Manifest: "none"}, Zone: "UTC", ScheduledAt: at, OpensAt: at.Add(-time.Hour),
		Run: Run{Night: calendar.MustDate(2026, time.November, 20)}}
	for name, atSearch := range map[string]bool{"at the search": true, "in the middle of the file": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &stuck{object: store.Object{Name: "a.txt", Size: 1000, ModTime: at}, atSearch: atSearch, release: make(chan struct{})}
			defer close(s.release)
			done := make(chan Seen, 1)
			go func() { done <- look(t.Context(), c, s, time.Now, 50*time.Millisecond) }()
			select {
			case seen := <-done:
				require.True(t, seen.Unseen)
				require.True(t, seen.Passing, "it is tried again")
				why := seen.Missing
				if !atSearch {
					why = seen.Broken
				}
				require.Equal(t, "store.unreachable", why.Code)
			case <-time.After(20 * time.Second):
				t.Fatal("still waiting for a store that hangs")
			}
		})
	}
}
