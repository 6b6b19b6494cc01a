package rules

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// FormatBytes writes a size the way a person reads it in either language:
// decimal units (1 GB = 10⁹ bytes), one decimal below 100 and none above, a
// space before the unit: "0 B", "34.2 kB", "412 MB", "4.0 GB".
func FormatBytes(n int64) string {
	sign, value := "", float64(n)
	if n < 0 {
		sign, value = "-", -value
	}
	if value < 1000 {
		return sign + strconv.FormatInt(int64(value), 10) + " B"
	}
	units := []string{"kB", "MB", "GB", "TB", "PB", "EB"}
	unit := -1
	// 999,960 bytes would print as "1000 kB": what rounds up to 1000 moves on.
	for (unit < 0 || math.Round(value) >= 1000) && unit < len(units)-1 {
		value /= 1000
		unit++
	}
	if math.Round(value*10) < 1000 {
		return fmt.Sprintf("%s%.1f %s", sign, value, units[unit])
	}
	return fmt.Sprintf("%s%.0f %s", sign, value, units[unit])
}

// FormatDuration writes a duration as h:mm:ss, or m:ss below an hour, which
// reads the same in both languages.
func FormatDuration(d time.Duration) string {
	d = d.Round(time.Second)
	if d < 0 {
		return "-" + FormatDuration(-d)
	}
	h, m, s := int64(d/time.Hour), int64(d/time.Minute)%60, int64(d/time.Second)%60
	if h > 0 {
		return fmt.Sprintf("%d:%02d:%02d", h, m, s)
	}
	return fmt.Sprintf("%d:%02d", m, s)
}

// percent writes value as a whole percentage of base. The first decimal is kept
// below 10 %, where "0 %" would hide what is left.
func percent(value, base float64) string {
	if base <= 0 {
		return "-"
	}
	p := value / base * 100
	if p < 9.95 {
		return strconv.FormatFloat(p, 'f', 1, 64)
	}
	return strconv.FormatFloat(p, 'f', 0, 64)
}
