//go:build !linux

package databasetest

import (
	"context"
	"errors"
	"io/fs"
	"syscall"
)

const (
	shared = iota
	exclusive
	exclusiveNow
)

var (
	errBusy        = errors.New("the lock is held")
	errUnsupported = errors.New("the test database runs on Linux only")
)

type heldLock struct{}

func (runDir) lock(context.Context, string, int) (*heldLock, error) { return nil, errUnsupported }

func (*heldLock) release() {}

func ownSession() *syscall.SysProcAttr { return nil }

func ownedByUs(fs.FileInfo) bool { return false }

func freeBytes(string) (uint64, error) { return 0, errUnsupported }
