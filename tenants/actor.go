package tenants

import (
	"strings"
	"time"
)

// Post is a kind of office (職) a person holds; the permit table speaks of posts, never of persons.
type Post string

// The posts of this installation. HostAdmin is 戸籍データ等管理者, Operator 操作者 and Facility 施設管理者 of the host; Auditor
// reads everything; Town is the staff of one participating town.
const (
	HostAdmin Post = "host_admin"
	Operator  Post = "operator"
	Facility  Post = "facility"
	Auditor   Post = "auditor"
	Town      Post = "town"
	// LinkHolder is whoever opened the link of a mail: may answer that one incident and see nothing else.
	LinkHolder Post = "link"
	// Pipeline is Tanamori itself: its jobs.
	Pipeline Post = "pipeline"
)

// PostLabel is the post's name for people, Japanese and English.
func PostLabel(p Post) (ja, en string) {
	switch p {
	case HostAdmin:
		return "戸籍データ等管理者", "Koseki data manager"
	case Operator:
		return "操作者", "Operator"
	case Facility:
		return "施設管理者", "Facility manager"
	case Auditor:
		return "監査担当", "Auditor"
	case Town:
		return "関係町村職員", "Town staff"
	case LinkHolder:
		return "連絡先", "Contact"
	case Pipeline:
		return "棚守", "Tanamori"
	}
	return string(p), string(p)
}

// Actor is who asks: a signed-in person, the holder of a mail's link, or a job. It is made by the gate or by a job,
// never by a room, and it does not change during a request.
type Actor struct {
	Consortium int64   // whose host and towns these are; 0 for jobs
	TenantID   int64   // the organisation the person belongs to
	PersonID   int64   // 0 where no person signed in
	Name       string  // as it is kept beside the id in every record
	Title      string  // 住民福祉課長
	Posts      []Post  // what they hold today
	Towns      []int64 // whose rows they may see
	Grants     []Grant // what each post allows and where; nil: each all that its kind allows, in all of Towns
	Limit      Scope   // of the token that speaks for them
	Machine    bool    // a machine's token speaks: nobody signed in, and it is nobody's second person
	Lang       string  // "ja" or "en"
	RequestID  string
	Remote     string
	SignIn     int64     // the sign-in whose session this is; 0 for a token, a link or a job
	Owes       Owed      // what the person has to do before anything else; empty: nothing
	Second     string    // who has confirmed what they do, as it is kept in every record
	SecondID   int64     // … and their id; 0 where nobody has
	Beside     bool      // … at the same screen, having proved there who they are
	Until      time.Time // when the session ends without use; zero where there is none
	Stale      bool      // they proved who they are too long ago for what is sensitive
	NoFactor   bool      // … and have a second factor, which they have not shown lately

	role string
}

// The database roles of migration 1.
const (
	roleTown = "tanamori_town"
	roleHost = "tanamori_host"
	roleJob  = "tanamori_job"
	roleGate = "tanamori_gate"
)

// Person is a signed-in person. Host posts act for the whole consortium, Town for its own town only: towns is what the
// sign-in found, and the database role follows from the posts.
func Person(a Actor) Actor {
	a.role = roleTown
	for _, p := range a.Posts {
		if p == HostAdmin || p == Operator || p == Facility || p == Auditor {
			a.role = roleHost
		}
	}
	return a
}

// Job is Tanamori at work for every town at once; it reaches only the pipeline's tables.
func Job(name string) Actor {
	return Actor{Name: "棚守", Title: name, Posts: []Post{Pipeline}, Lang: "ja", RequestID: "job:" + name, role: roleJob}
}

// Gate is the door before anybody is known: it may look up logins, tokens and links, and nothing else.
func Gate(requestID, remote string) Actor {
	return Actor{Name: "棚守", Title: "gate", Lang: "ja", RequestID: requestID, Remote: remote, role: roleGate}
}

// Link is whoever holds a mail's link to one town's incident.
func Link(tenantID int64, name, requestID, remote string) Actor {
	return Actor{TenantID: tenantID, Name: name, Posts: []Post{LinkHolder}, Towns: []int64{tenantID}, Lang: "ja",
		RequestID: requestID, Remote: remote, role: roleTown}
}

// Holds tells whether the actor holds any of the posts.
func (a Actor) Holds(posts ...Post) bool {
	for _, have := range a.Posts {
		for _, want := range posts {
			if have == want {
				return true
			}
		}
	}
	return false
}

// IsHost tells whether the actor acts for the host town and so sees the whole consortium.
func (a Actor) IsHost() bool { return a.role == roleHost }

// Sees tells whether rows of this town are within the actor's reach.
func (a Actor) Sees(tenantID int64) bool {
	sees, _ := a.judge("", []int64{tenantID})
	return sees
}

// Text is how the actor stands in a record for good: post and name as they were on that day.
func (a Actor) Text() string {
	text := strings.TrimSpace(a.Title + " " + a.Name)
	if a.Second != "" {
		text += "（照合：" + a.Second + "）"
	}
	return text
}

func (a Actor) postText() string {
	s := make([]string, len(a.Posts))
	for i, p := range a.Posts {
		s[i] = string(p)
	}
	return strings.Join(s, ",")
}
