// Package crash kills a server again and again in the middle of writes and watches, and checks what it promised.
package crash

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"sync"
	"testing"
)

// Outcomes of a write, as its writer saw them.
const (
	sent    = "sent"    // no answer came: it happened or it did not
	acked   = "acked"   // the server said yes
	refused = "refused" // the server said no
)

// entry is one line of the ledger. A write has two: sent, and what became of it.
type entry struct {
	Op      string `json:"op"`      // unique; also inside the object, so that every version says which write made it
	Writer  int    `json:"writer"`  // a writer has one write under way at a time,
	Seq     int    `json:"seq"`     // and numbers them
	Key     string `json:"key"`     // cluster/namespace/name
	Verb    string `json:"verb"`    // create, update, patch, delete
	Prev    int64  `json:"prev"`    // the resourceVersion it demands; 0: that there is none; -1: no demand
	RV      int64  `json:"rv"`      // of the answer, 0 if that does not say
	Outcome string `json:"outcome"` //
}

// ledger is a file of what the clients know, on disk before they act on it. It shares nothing with the server.
type ledger struct {
	file *os.File
	wake chan struct{}
	done chan struct{}

	mu      sync.Mutex
	pending []byte
	waiting []chan error
	read    int64 // offset that Take read up to
	fail    error
}

func newLedger(t testing.TB, path string) *ledger {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	l := &ledger{file: file, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go l.sync()
	t.Cleanup(func() {
		close(l.wake)
		<-l.done
		file.Close()
	})
	return l
}

// Note puts an entry into the next group.
func (l *ledger) Note(e entry) { l.add(e, nil) }

// Commit returns when the entry, and every one noted before, is on disk.
func (l *ledger) Commit(e entry) error {
	done := make(chan error, 1)
	l.add(e, done)
	l.wake <- struct{}{}
	return <-done
}

func (l *ledger) add(e entry, done chan error) {
	line, err := json.Marshal(e)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.fail = err
	}
	l.pending = append(append(l.pending, line...), '\n')
	if done != nil {
		l.waiting = append(l.waiting, done)
	}
}

// sync writes groups: one fsync for all that waits.
func (l *ledger) sync() {
	defer close(l.done)
	for range l.wake {
		l.mu.Lock()
		data, waiting, err := l.pending, l.waiting, l.fail
		l.pending, l.waiting = nil, nil
		l.mu.Unlock()
		if len(data) == 0 {
			continue
		}
		if err == nil {
			if _, err = l.file.Write(data); err == nil {
				err = l.file.Sync()
			}
		}
		for _, done := range waiting {
			done <- err
		}
	}
}

// Take reads the writes noted since the last Take back from the file, each with its last known outcome. No writer may be running.
func (l *ledger) Take(t testing.TB) []*entry {
	t.Helper()
	if err := l.Commit(entry{}); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(io.NewSectionReader(l.file, l.read, 1<<62))
	byOp := map[string]*entry{}
	var ops []*entry
	for {
		line, err := r.ReadBytes('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		l.read += int64(len(line))
		e := &entry{}
		if err := json.Unmarshal(line, e); err != nil {
			t.Fatal(err)
		}
		if e.Op == "" {
			continue
		}
		if before := byOp[e.Op]; before != nil {
			*before = *e
			continue
		}
		byOp[e.Op] = e
		ops = append(ops, e)
	}
	return ops
}
