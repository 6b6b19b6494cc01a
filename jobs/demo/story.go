package demo

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
)

// Past mishaps, so that there is a history to look at: which town's 戸籍副, how many nights after the first.
var past = []struct {
	town  string
	after int
	wrong mishap
}{{"suttsu", 8, unfinished}, {"aibetsu", 14, truncated}, {"higashikawa", 21, missing}}

// ordinaryNight lets every machine work through one night, and a person look at it in the morning.
func (l *loader) ordinaryNight(ctx context.Context, night calendar.Date, n int) error {
	var acts []act
	for _, p := range l.posts {
		wrong := mishap("")
		for _, x := range past {
			if x.town == p.Town && x.after == n && p.machine.name == "戸籍副" {
				wrong = x.wrong
			}
		}
		more, err := p.night(night, l.zone, wrong)
		if err != nil {
			return err
		}
		acts = append(acts, more...)
	}
	if err := l.play(ctx, acts); err != nil {
		return err
	}
	morning := night.AddDays(1)
	for _, at := range []time.Time{morning.At(4, 0, l.zone), morning.At(5, 0, l.zone), morning.At(7, 30, l.zone)} {
		l.at(at)
		if err := l.tower.RunAll(ctx); err != nil {
			return err
		}
	}
	err := l.answerAll(ctx, "業者に確認し、今夜の取り直しを依頼しました", morning.At(8, 5, l.zone))
	if err != nil {
		return err
	}
	seen := func() error { return l.confirm(ctx, morning.At(8, 40, l.zone), night) }
	if weekday := morning.Weekday(); weekday == time.Saturday || weekday == time.Sunday {
		err = seen()
	} else {
		err = l.use(ctx, "operator", morning.At(8, 32, l.zone), morning.At(8, 45, l.zone), seen)
	}
	if err != nil {
		return err
	}
	return l.daily(ctx, morning, n)
}

// newestNight is the night of the six mishaps. The clock moves in small steps from then until now, so that people are
// told when they would have been, and some of them answer.
func (l *loader) newestNight(ctx context.Context, night calendar.Date) error {
	var acts []act
	for _, p := range l.posts {
		wrong := mishap("")
		if p.machine.name == "戸籍正" {
			wrong = planted[p.Town]
		}
		more, err := p.night(night, l.zone, wrong)
		if err != nil {
			return err
		}
		acts = append(acts, more...)
	}
	sort.SliceStable(acts, func(i, j int) bool { return acts[i].at.Before(acts[j].at) })
	if err := l.prospects(ctx); err != nil {
		return err
	}
	morning := night.AddDays(1)
	for at := morning.At(2, 0, l.zone); at.Before(l.Now); at = at.Add(15 * time.Minute) {
		var due []act
		for len(acts) > 0 && !acts[0].at.After(at) {
			due, acts = append(due, acts[0]), acts[1:]
		}
		if err := l.play(ctx, due); err != nil {
			return err
		}
		l.at(at)
		if err := l.tower.RunAll(ctx); err != nil {
			return err
		}
		if at.Equal(morning.At(4, 30, l.zone)) {
			if err := l.answer(ctx, "mukawa", "業者に確認しています", at.Add(6*time.Hour)); err != nil {
				return err
			}
		}
		if at.Equal(morning.At(9, 0, l.zone)) { // all but one town is at work by then
			if err := l.answerAll(ctx, "業者に確認し、今夜の取り直しを依頼しました", at, "saroma"); err != nil {
				return err
			}
		}
		if at.Equal(morning.At(7, 0, l.zone)) {
			if err := l.phone(ctx, "niseko", "見本 太郎", "登庁後にサーバの状態を確認します", at.Add(4*time.Hour)); err != nil {
				return err
			}
		}
		if at.Equal(morning.At(7, 15, l.zone)) {
			if err := l.correct(ctx, night); err != nil {
				return err
			}
		}
	}
	l.at(l.Now)
	return l.tower.RunAll(ctx)
}

