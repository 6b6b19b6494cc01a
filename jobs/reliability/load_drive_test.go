package reliability_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// What the answers are counted by.
const (
	machineKind = "check-ins"
	troubleKind = "bad check-ins"
	pageKind    = "pages"
	apiKind     = "API calls"
	liveKind    = "live boards"
	linkKind    = "answers by link"
)

const patient = 30 * time.Second

// pause is a machine or a person doing something else.
func pause(ctx context.Context, least, most time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(least + time.Duration(rand.Int64N(int64(most-least)))):
	}
}

// ask sends a request and counts its answer. What the end of the load cuts off is counted as no answer.
func (w *loadWorld) ask(ctx context.Context, kind, method, path, body string, header ...string) (int, string) {
	status, _, text := fetch(ctx, method, w.at(path), body, patient, header...)
	w.answers.add(kind, status)
	return status, text
}

// night lets a plan come due and its machine do what machines do, in turn.
func (w *loadWorld) night(ctx context.Context, i int) {
	p := w.plans[i]
	switch fate := (p.nights.Add(1) + int64(i)) % 10; fate {
	case 0: // nothing comes
		w.comeDue(ctx, p)
	case 1: // it begins and never ends
		w.comeDue(ctx, p)
		w.ask(ctx, machineKind, http.MethodPost, "/ping/"+p.uuid+"/start", "")
	case 2, 3: // the machine says that it failed
		w.comeDue(ctx, p)
		w.ask(ctx, machineKind, http.MethodPost, fmt.Sprintf("/ping/%s/%d", p.uuid, 1+rand.IntN(255)), "pg_dump: error: connection to server failed\n")
	case 4, 5: // the archive ends half-way
		w.copyMade(ctx, p, func(b []byte) []byte { return b[:len(b)/2] })
	default:
		w.goodNight(ctx, i)
	}
	pause(ctx, 300*time.Millisecond, 1500*time.Millisecond)
}

func (w *loadWorld) goodNight(ctx context.Context, i int) {
	w.copyMade(ctx, w.plans[i], func(b []byte) []byte { return b })
}

// copyMade is a night with a copy on the store, once the last one has been examined.
func (w *loadWorld) copyMade(ctx context.Context, p *loadPlan, spoil func([]byte) []byte) {
	for busy := int64(1); busy > 0; {
		err := w.Owner.QueryRow(ctx, `SELECT count(*) FROM run WHERE tenant_id = $1 AND plan_id = $2 AND verify_at IS NOT NULL`, p.town, p.id).Scan(&busy)
		if err != nil {
			return
		}
		if busy > 0 {
			pause(ctx, 20*time.Millisecond, 60*time.Millisecond)
		}
	}
	w.comeDue(ctx, p)
	rid := uuid.NewString()
	w.ask(ctx, machineKind, http.MethodPost, "/ping/"+p.uuid+"/start?rid="+rid, "")
	b := spoil(archive())
	if err := p.place(b); err != nil {
		w.t.Errorf("write an archive: %v", err)
		return
	}
	w.ask(ctx, machineKind, http.MethodPost, "/ping/"+p.uuid+"?rid="+rid, fmt.Sprintf(`{"bytes":%d,"files":1,"duration":2.5}`, len(b)), "Content-Type", "application/json")
}

// tick is more than a file's time may lag behind the clock: kernels keep it by the tick of their timer, ten milliseconds
// where there are a hundred a second. A copy written right after its night opened would else be of before it.
const tick = 20 * time.Millisecond

