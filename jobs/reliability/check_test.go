package reliability_test

import (
	"time"

	"github.com/stretchr/testify/require"
)

// restless names what the pipeline has still to do. The review of the log is planned for days to come, and waits rightly.
const restless = `SELECT coalesce(array_agg(what ORDER BY what), '{}') FROM (
	SELECT 'night ' || o::text FROM occurrence o WHERE verdict IS NULL AND judge_at < now() + interval '1 day'
	UNION ALL SELECT 'check-in ' || id FROM checkin WHERE taken_at IS NULL
	UNION ALL SELECT 'examination ' || r::text FROM run r WHERE verify_at IS NOT NULL
	UNION ALL SELECT 'rung ' || r::text FROM rung r WHERE state = 'pending' AND due_at <= now()
	UNION ALL SELECT 'promise ' || i::text FROM incident i WHERE state = 'acknowledged' AND ack_until <= now() + interval '1 minute'
	UNION ALL SELECT 'message ' || id || ' ' || state || ' ' || tries || ' ' || coalesce(next_at::text, '') || ' ' || last_error FROM notice
		WHERE state IN ('queued', 'sending')) x (what)`

// rest waits until the pipeline has nothing left to do. Some node must run.
func (w *world) rest() {
	w.t.Helper()
	var left []string
	var err error
	// A message whose end nobody saw is sent again after minutes.
	there := within(3*patience, func() bool {
		if len(left) > 0 {
			time.Sleep(100 * time.Millisecond)
		}
		err = w.owner.QueryRow(w.t.Context(), restless).Scan(&left)
		return err == nil && len(left) == 0
	})
	require.True(w.t, there, "the pipeline does not come to rest: %d things left (%v): %s", len(left), err, left[:min(len(left), 20)])
}

// promises are what must hold once the pipeline rests, each as the count of what breaks it.
var promises = []struct{ what, broken string }{
	{"every occurrence has its verdict", `SELECT count(*) FROM occurrence WHERE (verdict IS NULL OR judged_at IS NULL) AND judge_at < now() + interval '1 day'`},
	{"what nobody did is not called done", `SELECT count(*) FROM occurrence o JOIN duty d ON d.tenant_id = o.tenant_id AND d.id = o.duty_id
		WHERE d.kind = 'silence' AND o.verdict NOT IN ('missed', 'unknown')`},
	{"the board shows the newest verdict", `SELECT count(*) FROM duty d
		CROSS JOIN LATERAL (SELECT * FROM occurrence o WHERE o.tenant_id = d.tenant_id AND o.duty_id = d.id ORDER BY scheduled_at DESC LIMIT 1) o
		LEFT JOIN duty_state s ON s.tenant_id = d.tenant_id AND s.duty_id = d.id AND s.occurrence_id = o.id WHERE s.verdict IS DISTINCT FROM o.verdict`},
	{"every cause whose newest verdict is bad has one open incident, and no other has", `SELECT count(*) FROM duty d
		CROSS JOIN LATERAL (SELECT verdict FROM occurrence o WHERE o.tenant_id = d.tenant_id AND o.duty_id = d.id ORDER BY scheduled_at DESC LIMIT 1) o
		CROSS JOIN LATERAL (SELECT count(*) AS open FROM incident i WHERE i.tenant_id = d.tenant_id AND i.cause = 'duty:' || d.id AND state <> 'resolved') i
		WHERE i.open <> CASE WHEN o.verdict IN ('failed', 'missed', 'unknown') THEN 1 ELSE 0 END`},
	{"an incident was opened once", `SELECT count(*) FROM incident i WHERE
		1 <> (SELECT count(*) FROM incident_event e WHERE e.tenant_id = i.tenant_id AND e.incident_id = i.id AND e.kind = 'opened')`},
	{"an incident ends once", `SELECT count(*) FROM incident i WHERE (i.state = 'resolved')::int
		<> (SELECT count(*) FROM incident_event e WHERE e.tenant_id = i.tenant_id AND e.incident_id = i.id AND e.kind = 'resolved')`},
	{"somebody is told next of every open incident", `SELECT count(*) FROM incident i WHERE i.state = 'open'
		AND NOT EXISTS (SELECT FROM rung r WHERE r.tenant_id = i.tenant_id AND r.incident_id = i.id AND r.state = 'pending')`},
	{"a promise that runs has its answer", `SELECT count(*) FROM incident i WHERE i.state = 'acknowledged' AND (i.ack_until IS NULL
		OR NOT EXISTS (SELECT FROM acknowledgement a WHERE a.tenant_id = i.tenant_id AND a.incident_id = i.id))`},
	{"every promise that passed was called", `SELECT count(*) FROM incident i WHERE i.state = 'open'
		AND (SELECT count(*) FROM acknowledgement a WHERE a.tenant_id = i.tenant_id AND a.incident_id = i.id)
		<> (SELECT count(*) FROM incident_event e WHERE e.tenant_id = i.tenant_id AND e.incident_id = i.id AND e.kind = 'ack_expired')`},
	{"nobody waits for what is over", `SELECT count(*) FROM rung r JOIN incident i ON i.tenant_id = r.tenant_id AND i.id = r.incident_id
		WHERE i.state = 'resolved' AND r.state IN ('pending', 'held')`},
	{"every rung that fired has its message, which tells of its incident", `SELECT count(*) FROM rung r WHERE r.state = 'fired' AND r.mail <> ''
		AND NOT EXISTS (SELECT FROM notice n WHERE n.tenant_id = r.tenant_id AND n.id = r.notice_id AND n.to_address = r.mail AND (n.about_id = r.incident_id
			OR EXISTS (SELECT FROM notice_also a WHERE a.tenant_id = n.tenant_id AND a.notice_id = n.id AND a.about_id = r.incident_id)))`},
	{"every rung was told once", `SELECT count(*) FROM rung r WHERE r.notice_id IS NOT NULL AND 1 <> (SELECT count(*) FROM incident_event e
		WHERE e.tenant_id = r.tenant_id AND e.incident_id = r.incident_id AND e.kind = 'told' AND (e.detail ->> 'rung')::bigint = r.id)`},
	{"every message has an end", `SELECT count(*) FROM notice WHERE state NOT IN ('sent', 'withdrawn') OR claim IS NOT NULL OR next_at IS NOT NULL`},
	{"what was withdrawn reached nobody, and is over", `SELECT count(*) FROM notice n WHERE n.state = 'withdrawn' AND (
		EXISTS (SELECT FROM attempt a WHERE a.tenant_id = n.tenant_id AND a.notice_id = n.id AND a.outcome IN ('sent', 'unknown'))
		OR EXISTS (SELECT FROM incident i WHERE i.tenant_id = n.tenant_id AND i.id = n.about_id AND i.state <> 'resolved'))`},
	{"every try has an end, one of them is the sending", `SELECT count(*) FROM notice n CROSS JOIN LATERAL (
			SELECT count(*) AS tries, count(outcome) AS ended, count(*) FILTER (WHERE outcome = 'sent') AS sent FROM attempt a
			WHERE a.tenant_id = n.tenant_id AND a.notice_id = n.id) a
		WHERE a.tries <> n.tries OR a.ended <> a.tries OR a.sent <> (n.state = 'sent')::int`},
	{"a try whose end nobody saw marks the message", `SELECT count(*) FROM notice n WHERE n.repeated <> EXISTS (SELECT FROM attempt a
		WHERE a.tenant_id = n.tenant_id AND a.notice_id = n.id AND a.outcome = 'unknown')`},
	{"every reported run was examined, once", `SELECT count(*) FROM run r WHERE r.outcome IS NULL OR r.claim IS NOT NULL
		OR 1 <> (SELECT count(DISTINCT examination) FROM verification v WHERE v.tenant_id = r.tenant_id AND v.run_id = r.id)`},
	{"good archives are good and torn ones are not", `SELECT count(*) FROM run r JOIN plan p ON p.tenant_id = r.tenant_id AND p.id = r.plan_id
		WHERE (r.outcome = 'good') <> (p.pattern = 'koseki-0.tar.gz')`},
}

