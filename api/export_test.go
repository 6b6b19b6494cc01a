package api

import "tanamori/tenants"

// Operation is a route as the tests see it.
type Operation struct {
	Method, Path, ID string
	Act              tenants.Act
	Status           int
	Secret           bool
}

// Operations is the route table: what the tests must cover.
func Operations() []Operation {
	all := make([]Operation, 0, len(routes()))
	for _, r := range routes() {
		all = append(all, Operation{r.Method, r.Path, r.ID, r.Act, r.Status, r.Secret})
	}
	return all
}

// WordsFor is wordsFor.
func WordsFor(message, lang string) (text, missing string) { return wordsFor(message, lang) }
