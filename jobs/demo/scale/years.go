package scale

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
)

// A night's moments, one for all machines but for some minutes.
type night struct {
	of                           calendar.Date
	opens, scheduled, due, judge time.Time
	morning                      time.Time // when the operator confirms
	newest                       bool
}

func (l *loader) night(of calendar.Date) night {
	at := of.AddDays(1).At(2, 0, l.zone)
	return night{of: of, opens: at.Add(-2 * time.Hour), scheduled: at, due: at.Add(90 * time.Minute), judge: at.Add(2 * time.Hour),
		morning: of.AddDays(1).At(8, 40, l.zone), newest: of == l.newest}
}

// years makes up every night, the oldest first: so rows lie in the order in which they would have come.
func (l *loader) years(ctx context.Context) error {
	shared := map[calendar.Date]bool{}
	for _, n := range l.shared {
		shared[n] = true
	}
	done := 0
	l.waiting = func() {
		rows := int64(0)
		for _, table := range evidence {
			rows += l.written[table]
		}
		if step := int(rows / 1_000_000); step > done {
			done = step
			l.say("  %8d行  %4.0f秒", rows, time.Since(l.began).Seconds())
		}
	}
	for n := range l.Nights {
		of := l.night(l.newest.AddDays(1 - l.Nights + n))
		for _, t := range l.towns {
			if t.whole || shared[of.of] {
				l.townsNight(t, of)
			}
			if err := l.flush(ctx, false); err != nil {
				return err
			}
		}
	}
	for day := 1; day <= ahead; day++ {
		of := l.night(l.newest.AddDays(day))
		for _, t := range l.towns {
			for i := range t.machines {
				l.occur(t, &t.machines[i], of, outcome{})
			}
		}
	}
	return l.flush(ctx, true)
}

// townsNight is one town in one night, and the morning after it.
func (l *loader) townsNight(t *place, n night) {
	ids := make([]int64, 0, len(t.machines))
	for i := range t.machines {
		m := &t.machines[i]
		o := l.happened(m, n)
		id := l.occur(t, m, n, o)
		if o.ran {
			l.ran(t, m, n, o, id)
		}
		if o.open() {
			l.incident(t, m, n, o)
		}
		if n.newest {
			l.tables.dutyState.add(t.id, m.duty, id, n.scheduled, n.due, date(n.of), string(o.verdict), o.reason.Code, text(o.reason.Params), o.judged, o.judged)
			l.out.Verdicts[o.verdict]++
			continue
		}
		ids = append(ids, id)
		l.tables.confirmation.add(t.id, l.tables.confirmation.next(), id, n.morning, t.host.person+1, operator, operatorTitle, string(o.verdict), "")
	}
	if len(ids) > 0 { // as one press of the button writes it down
		l.tables.log.add(t.id, l.tables.log.next(), n.morning, t.host.person+1, operator, string(tenants.Operator), string(tenants.Confirm), "occurrence", nil,
			text(map[string]any{"occurrences": ids, "note": ""}), "scale", "192.0.2.1")
	}
}

// outcome is how a machine's night went.
type outcome struct {
	verdict        duty.Verdict // "" for one to come
	reason         tenants.Reason
	ran, good      bool
	started, ended time.Time
	judged         time.Time
	bytes          int64
	recovered      *time.Time
}

// open tells whether somebody was called.
func (o outcome) open() bool { return o.verdict == duty.Failed || o.verdict == duty.Missed }

func clock(t time.Time) string { return t.Format("15:04") }

// happened decides how a machine's night went: of a thousand, three are bad, eight late and two excused.
func (l *loader) happened(m *machine, n night) outcome {
	luck := mix(7, uint64(m.server), uint64(n.of.UTCMidnight().Unix()))
	o := outcome{ran: true, good: true, started: n.scheduled.Add(time.Duration(luck>>20%300) * time.Second),
		bytes: 40_000_000 + int64(mix(8, uint64(m.server))%20_000_000) + int64(luck>>8%400_000)}
	o.ended = o.started.Add(28*time.Minute + time.Duration(luck>>32%600)*time.Second)
	o.verdict, o.reason = duty.Met, tenants.Reason{Code: "backup.good", Params: tenants.Params{"level": "@level.5", "bytes": megabytes(o.bytes)}}
	switch kind := luck % 1000; {
	case kind == 0:
		o.ran, o.verdict, o.reason = false, duty.Missed, tenants.Reason{Code: "duty.missed", Params: tenants.Params{"due": clock(n.due.In(l.zone))}}
	case kind == 1:
		o.good, o.bytes, o.verdict = false, o.bytes*6/10, duty.Failed
		o.reason = tenants.Reason{Code: "backup.cut_short", Params: tenants.Params{"said": megabytes(o.bytes * 10 / 6), "bytes": megabytes(o.bytes), "percent": "60"}}
	case kind == 2:
		o.good, o.bytes, o.verdict = false, o.bytes*4/10, duty.Failed
		o.reason = tenants.Reason{Code: "rules.shrunk", Params: tenants.Params{"now": megabytes(o.bytes), "percent": "40", "before": megabytes(o.bytes * 10 / 4)}}
	case kind < 11:
		o.ended, o.verdict = n.due.Add(12*time.Minute), duty.Late
		o.reason = tenants.Reason{Code: "duty.late", Params: tenants.Params{"due": clock(n.due.In(l.zone)), "at": clock(o.ended.In(l.zone))}}
	case kind < 13:
		o.ran, o.verdict, o.reason = false, duty.Excused, tenants.Reason{Code: "duty.excused", Params: tenants.Params{"reason": "機器の入替え"}}
	}
	o.judged = o.ended.Add(time.Minute)
	if !o.ran {
		o.judged = n.judge
	}
	if o.verdict == duty.Excused {
		o.judged = n.opens
	}
	if o.open() && !n.newest {
		again := n.of.AddDays(1).At(11, 5, l.zone)
		o.recovered = &again
	}
	return o
}

