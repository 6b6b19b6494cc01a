package people

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tanamori/tenants"
)

// scopeOf reads a scope as SQL joins it.
func scopeOf(acts, towns string) (s tenants.Scope, err error) {
	for act := range strings.SplitSeq(acts, ",") {
		if act != "" {
			s.Acts = append(s.Acts, tenants.Act(act))
		}
	}
	s.Towns, err = idsOf(towns)
	return s, err
}

func idsOf(list string) (ids []int64, err error) {
	for id := range strings.SplitSeq(list, ",") {
		if id == "" {
			continue
		}
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read ids %q: %w", list, err)
		}
		ids = append(ids, n)
	}
	return ids, nil
}

func joined(acts []tenants.Act) string {
	words := make([]string, len(acts))
	for i, a := range acts {
		words[i] = string(a)
	}
	return strings.Join(words, ",")
}

// checkScope sorts a scope, and tells what is in it that there is not: acts must be of those, towns within sight.
func checkScope(v *tenants.Invalid, tx *tenants.Tx, s tenants.Scope, of []tenants.Act) tenants.Scope {
	s = tenants.Scope{Acts: slices.Clone(s.Acts), Towns: slices.Clone(s.Towns)}
	slices.Sort(s.Acts)
	slices.Sort(s.Towns)
	s.Acts, s.Towns = slices.Compact(s.Acts), slices.Compact(s.Towns)
	for _, a := range s.Acts {
		if !slices.Contains(of, a) {
			v.Add("acts", fmt.Sprintf("「%s」は、ここで選べる事務ではありません。", clipped(string(a))), fmt.Sprintf("%q is no act that can be chosen here.", clipped(string(a))))
			break
		}
	}
	if slices.ContainsFunc(s.Towns, func(t int64) bool { return !tx.Actor.Sees(t) }) {
		v.Add("towns", "団体の指定に、ないものがあります。", "There is no such town.")
	}
	return s
}

// within fills what a scope leaves open with what limits the asker already.
func within(s, limit tenants.Scope) tenants.Scope {
	if len(s.Acts) == 0 {
		s.Acts = limit.Acts
	}
	if len(s.Towns) == 0 {
		s.Towns = limit.Towns
	}
	return s
}

// clipped is a text that somebody sent, short enough to be shown to them.
func clipped(s string) string {
	s = strings.ToValidUTF8(s, "�")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
