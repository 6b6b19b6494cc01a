package embedded

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
)

// Stop ends this process's part: the owner stops the server (sessions are ended, nothing is lost)
// and gives the lock away, anybody else only lets go. When ctx ends first the server is stopped
// hard and recovers at its next start. Further calls return the first one's result.
func (c *Cluster) Stop(ctx context.Context) error {
	c.stopOnce.Do(func() { c.stopErr = c.stop(ctx) })
	return c.stopErr
}

func (c *Cluster) stop(ctx context.Context) error {
	if c.cancel != nil {
		c.cancel()
	}
	<-c.kept
	c.mu.Lock()
	lock, pm := c.lock, c.pm
	c.lock, c.pm = nil, nil
	c.mu.Unlock()
	if lock == nil {
		return nil
	}
	defer lock.release()
	if pm == nil { // we were about to start or to attach
		s := c.look()
		if s.kind != live {
			return nil
		}
		var err error
		if pm, err = c.adopt(s.pid); err != nil {
			return err
		}
	}
	if err := pm.halt(ctx); err != nil {
		return fmt.Errorf("stop PostgreSQL in %s: %w", c.DataDir, err)
	}
	c.log.Info("PostgreSQL is stopped", "data", c.DataDir)
	return nil
}

// Shutdown stops the Shared cluster of opts, whoever started it. It is no error when none runs.
func Shutdown(ctx context.Context, opts Options) error {
	if err := supported(); err != nil {
		return err
	}
	opts.Logger = cmp.Or(opts.Logger, slog.New(slog.DiscardHandler))
	c, err := prepare(ctx, opts)
	if err != nil {
		return fmt.Errorf("find PostgreSQL: %w", err)
	}
	lock, err := waitLock(ctx, c.lockPath())
	if err != nil {
		return err
	}
	defer lock.release()
	s := c.look()
	if s.kind != live {
		return nil
	}
	pm, err := c.adopt(s.pid)
	if err != nil {
		return err
	}
	if err := pm.halt(ctx); err != nil {
		return fmt.Errorf("shut down PostgreSQL in %s: %w", c.DataDir, err)
	}
	return nil
}