// occur writes the occurrence and, where it was excused, by whom.
func (l *loader) occur(t *place, m *machine, n night, o outcome) int64 {
	id := l.tables.occurrence.next()
	if o.verdict == duty.Pending {
		l.tables.occurrence.add(t.id, id, m.duty, n.scheduled, date(n.of), n.opens, n.scheduled, n.due, n.judge, n.judge, nil, nil, nil, nil,
			nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil)
		return id
	}
	var started, finish, arrived, settle, said, code, params, recoveredCode, recoveredParams any
	if o.ran {
		started, finish, arrived, settle = o.started, o.started.Add(90*time.Minute), o.ended, o.ended.Add(2*time.Hour)
		said, code, params = "good", "backup.good", text(tenants.Params{"level": "@level.5", "bytes": megabytes(o.bytes)})
		if !o.good {
			said, code, params = "bad", o.reason.Code, text(o.reason.Params)
		}
	}
	var outcomeAt any
	if said != nil {
		outcomeAt = o.judged
	}
	if o.recovered != nil {
		recoveredCode, recoveredParams = "backup.good", text(tenants.Params{"level": "@level.5", "bytes": megabytes(o.bytes)})
	}
	l.tables.occurrence.add(t.id, id, m.duty, n.scheduled, date(n.of), n.opens, n.scheduled, n.due, n.judge, nil, started, finish, arrived, settle,
		said, outcomeAt, code, params, string(o.verdict), o.reason.Code, text(o.reason.Params), o.judged, o.recovered, recoveredCode, recoveredParams)
	if o.verdict == duty.Excused {
		l.tables.excuse.add(t.id, l.tables.excuse.next(), id, n.opens.Add(-6*time.Hour), t.host.person, "住民福祉課長 見本 花子", "機器の入替え")
	}
	return id
}

// ran writes what the machine said, the run and what was proved of it.
func (l *loader) ran(t *place, m *machine, n night, o outcome, occurrence int64) {
	rid := key(9, m.source, occurrence)
	sum := fmt.Sprintf("%016x%016x%016x%016x", mix(10, uint64(occurrence)), mix(11, uint64(occurrence)), mix(12, uint64(occurrence)), mix(13, uint64(occurrence)))
	body := fmt.Sprintf(`{"bytes":%d,"files":1,"sha256":%q,"generation":%q}`, o.bytes, sum, n.of.String())
	for _, c := range []struct {
		kind string
		at   time.Time
		body string
	}{{"start", o.started, ""}, {"success", o.ended, body}} {
		l.tables.checkin.add(t.id, l.tables.checkin.next(), m.source, c.at, c.kind, nil, rid, "POST", "192.0.2.7", "tanamori-report", "application/json",
			[]byte(c.body), c.at.Add(time.Second))
	}
	id := l.tables.run.next()
	level, said := int16(5), "good"
	if !o.good {
		level, said = 1, "bad"
	}
	reason := tenants.Reason{Code: "backup.good", Params: tenants.Params{"level": "@level.5", "bytes": megabytes(o.bytes)}}
	if !o.good {
		reason = o.reason
	}
	name := fmt.Sprintf("%s-%s.tar.gz", m.name, n.of.UTCMidnight().Format("20060102"))
	l.tables.run.add(t.id, id, m.plan, occurrence, date(n.of), rid, o.started, o.ended, o.ended.Sub(o.started).Milliseconds(), "ok", int16(0), o.bytes, int64(1),
		sum, "json", name, o.bytes, o.ended, sum, "tar.gz", int64(6), level, said, reason.Code, text(reason.Params), o.judged, o.started)
	for at, step := range []tenants.Reason{
		{Code: "backup.reported", Params: tenants.Params{"at": clock(o.ended.In(l.zone))}},
		{Code: "backup.present", Params: tenants.Params{"name": name, "at": clock(o.ended.In(l.zone)), "bytes": megabytes(o.bytes)}},
		{Code: "backup.plausible", Params: tenants.Params{"bytes": megabytes(o.bytes), "runs": "14"}},
		{Code: "backup.said_matches", Params: tenants.Params{"want": sum[:12], "got": sum[:12]}},
		{Code: "backup.read", Params: tenants.Params{"bytes": megabytes(o.bytes), "took": "0.2秒", "sum": sum[:12]}},
		{Code: "backup.structure", Params: tenants.Params{"format": "tar.gz"}},
	} {
		proved := "passed"
		if !o.good && at == 2 {
			proved, step = "failed", o.reason
		}
		l.tables.verification.add(t.id, l.tables.verification.next(), id, 1, int16(at), proved, step.Code, text(step.Params), o.judged, int64(200))
	}
}

// text is a value as jsonb takes it.
func text(v any) string {
	if p, ok := v.(tenants.Params); ok && p == nil {
		return "{}"
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of strings and numbers
	}
	return string(b)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
