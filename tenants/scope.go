package tenants

import "slices"

// Scope (事務の範囲) limits what somebody may do to some acts and some towns. What is empty limits nothing.
type Scope struct {
	Acts  []Act
	Towns []int64
}

// Empty tells whether it limits nothing.
func (s Scope) Empty() bool { return len(s.Acts) == 0 && len(s.Towns) == 0 }

func (s Scope) allows(act Act) bool { return len(s.Acts) == 0 || slices.Contains(s.Acts, act) }

// Grant is what one post allows: the acts of its kind, or those of them that the scope leaves, and where. A post with no
// town listed reaches every town of the actor's.
type Grant struct {
	Post Post
	Scope
}

func (g Grant) allows(act Act) bool {
	return slices.Contains(permits[act], g.Post) && (g.Scope.allows(act) || atHome[act])
}

// May tells whether the actor may do the act in all of these towns; without one, whether there is any where they may.
// Pages use it to show only what can be done.
func (a Actor) May(act Act, towns ...int64) bool {
	if len(towns) > 0 {
		_, may := a.judge(act, towns)
		return may
	}
	return a.Limit.allows(act) && slices.ContainsFunc(a.grants(), func(g Grant) bool { return g.allows(act) })
}

// Reach gives the towns in which the actor may do the act: what a list over several towns is made of. Who may nowhere is
// told so.
func (tx *Tx) Reach(act Act) ([]int64, error) {
	if err := tx.Permit(act); err != nil {
		return nil, err
	}
	return tx.Actor.Reach(act), nil
}

// Reach gives the towns in which the actor may do the act. What is theirs at home only (atHome) makes no list.
func (a Actor) Reach(act Act) []int64 {
	if !a.May(act) {
		return nil
	}
	if a.Grants == nil && len(a.Limit.Towns) == 0 {
		return a.Towns
	}
	a.TenantID = 0
	_, may := a.where(act, len(a.Towns))
	return slices.DeleteFunc(slices.Clone(a.Towns), func(t int64) bool { return !may(t) })
}

// Seen gives the towns within the actor's reach, whatever they may do there.
func (a Actor) Seen() []int64 {
	if a.Grants == nil && len(a.Limit.Towns) == 0 {
		return a.Towns
	}
	sees, _ := a.where("", len(a.Towns))
	return slices.DeleteFunc(slices.Clone(a.Towns), func(t int64) bool { return !sees(t) })
}

// Everywhere tells whether the actor may do the act without any limit of towns: what concerns the whole consortium.
func (a Actor) Everywhere(act Act) bool {
	return a.Limit.allows(act) && len(a.Limit.Towns) == 0 &&
		slices.ContainsFunc(a.grants(), func(g Grant) bool { return len(g.Towns) == 0 && g.allows(act) })
}

// Gives tells whether the actor may give somebody this grant in these towns: nobody gives what they may not do there.
func (a Actor) Gives(g Grant, towns ...int64) bool {
	for act, posts := range permits {
		if slices.Contains(posts, g.Post) && g.Scope.allows(act) && !a.May(act, towns...) {
			return false
		}
	}
	return true
}

// PostsFor are the kinds of posts that allow an act.
func PostsFor(act Act) []Post { return slices.Clone(permits[act]) }

// Acts are those that a post of the kind allows, in the order of the words: what a scope may leave of it.
func (p Post) Acts() []Act {
	var acts []Act
	for act, posts := range permits {
		if slices.Contains(posts, p) {
			acts = append(acts, act)
		}
	}
	slices.Sort(acts)
	return acts
}

// Acts are those that the actor may do somewhere, in the order of the words.
func (a Actor) Acts() []Act {
	var acts []Act
	for act := range permits {
		if a.May(act) {
			acts = append(acts, act)
		}
	}
	slices.Sort(acts)
	return acts
}

func (a Actor) grants() []Grant {
	if a.Grants != nil {
		return a.Grants
	}
	held := make([]Grant, len(a.Posts))
	for i, p := range a.Posts {
		held[i].Post = p
	}
	return held
}

// judge tells of these towns whether all are within the actor's reach, and whether they may do the act in all.
func (a Actor) judge(act Act, towns []int64) (sees, may bool) {
	seesOne, mayOne := a.where(act, len(towns))
	sees, may = true, true
	for _, t := range towns {
		sees = sees && seesOne(t)
		may = may && mayOne(t)
	}
	return sees, may && sees
}

// where gives both questions for one town each, of which so many will be asked.
func (a Actor) where(act Act, asked int) (sees, may func(int64) bool) {
	own, limit := lookup(a.Towns, asked), lookup(a.Limit.Towns, asked)
	within := func(t int64) bool {
		return a.role == roleJob || own(t) && (len(a.Limit.Towns) == 0 || limit(t))
	}
	atAll := a.Limit.allows(act)
	var all, allows func(int64) bool
	for _, g := range a.grants() {
		reaches := lookup(g.Towns, asked)
		if len(g.Towns) == 0 {
			reaches = everywhere
		}
		all = either(all, reaches)
		if g.allows(act) {
			allows = either(allows, reaches)
		}
	}
	home := func(t int64) bool { return atHome[act] && t == a.TenantID && t != 0 && a.Holds(permits[act]...) }
	sees = func(t int64) bool { return within(t) && (a.Grants == nil || home(t) || all != nil && all(t)) }
	may = func(t int64) bool { return atAll && within(t) && (home(t) || allows != nil && allows(t)) }
	return sees, may
}

func everywhere(int64) bool { return true }

func either(a, b func(int64) bool) func(int64) bool {
	if a == nil {
		return b
	}
	return func(t int64) bool { return a(t) || b(t) }
}

// lookup tells which towns a list holds. Where many are asked for they are looked up in a set: a host's night has one
// entry a server.
func lookup(list []int64, asked int) func(int64) bool {
	if asked < 8 || len(list) < 8 {
		return func(t int64) bool { return slices.Contains(list, t) }
	}
	set := make(map[int64]struct{}, len(list))
	for _, t := range list {
		set[t] = struct{}{}
	}
	return func(t int64) bool { _, ok := set[t]; return ok }
}
