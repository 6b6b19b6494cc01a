package scale

import (
	"fmt"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
)

// incident writes who was called about a bad night and how it ended. Those of the newest night are not over: a third of
// them somebody has answered.
func (l *loader) incident(t *place, m *machine, n night, o outcome) {
	id := l.tables.incident.next()
	subject := m.name + " 夜間バックアップ"
	over := !n.newest
	answered := over || mix(20, uint64(m.server))%3 == 0
	opened := o.judged
	state, resolution := incident.StateOpen, ""
	var ackUntil, resolved any
	switch {
	case over:
		state, resolved, resolution = incident.StateResolved, *o.recovered, "正常なバックアップが届きました"
	case answered:
		state, ackUntil = incident.StateAcknowledged, l.Now.Add(8*time.Hour)
	}
	l.tables.incident.add(t.id, id, duty.Cause(m.duty), "duty", m.duty, subject, date(n.of), "critical", o.reason.Code, text(o.reason.Params), state, opened, 30,
		ackUntil, resolved, resolution)
	l.happens(t, id, opened, "opened", tenantsName, incident.Detail{Reason: &o.reason, Severity: "critical", Night: n.of.String()})

	told := 1
	if !answered {
		told = len(t.contacts)
	}
	var firstRung int64
	for i, c := range t.contacts {
		rung := l.tables.rung.next()
		due := opened.Add(time.Duration(15*i) * time.Minute)
		if i == 0 {
			firstRung = rung
		}
		if i >= told {
			left := "dropped"
			if !over {
				left = "held"
			}
			l.tables.rung.add(t.id, rung, id, i+1, c.id, c.post, c.name, c.mail, c.phone, c.hours, 15*i, due, left, nil, nil)
			continue
		}
		mail := l.told(t, id, c, "opened", fmt.Sprintf("rung:%d", rung), incident.LinkFor(rung), "【要対応】"+t.name+" "+subject, due)
		l.tables.rung.add(t.id, rung, id, i+1, c.id, c.post, c.name, c.mail, c.phone, c.hours, 15*i, due, "fired", due, mail)
		l.happens(t, id, due, "told", tenantsName, incident.Detail{Rung: rung, Post: c.post, Name: c.name, Notice: mail, Number: i + 1})
	}
	if !answered { // the last one is called again
		c := t.contacts[len(t.contacts)-1]
		l.tables.rung.add(t.id, l.tables.rung.next(), id, len(t.contacts)+1, c.id, c.post, c.name, c.mail, c.phone, c.hours, 60, l.Now.Add(20*time.Minute), "pending", nil, nil)
		return
	}
	at := opened.Add(9 * time.Minute)
	until := l.Now.Add(8 * time.Hour)
	if over {
		until = opened.Add(10 * time.Hour)
	}
	by := t.contacts[0].post + " " + t.contacts[0].name
	l.tables.ack.add(t.id, l.tables.ack.next(), id, firstRung, at, at, "link", nil, by, by, "業者に確認中です", until)
	l.happens(t, id, at, "acknowledged", by, incident.Detail{Via: "link", Promise: "業者に確認中です", Until: &until})
	if over {
		good := tenants.Reason{Code: "backup.good", Params: tenants.Params{"level": "@level.5", "bytes": megabytes(o.bytes)}}
		l.happens(t, id, *o.recovered, "resolved", tenantsName, incident.Detail{Reason: &good})
		l.told(t, id, t.contacts[0], "resolved", fmt.Sprintf("resolved:%d:%s", id, t.contacts[0].mail), "", "【復旧】"+t.name+" "+subject, *o.recovered)
	}
}

// tenantsName is who writes what no person did.
const tenantsName = "棚守"

func (l *loader) happens(t *place, id int64, at time.Time, kind, who string, d incident.Detail) {
	l.tables.event.add(t.id, l.tables.event.next(), id, at, kind, nil, who, text(d))
}

// told writes a message that was sent, with its one try.
func (l *loader) told(t *place, about int64, c call, kind, dedup, link, subject string, at time.Time) int64 {
	id := l.tables.notice.next()
	var linkFor any
	if link != "" {
		linkFor = link
	}
	l.tables.notice.add(t.id, id, dedup, kind, "incident", about, "mail", c.post, c.name, c.mail, subject, subject+"\n", "<p>"+subject+"</p>", linkFor,
		fmt.Sprintf("<%d.%d@scale.example>", t.id, id), "sent", at, nil, 1, at.Add(time.Second))
	l.tables.attempt.add(t.id, l.tables.attempt.next(), id, 1, at, at.Add(time.Second), "sent", "250 ok")
	return id
}
