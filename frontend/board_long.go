package frontend

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"tanamori/frontend/view"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/duty"
	"tanamori/tenants/town"
)

// townsShown is how many towns one page of the board takes. A consortium has fewer; a prefecture or the country has more.
const townsShown = 40

// longBoard is what a board of many pages knows besides the towns of the page: the figures over all of them.
type longBoard struct {
	figures duty.Figures
	page    town.Page
	found   string // what was typed to find a town
}

// readLong reads the figures over all towns and the cells of one page of them.
func (d *door) readLong(ctx context.Context, tx *tenants.Tx, c echo.Context, r *boardRead, night calendar.Date) (err error) {
	r.long = &longBoard{found: strings.TrimSpace(c.QueryParam("town"))}
	if r.long.figures, err = duty.Sum(ctx, tx, night); err != nil {
		return err
	}
	ask := askOf(c)
	ask.On = &night
	if c.QueryParam("needs") == "1" {
		ask.Only = append([]int64{}, r.long.figures.Calls...)
	}
	if r.long.page, err = town.ListPage(ctx, tx, ask); err != nil {
		return err
	}
	r.towns = r.long.page.Towns
	r.board, err = duty.ReadBoardOf(ctx, tx, idsOf(r.towns), &night, "")
	return err
}

func idsOf(towns []town.Town) []int64 {
	ids := make([]int64, len(towns))
	for i, t := range towns {
		ids[i] = t.ID
	}
	return ids
}

// askOf is the page of the towns that an address asks for.
func askOf(c echo.Context) town.Ask {
	ask := town.Ask{Text: strings.TrimSpace(c.QueryParam("town")), Limit: townsShown}
	for name, to := range map[string]*int64{"after": &ask.After, "until": &ask.Before} {
		if n, err := strconv.ParseInt(c.QueryParam(name), 10, 64); err == nil && n > 0 {
			*to = n
		}
	}
	return ask
}

// townPages are the addresses of the pages beside this one, under base with its own query.
func townPages(base string, q url.Values, p town.Page) view.Pages {
	at := func(name string, id int64) string {
		here := url.Values{}
		for k, v := range q {
			if k != "after" && k != "until" {
				here[k] = v
			}
		}
		here.Set(name, strconv.FormatInt(id, 10))
		return base + "?" + here.Encode()
	}
	pages := view.Pages{Shown: len(p.Towns)}
	if n := len(p.Towns); n > 0 {
		if p.Earlier {
			pages.NewerURL = at("until", p.Towns[0].ID)
		}
		if p.Later {
			pages.OlderURL = at("after", p.Towns[n-1].ID)
		}
	}
	return pages
}

// finding is what a list of towns shows around one page of them: nothing where all are on it.
func finding(c echo.Context, base string, p town.Page) (*view.Find, view.Pages) {
	text := strings.TrimSpace(c.QueryParam("town"))
	if !p.Earlier && !p.Later && text == "" {
		return nil, view.Pages{}
	}
	q := url.Values{}
	if text != "" {
		q.Set("town", text)
	}
	return &view.Find{URL: base, Text: text}, townPages(base, q, p)
}

// longPage fills in the figures over all towns and the way to the other pages.
func (d *door) longPage(c echo.Context, p *view.BoardPage, r boardRead, here string) {
	f := r.long.figures
	p.Sum.Towns, p.Sum.Servers, p.Sum.Needs, p.Sum.Normal = f.Towns, f.Cells, f.Needs, f.Normal()
	p.Sum.Confirmed, p.Sum.Pending, p.Sum.Unknown, p.Confirmable = f.Confirmed, f.Pending, f.Unknown, f.Confirmable
	p.Find = &view.Find{URL: "/board", Text: r.long.found, Hidden: map[string]string{}}
	_, query, _ := strings.Cut(here, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		q = url.Values{} // it was made here
	}
	for k := range q {
		p.Find.Hidden[k] = q.Get(k)
	}
	if r.long.found != "" {
		q.Set("town", r.long.found)
	}
	p.Pages = townPages("/board", q, r.long.page)
	for _, name := range []string{"after", "until"} {
		if v := c.QueryParam(name); v != "" {
			q.Set(name, v)
		}
	}
	p.LiveURL = "/board/live"
	if len(q) > 0 {
		p.LiveURL += "?" + q.Encode()
	}
}

// servedBefore tells whether any town was served before that night.
func (r boardRead) servedBefore(night calendar.Date) bool {
	if r.long != nil {
		return r.long.figures.Joined != nil && r.long.figures.Joined.Before(night)
	}
	return slices.ContainsFunc(r.towns, func(t town.Town) bool { return t.JoinedOn.Before(night) })
}
