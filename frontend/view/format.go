package view

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Bytes is a size as people read it: 3.9 GB, 812 MB, 0 バイト. Units are decimal, as disks and mails state them.
func (l Lang) Bytes(n int64) string {
	if n < 0 {
		return "–"
	}
	if n < 1000 {
		return l.Tr(strconv.FormatInt(n, 10)+"バイト", strconv.FormatInt(n, 10)+" bytes")
	}
	v, units := float64(n)/1000, []string{"kB", "MB", "GB", "TB", "PB", "EB"}
	i := 0
	for v >= 999.5 && i < len(units)-1 {
		v /= 1000
		i++
	}
	if v < 9.95 {
		return fmt.Sprintf("%.1f %s", v, units[i])
	}
	return fmt.Sprintf("%.0f %s", v, units[i])
}

// Duration is a length of time as people say it: 41分, 2時間5分, 3日4時間, 12秒. It is rounded down to its two largest units.
func (l Lang) Duration(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	seconds := int(d/time.Second) % 60
	two := func(a int, ja, en string, b int, jb, eb string) string {
		s := l.Tr(strconv.Itoa(a)+ja, strconv.Itoa(a)+en)
		if b > 0 {
			s += l.Tr("", " ") + l.Tr(strconv.Itoa(b)+jb, strconv.Itoa(b)+eb)
		}
		return s
	}
	switch {
	case days > 0:
		return two(days, "日", " d", hours, "時間", " h")
	case hours > 0:
		return two(hours, "時間", " h", minutes, "分", " min")
	case minutes > 0:
		return two(minutes, "分", " min", 0, "", "")
	}
	return two(seconds, "秒", " s", 0, "", "")
}

// Relative says how far t is from now: 12分前, あと3時間, たった今.
func (l Lang) Relative(t, now time.Time) string {
	d := t.Sub(now)
	switch {
	case d > -30*time.Second && d < 30*time.Second:
		return l.Tr("たった今", "just now")
	case d > 0:
		return l.Tr("あと"+l.Duration(d), "in "+l.Duration(d))
	}
	return l.Tr(l.Duration(d)+"前", l.Duration(d)+" ago")
}

// Number groups thousands: 34,820.
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return sign + b.String()
}
