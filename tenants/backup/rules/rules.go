// Package rules judges whether tonight's backup looks like the backups of the
// nights before: its size, its duration and its hash against the last good
// runs. Everything here is a pure function of values: no clock, no database.
//
// This is level V2 ("plausible") of the verification ladder.
package rules

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sample is one backup run as the rules see it.
type Sample struct {
	Bytes    int64         // size of the stored file, in bytes
	Duration time.Duration // how long the run took; 0 when nobody knows
	SHA256   string        // hex, any case; "" when nobody knows
	// Night is the business night of the run. It only chooses the wording
	// (昨夜の / 前回の) and may be left zero.
	Night time.Time
}

// Severity says how much a finding weighs.
type Severity string

// The severities, in rising order.
const (
	OK       Severity = "ok"       // worth saying, nothing wrong
	Warning  Severity = "warning"  // a person should look
	Critical Severity = "critical" // the backup cannot be counted on
)

// Finding is one observation. Code is a key of Sentences, Params fill it.
type Finding struct {
	Code     string
	Severity Severity
	Params   map[string]string
}

// Below half of the median the backup cannot be whole, above five times a
// person should look. The sentences say both words, so they are not settings.
const (
	half   = 0.5
	growth = 5.0
)

// Config holds the thresholds. The zero value of a field means its default.
type Config struct {
	Window      int           // good runs looked at, default 10
	Provisional int           // fewer good runs than this: no z-score, default 3
	K           float64       // modified z-score above which a value stands out, default 3.5
	MinChange   float64       // relative size change that can stand out at all, default 0.10
	FastShare   float64       // duration below this share of the median is suspicious, default 0.2
	FastFloor   time.Duration // medians below this say nothing about speed, default 30 s
	SlowChange  float64       // relative duration change that can stand out at all, default 0.5

	MinBytes int64 // the plan's own lower bound in bytes, 0 = none
	MaxBytes int64 // the plan's own upper bound in bytes, 0 = none
	// SameAllowed switches the stale rule off, for sources that are expected
	// not to change from night to night.
	SameAllowed bool
}

func (c Config) withDefaults() Config {
	def := func(v *float64, d float64) {
		if *v <= 0 || math.IsNaN(*v) {
			*v = d
		}
	}
	if c.Window <= 0 {
		c.Window = 10
	}
	if c.Provisional <= 0 {
		c.Provisional = 3
	}
	if c.FastFloor <= 0 {
		c.FastFloor = 30 * time.Second
	}
	def(&c.K, 3.5)
	def(&c.MinChange, 0.10)
	def(&c.FastShare, 0.2)
	def(&c.SlowChange, 0.5)
	return c
}

// Judge compares now with history and returns what stands out, worst first;
// an empty list means nothing does. history holds good runs only (a failed or
// partial run must not become the measure), oldest first; the last
// Config.Window of them count.
//
//   - zero bytes, below half of the median, the plan's lower bound, a hash
//     identical to the previous good run: critical;
//   - above five times the median, the plan's upper bound, a modified z-score
//     above K, a run that was much too fast or too slow: warning;
//   - fewer than three good runs: a note that the judgement is provisional;
//     only the rules that need no spread apply.
//
// The spread is never taken to be smaller than Config.MinChange allows: nine
// nights of the same size (MAD = 0) would otherwise turn one byte into an alarm.
func Judge(history []Sample, now Sample, cfg Config) []Finding {
	cfg = cfg.withDefaults()
	if len(history) > cfg.Window {
		history = history[len(history)-cfg.Window:]
	}
	var out []Finding
	out = append(out, judgePlan(now, cfg)...)
	out = append(out, judgeSame(history, now, cfg)...)
	out = append(out, judgeSize(history, now, cfg)...)
	out = append(out, judgeDuration(history, now, cfg)...)
	if len(history) < cfg.Provisional {
		out = append(out, Finding{"rules.provisional", OK, map[string]string{
			"runs": strconv.Itoa(len(history)), "needed": strconv.Itoa(cfg.Provisional),
		}})
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return rank(b.Severity) - rank(a.Severity) })
	return out
}

// Worst returns the heaviest severity of the findings, OK when there are none.
func Worst(findings []Finding) Severity {
	worst := OK
	for _, f := range findings {
		if rank(f.Severity) > rank(worst) {
			worst = f.Severity
		}
	}
	return worst
}

