// Package failpoint names the steps of the program at which a test may kill or stop it. In an ordinary build Here is
// empty and leaves nothing behind; built with the tag failpoint it obeys TANAMORI_FAILPOINT, a list of
//
//	step=act@n
//
// separated by commas. On the n-th pass of the step (the first where @n is missing) the process does to itself what act
// says: kill (SIGKILL: nothing is put in order) or stop (SIGSTOP: it stands still until somebody sends SIGCONT).
//
// The steps, in the order of the pipeline. Those of a job's transaction stand for each job that works in one:
//
//	migrate.applied      a migration file has been applied, the next one has not begun
//	checkin.sent         a batch of check-ins is with the database, its commit has not been heard of
//	checkin.committed    the batch is committed, nobody has been answered
//	<job>.uncommitted    takein, judge, reopen, escalate: all is written, the commit has not been sent
//	<job>.committed      … the commit has been heard of
//	verify.claimed       a run is ours, nothing has been read
//	archive.reading      the archive is being read
//	verify.read          it has been read, nothing is written down
//	verify.uncommitted   the finding is written, the commit has not been sent
//	verify.settled       the finding is committed
//	deliver.claimed      messages are ours, none has left
//	letter.writing       something is about to be written to the mail server
//	letter.taken         the mail server has taken a letter over
//	deliver.sent         the whole batch has been sent, nothing is marked
//	deliver.uncommitted  how it ended is written, the commit has not been sent
//	deliver.marked       how it ended is committed
package failpoint

// Steps are the names above. A test that goes through all of them ranges over it; a test keeps it equal to what stands in
// the source.
var Steps = []string{
	"migrate.applied",
	"checkin.sent", "checkin.committed",
	"takein.uncommitted", "takein.committed",
	"judge.uncommitted", "judge.committed",
	"reopen.uncommitted", "reopen.committed",
	"escalate.uncommitted", "escalate.committed",
	"verify.claimed", "archive.reading", "verify.read", "verify.uncommitted", "verify.settled",
	"deliver.claimed", "letter.writing", "letter.taken", "deliver.sent", "deliver.uncommitted", "deliver.marked",
}
