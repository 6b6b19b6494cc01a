package tenants

import "time"

// Breach is a promise of the pipeline that is not kept in one town: what it is, how often, and since when. The rooms
// find them, each in its own tables, and put right what can be put right; the audit gathers them.
type Breach struct {
	TenantID int64  // 0: of the installation, and so of every town
	Kind     string // a reason's code; its sentence takes {n}, {towns}, {since} and {more}
	Count    int    // how many there are now
	Mended   int    // how many more there were, and have been put right
	Since    time.Time
	Setting  bool // for people to set right (nobody to call), and no malfunction
}