func rank(s Severity) int {
	switch s {
	case Critical:
		return 2
	case Warning:
		return 1
	default:
		return 0
	}
}

func judgePlan(now Sample, cfg Config) []Finding {
	switch {
	case now.Bytes <= 0:
		return []Finding{{"rules.zero", Critical, map[string]string{}}}
	case cfg.MinBytes > 0 && now.Bytes < cfg.MinBytes:
		return []Finding{{"rules.below_min", Critical, map[string]string{
			"now": FormatBytes(now.Bytes), "limit": FormatBytes(cfg.MinBytes)}}}
	case cfg.MaxBytes > 0 && now.Bytes > cfg.MaxBytes:
		return []Finding{{"rules.above_max", Warning, map[string]string{
			"now": FormatBytes(now.Bytes), "limit": FormatBytes(cfg.MaxBytes)}}}
	}
	return nil
}

func judgeSame(history []Sample, now Sample, cfg Config) []Finding {
	if cfg.SameAllowed || len(history) == 0 || now.SHA256 == "" {
		return nil
	}
	previous := history[len(history)-1]
	if !strings.EqualFold(previous.SHA256, now.SHA256) {
		return nil
	}
	short := strings.ToLower(now.SHA256)
	if len(short) > 12 {
		short = short[:12]
	}
	return []Finding{{since("rules.stale", previous, now), Critical, map[string]string{"sha256": short}}}
}

func judgeSize(history []Sample, now Sample, cfg Config) []Finding {
	if len(history) == 0 || now.Bytes <= 0 {
		return nil
	}
	sizes := make([]float64, len(history))
	for i, s := range history {
		sizes[i] = float64(s.Bytes)
	}
	median, mad := medianMAD(sizes)
	if median <= 0 {
		return nil
	}
	previous, value := history[len(history)-1], float64(now.Bytes)
	params := map[string]string{
		"previous":       FormatBytes(previous.Bytes),
		"now":            FormatBytes(now.Bytes),
		"percent":        percent(value, float64(previous.Bytes)),
		"median":         FormatBytes(int64(median)),
		"median_percent": percent(value, median),
		"runs":           strconv.Itoa(len(history)),
	}
	switch {
	case value < half*median:
		return []Finding{{since("rules.shrunk", previous, now), Critical, params}}
	case value > growth*median:
		return []Finding{{since("rules.grown", previous, now), Warning, params}}
	case len(history) < cfg.Provisional || !standsOut(value, median, mad, cfg.K, cfg.MinChange):
		return nil
	case value < median:
		return []Finding{{since("rules.smaller", previous, now), Warning, params}}
	default:
		return []Finding{{since("rules.larger", previous, now), Warning, params}}
	}
}

func judgeDuration(history []Sample, now Sample, cfg Config) []Finding {
	var known []float64
	for _, s := range history {
		if s.Duration > 0 {
			known = append(known, float64(s.Duration))
		}
	}
	if len(known) == 0 || now.Duration <= 0 {
		return nil
	}
	median, mad := medianMAD(known)
	value := float64(now.Duration)
	params := map[string]string{
		"now":    FormatDuration(now.Duration),
		"median": FormatDuration(time.Duration(median)),
		"runs":   strconv.Itoa(len(known)),
	}
	odd := len(known) >= cfg.Provisional && standsOut(value, median, mad, cfg.K, cfg.SlowChange)
	switch {
	case median < float64(cfg.FastFloor) && value < float64(cfg.FastFloor):
		return nil // both too short to say anything
	case median >= float64(cfg.FastFloor) && (value < cfg.FastShare*median || odd && value < median):
		return []Finding{{"rules.too_fast", Warning, params}}
	case odd && value > median:
		return []Finding{{"rules.too_slow", Warning, params}}
	}
	return nil
}

// since picks the wording: the plain code says 昨夜の (last night's); when the
// runs are known to be more than a night apart the "_before" code says 前回の.
func since(code string, previous, now Sample) string {
	if previous.Night.IsZero() || now.Night.IsZero() {
		return code
	}
	if gap := now.Night.Sub(previous.Night); gap > 0 && gap <= 36*time.Hour {
		return code
	}
	return code + "_before"
}