// play does acts in the order of their moments, the clock standing at each.
func (l *loader) play(ctx context.Context, acts []act) error {
	sort.SliceStable(acts, func(i, j int) bool { return acts[i].at.Before(acts[j].at) })
	for _, a := range acts {
		l.at(a.at)
		if err := a.do(ctx, l.intake); err != nil {
			return err
		}
	}
	return nil
}

// open finds a town's incidents that nobody has answered; town 0 means every town's.
func (l *loader) open(ctx context.Context, town int64) (list []incident.Item, err error) {
	err = l.do(ctx, func(ctx context.Context, tx *tenants.Tx) (err error) {
		list, err = incident.List(ctx, tx, incident.Filter{Town: town, State: incident.StateOpen, Limit: 100})
		return err
	})
	return list, err
}

// answerAll answers everything that is open but for some towns, as the towns' section chiefs did on their arrival.
func (l *loader) answerAll(ctx context.Context, promise string, at time.Time, but ...string) error {
	list, err := l.open(ctx, 0)
	if err != nil || len(list) == 0 {
		return err
	}
	l.at(at)
	for _, m := range municipalities {
		for _, i := range list {
			if i.TenantID == l.towns[m.login] && !slices.Contains(but, m.login) {
				if err := l.acknowledge(ctx, m, i.ID, incident.ViaConsole, "", promise, at.Add(22*time.Hour)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (l *loader) answer(ctx context.Context, login, promise string, until time.Time) error {
	return l.each(ctx, login, func(m municipality, id int64) error {
		return l.acknowledge(ctx, m, id, incident.ViaConsole, "", promise, until)
	})
}

func (l *loader) phone(ctx context.Context, login, name, promise string, until time.Time) error {
	return l.each(ctx, login, func(m municipality, id int64) error {
		return l.as(ctx, "operator", func(ctx context.Context, tx *tenants.Tx) error {
			_, err := incident.Acknowledge(ctx, tx, incident.AckInput{Town: l.towns[login], Incident: id, Via: incident.ViaPhone,
				ByText: m.post + " " + name, OccurredAt: l.clock(), Promise: promise, Until: until})
			return err
		})
	})
}

func (l *loader) each(ctx context.Context, login string, fn func(municipality, int64) error) error {
	for _, m := range municipalities {
		if m.login != login {
			continue
		}
		list, err := l.open(ctx, l.towns[login])
		if err != nil {
			return err
		}
		for _, i := range list {
			if err := fn(m, i.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// acknowledge answers as the town's own section chief.
func (l *loader) acknowledge(ctx context.Context, m municipality, id int64, via, by, promise string, until time.Time) error {
	chief := tenants.Person(tenants.Actor{Consortium: l.found.ConsortiumID, TenantID: l.towns[m.login], Name: "見本 太郎", Title: m.post,
		Posts: []tenants.Post{tenants.Town}, Towns: []int64{l.towns[m.login]}, Lang: "ja", RequestID: "demo", Remote: "127.0.0.1"})
	err := l.ground.Do(ctx, chief, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := incident.Acknowledge(ctx, tx, incident.AckInput{Town: l.towns[m.login], Incident: id, Via: via, ByText: by,
			OccurredAt: l.clock(), Promise: promise, Until: until})
		return err
	})
	if err != nil {
		return fmt.Errorf("answer for %s: %w", m.name, err)
	}
	return nil
}

// confirm looks at a night as the operator does in the morning.
func (l *loader) confirm(ctx context.Context, at time.Time, night calendar.Date) error {
	l.at(at)
	return l.as(ctx, "operator", func(ctx context.Context, tx *tenants.Tx) error {
		board, err := duty.ReadBoard(ctx, tx, &night, "")
		if err != nil {
			return err
		}
		var refs []duty.Ref
		for _, c := range board.Cells {
			if c.Confirmable() {
				refs = append(refs, duty.Ref{Town: c.TenantID, OccurrenceID: c.OccurrenceID})
			}
		}
		_, err = duty.Confirm(ctx, tx, refs, "")
		return err
	})
}
