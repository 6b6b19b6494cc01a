package reliability_test

import (
	"context"
	crand "crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// small is the size of the disk that fills up: the cluster takes some fifty megabytes of it.
const small = "size=224m,mode=755"

// mounted names, to the copy of this test that runs in a namespace of its own, the small disk that is mounted there.
const mounted = "TANAMORI_TEST_MOUNTED"

// smallDisk mounts one for this test. Who may not mount is given a namespace in which that is allowed, by running the test
// once more there; run is then false.
func smallDisk(t *testing.T) (dir string, here bool) {
	t.Helper()
	if dir := os.Getenv(mounted); dir != "" {
		return dir, true
	}
	dir = openDir(t)
	if os.Geteuid() == 0 {
		err := syscall.Mount("tmpfs", dir, "tmpfs", 0, small)
		if err == nil {
			t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
			return dir, true
		}
		if !errors.Is(err, syscall.EPERM) {
			t.Fatalf("mount a small disk: %v", err)
		}
	}
	// The inner namespace gives us our own id back, since Postgres runs as no root.
	inner := fmt.Sprintf("mount -t tmpfs -o %s tmpfs %s && exec unshare -U --map-user=%d --map-group=%d \"$@\"", small, dir, os.Geteuid(), os.Getegid())
	probe := exec.CommandContext(t.Context(), "unshare", "-Urm", "sh", "-c", inner, "sh", "true")
	if out, err := probe.CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("CI must be able to mount: %v: %s", err, out)
		}
		t.Skipf("a full disk cannot be tried here: this user may neither mount nor make a namespace to mount in (%v: %s)", err, strings.TrimSpace(string(out)))
	}
	again := exec.CommandContext(t.Context(), "unshare", "-Urm", "sh", "-c", inner, "sh", os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), mounted+"="+dir)
	out, err := again.CombinedOutput()
	t.Logf("in a namespace of its own:\n%s", tail(string(out), 30))
	require.NoError(t, err)
	return "", false
}

// ballast fills a disk to the last block; removing the file makes room again.
func ballast(t *testing.T, dir string) (remove func()) {
	t.Helper()
	name := filepath.Join(dir, "ballast")
	f, err := os.Create(name)
	require.NoError(t, err)
	for _, size := range []int{1 << 20, 64 << 10, 4 << 10} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		require.ErrorIs(t, err, syscall.ENOSPC)
	}
	_ = f.Close()
	return func() { require.NoError(t, os.Remove(name)) }
}

// The disk fills up under a working node, whoever keeps the database. Machines are told to come back, people and those who
// watch are told what is wrong, and once there is room all goes on by itself.
func TestAFullDiskLosesNothing(t *testing.T) {
	t.Parallel()
	dir, here := smallDisk(t)
	if !here {
		return
	}
	fill(t, newWorld(t, builtIn, in(dir)))
}

// The same with a Postgres that only tells us of its disk.
func TestAFullDiskElsewhereLosesNothing(t *testing.T) {
	t.Parallel()
	dir, here := smallDisk(t)
	if !here {
		return
	}
	fill(t, newWorld(t, external, in(dir)))
}

func fill(t *testing.T, w *world) {
	t.Helper()
	n := w.start("")
	n.awaitReady()
	load := w.load(n.address)
	await(t, "work goes on", func() bool { return w.answered.count(http.StatusOK) > 30 })
	room := ballast(t, w.dir)

	body := make([]byte, 70<<10)
	_, _ = crand.Read(body) // never fails
	text := base64.StdEncoding.EncodeToString(body)
	await(t, "a machine is told to come back", func() bool {
		rid := uuid.NewString()
		status, header, answer := fetch(t.Context(), http.MethodPost, "http://"+n.address+"/ping/"+w.plans[0].uuid+"/log?rid="+rid, text, 15*time.Second)
		w.answered.note(rid, status, header, answer)
		return status == http.StatusServiceUnavailable
	})
	await(t, "readiness names the disk", func() bool {
		status, _, answer := fetch(t.Context(), http.MethodGet, "http://"+n.address+"/readyz", "", 5*time.Second)
		return status == http.StatusServiceUnavailable && strings.Contains(answer, `"database":"full"`)
	})
	town := strconv.FormatInt(w.plans[0].town, 10)
	said, number := "", 0
	await(t, "the API says that the disk is full", func() bool {
		number++
		note := strings.Repeat(fmt.Sprint(number%10), 2000)
		status, header, answer := fetch(t.Context(), http.MethodPost, "http://"+n.address+"/api/v1/towns/"+town+"/servers",
			fmt.Sprintf(`{"name": "予備%d", "role": "予備", "note": %q}`, number, note), 10*time.Second,
			"Authorization", "Bearer "+w.token, "Content-Type", "application/json")
		said = fmt.Sprintf("%d %s %s", status, header.Get("Retry-After"), answer)
		return status == http.StatusServiceUnavailable && header.Get("Retry-After") != "" &&
			(strings.Contains(answer, "ディスクがいっぱい") || strings.Contains(answer, "disk is full"))
	})
	t.Log(said)
	n.says("disk is full")
	require.False(t, n.dead(), "the node outlives a full disk:\n%s", n.said)

	kept := w.answered.count(http.StatusOK)
	room()
	await(t, "check-ins are kept again", func() bool { return w.answered.count(http.StatusOK) > kept+30 })
	await(t, "the node is ready again", func() bool {
		status, _, _ := fetch(t.Context(), http.MethodGet, "http://"+n.address+"/readyz", "", 5*time.Second)
		return status == http.StatusOK
	})
	load.stop()
	w.rest()
	// Whatever was sent and could not be marked for want of room is one more try that was lost.
	w.trouble.Add(int64(strings.Count(n.said.String(), "error=\"mark ")))
	w.check()
	require.False(t, n.dead())
	if w.keeping == builtIn { // the cluster goes with its node, before its disk does
		n.signal(syscall.SIGTERM)
		<-n.ended
		return
	}
	w.owner.Close()
	require.NoError(t, w.handle.Close(context.WithoutCancel(t.Context())))
}
