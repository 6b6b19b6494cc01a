package gate

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// nouns are what the operation log calls the things that addresses name in the plural; what is missing loses its s.
var nouns = map[string]string{"people": "person", "duties": "duty", "days": "local_day", "local-days": "local_day", "outbox": "notice", "log": "operation_log",
	"operation-log": "operation_log", "notices": "notice", "book": "book", "board": "board", "calendar": "local_day", "contact-order": "contact_order",
	"retention": "retention_rule", "tokens": "api_token", "reviews": "log_review"}

// manners are words of addresses that say how a thing is shown, and name none.
var manners = map[string]bool{"settings": true, "new": true, "live": true, "export": true}

func noun(word string) string {
	if n, ok := nouns[word]; ok {
		return n
	}
	return strings.TrimSuffix(strings.ReplaceAll(word, "-", "_"), "s")
}

// thing is what a request is about: the town of its address (0 where it names none), the noun of the last thing that the
// address names, and that thing's id (0 where it is the list of them).
func thing(c echo.Context) (town int64, object string, id int64) {
	segments := strings.Split(strings.TrimPrefix(strings.TrimPrefix(c.Path(), "/api/v1"), "/"), "/")
	for i, s := range segments {
		name, param := strings.CutPrefix(s, ":")
		if !param {
			// After a thing, the last word is what is done with it or a part of it; only a town has things of its own.
			last := i > 0 && strings.HasPrefix(segments[i-1], ":") && i+1 == len(segments) && object != "town"
			if !manners[s] && !last {
				object, id = noun(s), 0
			}
			continue
		}
		n, err := strconv.ParseInt(c.Param(name), 10, 64)
		if err != nil || n <= 0 {
			continue
		}
		if name == "town" || name == "town_id" {
			town = n
			if object == "town" {
				id = n
			}
			continue
		}
		if strings.HasSuffix(name, "id") {
			id = n
		}
	}
	for _, name := range []string{"town", "town_id"} {
		if n, err := strconv.ParseInt(c.QueryParam(name), 10, 64); err == nil && n > 0 && town == 0 {
			town = n
		}
	}
	return town, object, id
}