// comeDue makes an occurrence that is due in seconds instead of tonight.
func (w *loadWorld) comeDue(ctx context.Context, p *loadPlan) {
	now := time.Now().Add(-tick)
	_, err := w.Owner.Exec(ctx, `INSERT INTO occurrence (tenant_id, duty_id, period, night, opens_at, scheduled_at, due_at, judge_at, look_at)
		VALUES ($1, $2, $3, $4, $3, $3, $5, $6, $6) ON CONFLICT DO NOTHING`, p.town, p.duty, now, now.In(tokyo).Format(time.DateOnly), now.Add(4*time.Second), now.Add(5*time.Second))
	if err == nil {
		_, err = w.Owner.Exec(ctx, `SELECT pg_notify('tanamori', 'judge:0')`)
	}
	if err != nil && ctx.Err() == nil {
		w.t.Errorf("let a night come due: %v", err)
	}
}

// machine checks in with logs, by every method.
func (w *loadWorld) machine(ctx context.Context, _ int) {
	p := w.plans[rand.IntN(len(w.plans))]
	body := strings.Repeat("U srv/koseki/2026/11/22/some-file.dat\n", rand.IntN(60)) + "processed 12 files, 1.0 MiB in 0:03\nsnapshot 1a2b3c4d saved\n"
	method := []string{http.MethodPost, http.MethodPut, http.MethodGet, http.MethodHead}[rand.IntN(4)]
	if method == http.MethodGet || method == http.MethodHead {
		body = ""
	}
	w.ask(ctx, machineKind, method, "/ping/"+p.uuid+"/log", body, "User-Agent", "curl/8")
	pause(ctx, 2*time.Millisecond, 20*time.Millisecond)
}

// trouble is machines that do not know better.
func (w *loadWorld) trouble(ctx context.Context, _ int) {
	p := w.plans[rand.IntN(len(w.plans))]
	switch rand.IntN(8) {
	case 0:
		w.ask(ctx, troubleKind, http.MethodPost, "/ping/"+uuid.NewString(), "")
	case 1:
		w.ask(ctx, troubleKind, http.MethodGet, "/ping/"+p.uuid[:30]+"/start", "")
	case 2:
		w.ask(ctx, troubleKind, http.MethodPost, "/ping/"+p.uuid+"/999?rid=x", "x")
	case 3:
		w.ask(ctx, troubleKind, http.MethodPost, "/ping/"+p.uuid+"/log", strings.Repeat("\x00\xff見", 40_000))
	case 4:
		w.ask(ctx, machineKind, http.MethodPost, "/ping/"+p.uuid+"/log", strings.Repeat("log line\n", 11_000))
	default:
		w.raw(ctx, p, rand.IntN(3))
	}
	pause(ctx, 5*time.Millisecond, 50*time.Millisecond)
}

// raw is a client that is slow (0), hangs up in the middle of its body (1) or in the middle of its head (2).
func (w *loadWorld) raw(ctx context.Context, p *loadPlan, how int) {
	conn, err := (&net.Dialer{Timeout: patient}).DialContext(ctx, "tcp", w.node.address)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }() // it is rude on purpose
	head := fmt.Sprintf("POST /ping/%s/log HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 60\r\n\r\n", p.uuid)
	if how == 2 {
		_, _ = io.WriteString(conn, head[:len(head)/2])
		return
	}
	_, _ = io.WriteString(conn, head) // whatever fails, the answer is missing
	for range 5 {
		pause(ctx, 10*time.Millisecond, 60*time.Millisecond)
		_, _ = io.WriteString(conn, "a slow line\n")
	}
	if how == 1 || ctx.Err() != nil {
		return
	}
	if conn.SetReadDeadline(time.Now().Add(patient)) == nil {
		b, _ := io.ReadAll(conn)
		status := 0
		_, _ = fmt.Sscanf(string(b), "HTTP/1.1 %d", &status)
		w.answers.add(troubleKind, status)
	}
}

