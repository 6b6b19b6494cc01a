// Package reliability holds the tests that run the real binary and take it apart: killed at every step and at random,
// stopped and resumed, its database killed under it, its disk full. There is no code for the product in it.
//
// A test begins with newWorld, which is one installation: a Postgres of its own that flushes to disk (external, kept by
// the test process, or builtIn, kept by the binary), a consortium with towns, contacts, plans and stores, and a mail
// server (sink) that writes down what it was handed.
//
//	w := newWorld(t, external)
//	n := w.start("deliver.sent=kill@2")  // a node; with steps of database/failpoint, or ""
//	load := w.load(n.address, …)         // machines that check in, nights that come due, people who answer
//	…                                    // n.kill(), n.stop(), n.resume(), n.ended
//	load.stop()
//	w.rest()                             // waits until the pipeline has nothing left to do
//	w.check()                            // every promise, by SQL and by the sink; logs one line
//
// The binary is built once for a run of the tests, with the tag failpoint. Waiting is always for a state, with limits that
// a busy machine keeps.
//
// TANAMORI_KILLS is how often the crash test kills: 200 unless told, make crash says 1000.
package reliability
