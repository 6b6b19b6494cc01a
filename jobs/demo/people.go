package demo

import (
	"context"
	"fmt"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/people"
)

// addPeople gives everybody a post by a document. The sign-ins have no end, so that a demonstration still opens next April.
func (l *loader) addPeople(ctx context.Context, tx *tenants.Tx) error {
	host, since := l.found.TenantID, calendar.DateOf(l.now, l.zone).AddDays(-200)
	signed := since.AddDays(-7)
	papers := 0
	post := func(kind tenants.Post, title string) people.PostInput {
		papers++
		in := people.PostInput{Kind: kind, Title: title, FromOn: since, NoEnd: true, By: "町長", Document: fmt.Sprintf("総第%d号", 100+papers), DocumentOn: &signed}
		if kind == tenants.Operator || kind == tenants.Facility {
			in.Manner = people.Designation
		}
		return in
	}
	add := func(login, name, org string, home int64, label tenants.Post, in people.PostInput) error {
		made, password, err := people.Add(ctx, tx, home, people.Input{Login: login, Name: name, Keep: true, Posts: []people.PostInput{in}})
		if err != nil {
			return fmt.Errorf("add %s: %w", login, err)
		}
		l.people[login] = made.ID
		ja, _ := tenants.PostLabel(label)
		l.signin = append(l.signin, fmt.Sprintf("  %-12s %s   %s %s", login, password, org, ja))
		return nil
	}
	for _, s := range staff {
		kind := s.post
		if kind == tenants.HostAdmin {
			kind = tenants.Town // what makes them the manager goes with their office
		}
		if err := add(s.login, s.name, municipalities[0].name, host, s.post, post(kind, s.title)); err != nil {
			return err
		}
	}
	for _, m := range municipalities {
		if err := add(m.login, "見本 太郎", m.name, l.towns[m.login], tenants.Town, post(tenants.Town, m.post)); err != nil {
			return err
		}
	}
	if err := l.addOffice(ctx, tx, since, signed); err != nil {
		return err
	}
	return l.addAuditor(ctx, tx, post(tenants.Auditor, "共同監査"))
}

// addOffice makes the head of the host's section the manager ex officio (蘭越町要領 第16条).
func (l *loader) addOffice(ctx context.Context, tx *tenants.Tx, since, signed calendar.Date) error {
	host := l.found.TenantID
	office, err := people.AddOffice(ctx, tx, host, staff[0].title)
	if err != nil {
		return fmt.Errorf("add an office: %w", err)
	}
	l.office = office.ID
	if _, err = people.AddOfficePost(ctx, tx, host, office.ID, people.OfficePostInput{Kind: tenants.HostAdmin}); err != nil {
		return fmt.Errorf("add an ex officio post: %w", err)
	}
	if _, err = people.HandOver(ctx, tx, host, office.ID, people.HandOverInput{To: l.people[staff[0].login], FromOn: since, Document: "辞令第1号", DocumentOn: &signed}); err != nil {
		return fmt.Errorf("fill an office: %w", err)
	}
	return nil
}

// addAuditor is somebody of a member town who audits two towns at the host, for a time that is soon over.
func (l *loader) addAuditor(ctx context.Context, tx *tenants.Tx, in people.PostInput) error {
	home, other := municipalities[1].login, municipalities[2].login
	end := calendar.DateOf(l.Now, l.zone).AddDays(20)
	in.At, in.NoEnd, in.UntilOn, in.Manner = l.found.TenantID, false, &end, people.Designation
	in.Scope.Towns = []int64{l.towns[home], l.towns[other]}
	_, _, err := people.Add(ctx, tx, l.towns[home], people.Input{Login: "kansa", Name: "見本 梅子", Posts: []people.PostInput{in}})
	if err != nil {
		return fmt.Errorf("add the auditor: %w", err)
	}
	return nil
}
