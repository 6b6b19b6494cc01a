//go:build !linux

package database

import "net"

// suspicious has no cheap way to look here: only connections idle for longer are pinged.
func suspicious(net.Conn) bool { return false }