// page is somebody who is signed in and looks around.
func (w *loadWorld) page(ctx context.Context, i int) {
	who := w.people[i]
	p := w.plans[rand.IntN(len(w.plans))]
	paths := []string{"/board", "/board/live", "/incidents", "/outbox", "/log", "/settings", fmt.Sprintf("/towns/%d", p.town), fmt.Sprintf("/towns/%d/book", p.town),
		fmt.Sprintf("/towns/%d/plans/%d", p.town, p.id), fmt.Sprintf("/settings/towns/%d/plans", p.town), "/nowhere"}
	w.ask(ctx, pageKind, http.MethodGet, paths[rand.IntN(len(paths))], "", "Cookie", who.cookie)
	var town, incident int64
	if w.Owner.QueryRow(ctx, `SELECT tenant_id, id FROM incident WHERE state <> 'resolved' LIMIT 1`).Scan(&town, &incident) == nil {
		at := fmt.Sprintf("/towns/%d/incidents/%d", town, incident)
		w.ask(ctx, pageKind, http.MethodGet, at, "", "Cookie", who.cookie)
		w.ask(ctx, pageKind, http.MethodPost, at+"/notes", "text=%E5%9B%9E%E7%B7%9A%E3%82%92%E7%A2%BA%E8%AA%8D%E4%B8%AD", "Cookie", who.cookie,
			"Content-Type", "application/x-www-form-urlencoded")
	}
	pause(ctx, 20*time.Millisecond, 150*time.Millisecond)
}

// caller is a program on the API: it lists, confirms and writes notes, each once whatever the network does.
func (w *loadWorld) caller(ctx context.Context, i int) {
	auth := []string{"Authorization", "Bearer " + w.people[i%len(w.people)].token, "Content-Type", "application/json"}
	p := w.plans[rand.IntN(len(w.plans))]
	paths := []string{"/me", "/board", "/incidents?state=open", "/notices", "/operation-log", "/watch", "/servers?q=%E6%88%B8", "/towns", fmt.Sprintf("/towns/%d/plans/%d/runs", p.town, p.id),
		fmt.Sprintf("/towns/%d/plans/%d/checkins", p.town, p.id)}
	w.ask(ctx, apiKind, http.MethodGet, "/api/v1"+paths[rand.IntN(len(paths))], "", auth...)
	var town, occurrence int64
	err := w.Owner.QueryRow(ctx, `SELECT o.tenant_id, o.id FROM occurrence o LEFT JOIN confirmation c ON c.tenant_id = o.tenant_id AND c.occurrence_id = o.id
		WHERE o.verdict IS NOT NULL AND c.id IS NULL LIMIT 1`).Scan(&town, &occurrence)
	if err == nil {
		body, _ := json.Marshal(map[string]any{"occurrences": []map[string]int64{{"town_id": town, "occurrence_id": occurrence}}})
		key := uuid.NewString()
		for range 2 {
			w.ask(ctx, apiKind, http.MethodPost, "/api/v1/confirmations", string(body), append(auth, "Idempotency-Key", key)...)
		}
	}
	pause(ctx, 20*time.Millisecond, 100*time.Millisecond)
}

// watch has a live board open for a while and closes it.
func (w *loadWorld) watch(ctx context.Context, i int) {
	while, cancel := context.WithTimeout(ctx, 200*time.Millisecond+time.Duration(rand.IntN(2500))*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(while, http.MethodGet, w.at("/events"), nil)
	if err != nil {
		return
	}
	req.Header.Set("Cookie", w.people[i%len(w.people)].cookie)
	resp, err := browser.Do(req)
	if err != nil {
		return
	}
	w.answers.add(liveKind, resp.StatusCode)
	_, _ = io.Copy(io.Discard, resp.Body) // ends with the context
	_ = resp.Body.Close()
}

// answer opens the links of mails and answers some of them.
func (w *loadWorld) answer(ctx context.Context, _ int) {
	link, ok := w.post.link()
	if ok {
		w.ask(ctx, linkKind, http.MethodGet, link, "")
		w.ask(ctx, linkKind, http.MethodPost, link, "promise=%E8%A6%8B%E3%81%BE%E3%81%99", "Content-Type", "application/x-www-form-urlencoded")
	}
	pause(ctx, 50*time.Millisecond, 200*time.Millisecond)
}
