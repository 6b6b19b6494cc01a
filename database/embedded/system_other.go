//go:build !linux

package embedded

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"
)

var errUnsupported = errors.New("the embedded PostgreSQL runs on Linux only: set TANAMORI_DATABASE_URL")

func supported() error { return errUnsupported }

func isRoot() bool { return false }

func self() identity { return identity{} }

func serverUser() (identity, error) { return identity{}, errUnsupported }

func ownerOf(fs.FileInfo) (uid, gid uint32) { return 0, 0 }

func writable(string) bool { return false }

func serverAttr(identity, bool) *syscall.SysProcAttr { return nil }

func makerAttr(identity) *syscall.SysProcAttr { return nil }

type fileLock struct{}

func tryLock(string) (*fileLock, error) { return nil, errUnsupported }

func waitLock(context.Context, string) (*fileLock, error) { return nil, errUnsupported }

func (*fileLock) release() {}

func running(int) bool { return false }

func serves(int, string) bool { return false }

func usersOf(string, string) []int { return nil }

func tell(int, syscall.Signal) {}

func (*Cluster) adopt(pid int) (*postmaster, error) {
	return newPostmaster(pid, func(os.Signal) error { return errUnsupported }), errUnsupported
}