// check holds every promise against what is there, and says in one line what was seen.
func (w *world) check() {
	w.t.Helper()
	kept, strange, statuses := w.answered.all()
	require.Empty(w.t, strange, "answers that no machine should get")
	require.Equal(w.t, len(kept), w.number(`SELECT count(DISTINCT rid) FROM checkin WHERE rid = ANY($1::text[]::uuid[])`, kept),
		"every check-in that was answered is there")
	require.Zero(w.t, w.number(`SELECT count(*) FROM (SELECT FROM checkin WHERE kind = 'log' GROUP BY rid HAVING count(*) > 1) x`), "no check-in is there twice")
	for _, p := range promises {
		require.Zero(w.t, w.number(p.broken), "%s:\n%s", p.what, p.broken)
	}
	repeats := w.checkLetters()
	w.t.Logf("%d kills and stops, %d check-ins answered %v, %d verdicts, %d incidents, %d messages, %d repeats", w.trouble.Load(), len(kept), statuses,
		w.number(`SELECT count(verdict) FROM occurrence`), w.number(`SELECT count(*) FROM incident`), w.number(`SELECT count(*) FROM notice`), repeats)
}

// checkLetters holds what arrived against what was to be sent.
func (w *world) checkLetters() (repeats int) {
	w.t.Helper()
	copies := map[string][]letter{}
	for _, l := range w.sink.all() {
		copies[l.id] = append(copies[l.id], l)
	}
	rows, err := w.owner.Query(w.t.Context(), `SELECT n.message_id, n.tenant_id || '-' || n.id, n.repeated, n.tries,
		count(*) FILTER (WHERE a.outcome = 'unknown') FROM notice n JOIN attempt a ON a.tenant_id = n.tenant_id AND a.notice_id = n.id
		WHERE n.state = 'sent' GROUP BY n.tenant_id, n.id`)
	require.NoError(w.t, err)
	defer rows.Close()
	for rows.Next() {
		var id, ref string
		var repeated bool
		var tries, unknown int
		require.NoError(w.t, rows.Scan(&id, &ref, &repeated, &tries, &unknown))
		came := copies[id]
		require.NotEmpty(w.t, came, "message %s never arrived", ref)
		require.LessOrEqual(w.t, len(came), 1+unknown, "message %s came more often than tries were lost: %v", ref, came)
		require.LessOrEqual(w.t, int64(unknown), w.trouble.Load(), "message %s was lost more often than anything died", ref)
		for i, l := range came {
			require.Equal(w.t, ref, l.ref, "one Message-ID, one message")
			require.True(w.t, i == 0 || l.repeat, "copy %d of message %s is not marked", i+1, ref)
		}
		require.True(w.t, len(came) == 1 || repeated, "message %s came %d times and the record does not say so", ref, len(came))
		repeats += len(came) - 1
		delete(copies, id)
	}
	require.NoError(w.t, rows.Err())
	require.Empty(w.t, copies, "nothing arrived that nobody sent")
	return repeats
}
