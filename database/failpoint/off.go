//go:build !failpoint || !linux

package failpoint

// Here is a step that nothing happens at in this build.
func Here(string) {}
