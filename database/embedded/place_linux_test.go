package embedded

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestADirectoryOutOfTheServersReachIsReplaced(t *testing.T) {
	t.Parallel()
	needRoot(t)
	closed := filepath.Join(openDir(t), "home")
	require.NoError(t, os.Mkdir(closed, 0o700))
	asked := filepath.Join(closed, "checkout", "data")
	c := start(t, quick(t, asked))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(filepath.Dir(c.DataDir))) })
	t.Cleanup(func() { stop(t, c) })
	require.Contains(t, c.Moved, closed, "it says which directory is in the way")
	require.True(t, strings.HasPrefix(c.DataDir, systemDir+"/data-"), c.DataDir)
	_, err := ask(c, "SELECT 'runs'")
	require.NoError(t, err)

	other, err := findPlace(filepath.Join(closed, "another", "data"))
	require.NoError(t, err)
	require.NotEqual(t, filepath.Dir(c.DataDir), other.base, "each directory has a cluster of its own")
	again, err := findPlace(asked)
	require.NoError(t, err)
	require.Equal(t, filepath.Dir(c.DataDir), again.base)
}

func TestADirectoryWithOtherThingsIsNotGivenAway(t *testing.T) {
	t.Parallel()
	needRoot(t)
	dir := filepath.Join(openDir(t), "data")
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ours.txt"), nil, 0o600))
	c := start(t, quick(t, dir))
	require.Equal(t, filepath.Join(dir, "postgres"), filepath.Dir(c.DataDir))
	fi, err := os.Stat(dir)
	require.NoError(t, err)
	uid, _ := ownerOf(fi)
	require.Zero(t, uid)
	at, err := findPlace(dir)
	require.NoError(t, err)
	require.Equal(t, filepath.Dir(c.DataDir), at.base, "and is found again")
}

func TestALongOrOddPathGetsAShortSocket(t *testing.T) {
	t.Parallel()
	for name, below := range map[string]string{
		"long":  strings.Repeat("庁舎/", 30) + "data",
		"comma": "here, there/data",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, quick(t, filepath.Join(openDir(t), below)))
			t.Cleanup(func() { require.NoError(t, os.RemoveAll(c.SocketDir)) })
			require.LessOrEqual(t, len(c.SocketDir+"/"+socketName), socketLimit)
			require.NotEqual(t, filepath.Dir(c.DataDir), c.SocketDir)
			fi, err := os.Stat(c.SocketDir)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o700), fi.Mode().Perm())
			_, err = ask(c, "SELECT 'runs'")
			require.NoError(t, err)
			second := start(t, quick(t, filepath.Dir(c.DataDir)))
			require.Equal(t, c.PID(), second.PID())
			stop(t, second)
			stop(t, c)
		})
	}
}

func TestAPathWithSpacesAndKanjiWorks(t *testing.T) {
	t.Parallel()
	c := start(t, quick(t, filepath.Join(openDir(t), "棚守 data's")))
	require.Equal(t, filepath.Dir(c.DataDir), c.SocketDir)
	_, err := ask(c, "SELECT 'runs'")
	require.NoError(t, err)
}

func TestAForeignSocketDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	who := self()
	long := "/" + strings.Repeat("x", socketLimit) + strconv.Itoa(os.Getpid())
	dir, err := socketDir(long, who)
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.Remove(dir) })
	require.NoError(t, os.Chmod(dir, 0o777))
	_, err = socketDir(long, who)
	require.ErrorContains(t, err, "is not private")

	require.NoError(t, os.Remove(dir))
	require.NoError(t, os.Symlink(t.TempDir(), dir))
	_, err = socketDir(long, who)
	require.ErrorContains(t, err, "is not private")
}

func TestBlockedByLooksWithTheUsersEyes(t *testing.T) {
	t.Parallel()
	needRoot(t)
	dir := openDir(t)
	closed := filepath.Join(dir, "closed")
	inside := filepath.Join(closed, "inside")
	require.NoError(t, os.MkdirAll(inside, 0o755))
	someone := identity{uid: 4711, gid: 4712}
	for _, tc := range []struct {
		uid, gid int
		mode     os.FileMode
		want     string
	}{
		{0, 0, 0o755, ""},
		{0, 0, 0o711, ""},
		{0, 0, 0o700, closed},
		{0, 0, 0o750, closed},
		{0, 4712, 0o710, ""},
		{0, 4712, 0o701, closed}, // the group's bits hold for its members, whatever others may
		{4711, 0, 0o700, ""},
		{4711, 0, 0o077, closed},
	} {
		require.NoError(t, os.Chown(closed, tc.uid, tc.gid))
		require.NoError(t, os.Chmod(closed, tc.mode))
		require.Equal(t, tc.want, blockedBy(inside, someone), "%+v", tc)
	}
	require.Empty(t, blockedBy(closed, someone), "the last directory is ours to give")
}

func TestResolveFollowsWhatExists(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "real"), 0o755))
	require.NoError(t, os.Symlink("real", filepath.Join(dir, "link")))
	got, err := resolve(filepath.Join(dir, "link", "not", "yet"))
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "real", "not", "yet"), got)
}
