package people

import (
	"fmt"
	"slices"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
)

// gives tells whether the actor may give such a post: nobody gives what they may not do, and who is limited to some towns
// gives nothing that reaches all of them.
func gives(tx *tenants.Tx, kind tenants.Post, scope tenants.Scope, at int64) bool {
	grant := tenants.Grant{Post: kind, Scope: scope}
	switch {
	case kind == tenants.Town:
		return tx.Actor.Gives(grant, at)
	case len(scope.Towns) > 0:
		return tx.Actor.Gives(grant, scope.Towns...)
	}
	return tx.Actor.Everywhere(tenants.WritePeople) && tx.Actor.Gives(grant, tx.Actor.Reach(tenants.WritePeople)...)
}

// giving is asked where a post is given, prolonged or comes back.
func giving(tx *tenants.Tx, kind tenants.Post, scope tenants.Scope, at int64) error {
	if err := tx.Permit(tenants.WritePeople, at); err != nil {
		return err
	}
	if !gives(tx, kind, scope, at) {
		return tenants.Forbidden(tenants.WritePeople)
	}
	return nil
}

// givingOffice is giving for all that goes with an office.
func givingOffice(tx *tenants.Tx, o Office) error {
	for _, p := range o.Posts {
		if err := giving(tx, p.Kind, p.Scope, p.At); err != nil {
			return err
		}
	}
	return nil
}

// givingAll is asked before somebody is given what lets them in: whoever hands over a password or a token could use it first, and
// who lets in again gives back all that there was. So they may give every post that the person holds or will hold.
func givingAll(tx *tenants.Tx, p Person) error {
	posts, err := lasting(tx, p)
	if err != nil {
		return err
	}
	for _, o := range posts {
		if !tx.Actor.May(tenants.WritePeople, o.At) || !gives(tx, o.Kind, o.Scope, o.At) {
			return &tenants.Fault{Kind: tenants.KindForbidden, Act: tenants.WritePeople,
				Ja: "この利用者の職には、あなたが与えられないものがあります。その職を与えられる戸籍データ等管理者が行ってください。",
				En: "They hold a post that you could not give; whoever could give it must do this."}
		}
	}
	return nil
}

// lasting are the posts that a person holds or will hold, by the day of the organisation in which each is held.
func lasting(tx *tenants.Tx, p Person) ([]HeldPost, error) {
	var held []int64
	for _, o := range p.Posts {
		held = append(held, o.At)
	}
	var zones []struct {
		ID   int64
		Zone string
	}
	if err := tx.DB.Raw(`SELECT id, zone FROM tenant WHERE id = ANY (CAST(@towns AS bigint[]))`, map[string]any{"towns": &held}).Scan(&zones).Error; err != nil {
		return nil, fmt.Errorf("read what day it is where person %d holds posts: %w", p.ID, err)
	}
	today := map[int64]calendar.Date{} // nothing of one out of sight: a post in it counts
	for _, z := range zones {
		today[z.ID] = calendar.DateOf(tx.Now, zoneOf(z.Zone))
	}
	return slices.DeleteFunc(slices.Clone(p.Posts), func(o HeldPost) bool { return o.UntilOn != nil && o.UntilOn.Before(today[o.At]) }), nil
}

// recordHome writes the line of what concerns a person's own organisation alone.
func recordHome(tx *tenants.Tx, _ Person, line tenants.Line) error { return tx.Record(line) }

// recordEverywhere writes the line of what was done about a person, in their own organisation and in each other one in which they
// hold or will hold a post: what that one asks of a change of people it asks of this one too.
func recordEverywhere(tx *tenants.Tx, p Person, line tenants.Line) error {
	posts, err := lasting(tx, p)
	if err != nil {
		return err
	}
	own, err := organisationOf(tx, p.TenantID)
	if err != nil {
		return err
	}
	lines, told := []tenants.Line{line}, []int64{p.TenantID}
	for _, o := range posts {
		if !slices.Contains(told, o.At) {
			told = append(told, o.At)
			lines = append(lines, tenants.Line{Town: o.At, Act: line.Act, Object: line.Object, ObjectID: line.ObjectID, After: map[string]string{"person": p.Name, "home": own.Name}})
		}
	}
	return tx.Record(lines...)
}
