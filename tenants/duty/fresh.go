package duty

import "time"

// Fresh is how long ago a job may have ended well last. All look at least once a minute, but for these.
func Fresh(job string) time.Duration {
	switch job {
	case "plan", "custody", "review", "signouts": // look every ten minutes
		return 15 * time.Minute
	case "forget", "bind", "expire", "remind", "handon": // look every hour
		return 3 * time.Hour
	case "verify": // reads one archive from its first byte to its last, for as long as a plan lets it
		return 2 * time.Hour
	}
	return 3 * time.Minute
}

// Stale tells whether the job has not ended well for longer than it should.
func (r Round) Stale(now time.Time) bool { return r.OkAt == nil || now.Sub(*r.OkAt) > Fresh(r.Job) }
