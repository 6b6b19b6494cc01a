package rules

import "math"

// Band is what counts as usual after the history: the median size of the last good runs, and the sizes between which
// the statistical rule finds nothing, in bytes. ok is false while there are too few runs to tell. It is the rule of Judge
// turned round, for pages that draw it.
func Band(history []Sample, cfg Config) (median, low, high int64, ok bool) {
	cfg = cfg.withDefaults()
	if len(history) > cfg.Window {
		history = history[len(history)-cfg.Window:]
	}
	if len(history) < cfg.Provisional {
		return 0, 0, 0, false
	}
	sizes := make([]float64, len(history))
	for i, s := range history {
		sizes[i] = float64(s.Bytes)
	}
	m, mad := medianMAD(sizes)
	if m <= 0 {
		return 0, 0, 0, false
	}
	away := math.Max(cfg.MinChange*m, cfg.K*mad/consistency)
	return int64(m), int64(math.Max(m-away, 0)), int64(m + away), true
}
