package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants/tenantstest"
)

// The room of one town loses its power: four servers are silent in one night. The clerk reads one mail and presses once.
func TestAnOutageOfSeveralServersIsOneMailAndOneAnswer(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	base := fmt.Sprintf("/towns/%d", s.town)
	place := s.api("POST", base+"/stores", map[string]any{"name": "専用領域", "root": s.store})
	var pings []string
	for n, name := range []string{"戸籍正", "戸籍副", "附票", "連携"} {
		srv := s.api("POST", base+"/servers", map[string]any{"name": name, "role": name})
		plan := s.api("POST", base+"/plans", map[string]any{"server_id": srv["id"], "store_id": place["id"], "name": "夜間バックアップ",
			"cron": "0 2 * * *", "pattern": fmt.Sprint(n) + "-{YYYY}{MM}{DD}.txt", "required_level": 4})
		_, path, ok := strings.Cut(s.api("GET", base+"/plans/"+id(plan["id"]), nil)["ping_url"].(string), "/ping/")
		require.True(t, ok)
		pings = append(pings, "/ping/"+path)
	}
	s.until(20, 18, 1)
	s.until(21, 4, 0)
	require.EqualValues(t, 4, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM incident WHERE state = 'open'`))
	require.Len(t, s.mails(), 1)
	mail := s.mails()[0]
	require.Contains(t, mail.To, "kakari@town.mukawa.example")
	require.Contains(t, mail.Subject, "むかわ町：4件の異常")
	for _, name := range []string{"(1) ", "戸籍正", "戸籍副", "附票", "連携", "(4) "} {
		require.Contains(t, mail.Text, name)
	}
	listed := s.api("GET", fmt.Sprintf("/notices?town_id=%d", s.town), nil)["items"].([]any)[0].(map[string]any)
	require.Len(t, listed["also_about_ids"], 3)

	links := regexp.MustCompile(`http://console\.example(/a/\S+)`).FindAllStringSubmatch(mail.Text, -1)
	require.Len(t, links, 1, mail.Text)
	link := links[0][1]
	status, page := s.ask("GET", link, "", "", nil)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "4件の異常")
	require.EqualValues(t, 0, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM acknowledgement`))
	status, page = s.ask("POST", link, "", "application/x-www-form-urlencoded", []byte("promise=停電のため朝に確認&until=2026-11-21T10:00"))
	require.Less(t, status, 400, page)
	require.EqualValues(t, 4, tenantstest.Value[int64](s.Bench, `SELECT count(DISTINCT incident_id) FROM acknowledgement`))
	s.until(21, 9, 0)
	require.Len(t, s.mails(), 1, "nobody else is told")

	for n, ping := range pings {
		s.ping = ping
		s.backupAs(fmt.Sprint(n), "取り直した控え"+strings.Repeat("。", n))
	}
	s.until(21, 9, 1)
	require.EqualValues(t, 0, tenantstest.Value[int64](s.Bench, `SELECT count(*) FROM incident WHERE state <> 'resolved'`))
	require.Len(t, s.mails(), 1+len(pings), "each copy is examined by itself and heard of as soon as it has proved good")
	require.Contains(t, s.mails()[0].Subject, "復旧しました")
	_, page = s.ask("GET", link, "", "", nil)
	require.Contains(t, page, "すでに復旧しています")
}
