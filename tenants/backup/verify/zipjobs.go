package verify

import (
	"bufio"
	"bytes"
	"cmp"
	"hash/crc32"
	"sync"

	"tanamori/tenants/backup/verify/inflate"
)

const (
	// zipJobLeast and zipJobMost bound the packed size of entries that are
	// worth giving to another core: handing over costs something, and what is
	// handed over is held in memory.
	zipJobLeast = 512
	zipJobMost  = 1 << 20
	zipJobs     = 4
)

// zipWorker unpacks entries whose packed size is known beforehand on a second
// core, while the archive is read on.
type zipWorker struct {
	scan *scan
	jobs chan *zipJob
	free chan *zipJob
	made int
	end  sync.Once
	done sync.WaitGroup

	mu    sync.Mutex
	fault error // the first
}

type zipJob struct {
	data []byte
	zipEntry
}

func (s *scan) newZipWorker() *zipWorker {
	w := &zipWorker{scan: s, jobs: make(chan *zipJob, zipJobs), free: make(chan *zipJob, zipJobs)}
	w.done.Go(w.run)
	return w
}

// take fills a job with the data of e, if there is one to spare; false where
// the caller should unpack e itself.
func (w *zipWorker) take(e *zipEntry, in *counted) (bool, error) {
	if w == nil || e.packed < zipJobLeast || e.packed > zipJobMost {
		return false, nil
	}
	var job *zipJob
	select {
	case job = <-w.free:
	default:
		if w.made == zipJobs {
			return false, nil
		}
		w.made++
		job = &zipJob{data: make([]byte, 0, zipJobMost)}
	}
	job.data, job.zipEntry = job.data[:e.packed], *e
	if err := in.full(job.data); err != nil {
		return false, err
	}
	w.jobs <- job // has room for all jobs there are
	return true, w.failed()
}

func (w *zipWorker) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fault
}

// finish waits for what was handed over and returns what was wrong with it;
// that lies before anything the reader of the archive itself met. It may be
// called again.
func (w *zipWorker) finish() error {
	if w == nil {
		return nil
	}
	w.end.Do(func() { close(w.jobs) })
	w.done.Wait()
	return w.fault
}

func (w *zipWorker) run() {
	sum := &sumSink{scan: w.scan, hash: crc32.NewIEEE()}
	tool := inflate.NewDecoder(sum, make([]byte, inflate.BufferSize))
	over := bufio.NewReaderSize(nil, 64<<10)
	for job := range w.jobs {
		if w.failed() == nil {
			if err := job.unpack(sum, tool, over); err != nil {
				w.mu.Lock()
				w.fault = err
				w.mu.Unlock()
			}
		}
		w.free <- job
	}
}

// unpack decodes the job; what is wrong with it, or why it could not be told.
func (j *zipJob) unpack(sum *sumSink, tool *inflate.Decoder, over *bufio.Reader) (err error) {
	defer func() {
		if recover() != nil {
			err = fail("verify.corrupt_entry", "name", printable(j.name), "at", digits(j.at))
		}
	}()
	sum.size = 0
	sum.hash.Reset()
	tool.Reset(sum)
	over.Reset(bytes.NewReader(j.data))
	fault, err := j.zipEntry.unpack(over, tool, sum)
	return cmp.Or(err, fault)
}
