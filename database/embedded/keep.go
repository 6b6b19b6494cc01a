package embedded

import (
	"context"
	"time"
)

const (
	watchEvery   = 200 * time.Millisecond // how soon an attached process sees that the owner has gone
	firstBackOff = 50 * time.Millisecond
	lastBackOff  = 5 * time.Second
	stableAfter  = time.Minute // a server that ran this long gets the short back-off again
)

// keep restarts the server whenever it dies, and takes a cluster over whose owner has gone.
func (c *Cluster) keep(ctx context.Context) {
	defer close(c.kept)
	backOff := firstBackOff
	for {
		c.mu.Lock()
		lock, pm := c.lock, c.pm
		c.mu.Unlock()
		began := time.Now()
		if lock == nil {
			if lock = c.inherit(ctx); lock == nil {
				return
			}
			c.own(lock, nil)
		} else {
			select {
			case <-ctx.Done():
				return
			case <-pm.done:
			}
			c.own(lock, nil)
			c.log.Error("PostgreSQL died, it is started again", "pid", pm.pid, "last", pm.lastWords())
			if time.Since(began) > stableAfter {
				backOff = firstBackOff
			}
			if pause(ctx, backOff) != nil {
				return
			}
			backOff = min(2*backOff, lastBackOff)
		}
		down := time.Now()
		for {
			pm, err := c.ensure(ctx)
			if err == nil {
				c.own(lock, pm)
				c.log.Warn("PostgreSQL runs again", "pid", pm.pid, "took", time.Since(down).Round(time.Millisecond))
				break
			}
			if ctx.Err() != nil {
				return
			}
			c.log.Error("PostgreSQL could not be started", "error", err, "again_in", backOff)
			if pause(ctx, backOff) != nil {
				return
			}
			backOff = min(2*backOff, lastBackOff)
		}
	}
}

// inherit waits for the lock of an owner that goes away. It returns nil when ctx ends first.
func (c *Cluster) inherit(ctx context.Context) *fileLock {
	for {
		lock, err := tryLock(c.lockPath())
		if err != nil {
			c.log.Error("the cluster's lock cannot be looked at", "error", err)
		}
		if lock != nil {
			c.log.Info("the owner of the cluster has gone, this process takes over")
			return lock
		}
		if pause(ctx, watchEvery) != nil {
			return nil
		}
	}
}

// lastWords is what the server said last.
func (pm *postmaster) lastWords() string {
	if pm.tail == nil {
		return ""
	}
	return pm.tail.String()
}
