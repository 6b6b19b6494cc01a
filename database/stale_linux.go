package database

import (
	"errors"
	"net"
	"syscall"
)

// suspicious reports whether something waits to be read on an idle connection: its end, or a
// message such as the server's farewell. It costs one system call and no round trip.
func suspicious(conn net.Conn) bool {
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secure.NetConn()
	}
	sys, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sys.SyscallConn()
	if err != nil {
		return true
	}
	quiet := false
	// Control and not Read: pgx may still be reading in the background, and Read would wait for it, without end.
	err = raw.Control(func(fd uintptr) {
		var one [1]byte
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		quiet = errors.Is(err, syscall.EAGAIN)
	})
	return err != nil || !quiet
}
