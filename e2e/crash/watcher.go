package crash

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// seen is one event of one object of these tests.
type seen struct {
	kind  string // ADDED, MODIFIED, DELETED
	key   string
	rv    int64
	op    string // of the object in it
	shade string
}

// watcher follows one scope over all runs of the server, always from where it was.
type watcher struct {
	path     string // of the resource
	prefix   string // of the keys in scope
	selector string // label selector; "" for all
	matches  func(shade string) bool

	mu       sync.Mutex
	moved    chan struct{} // closed and replaced when there is something new
	rv       int64         // where to resume
	bookmark int64         // the last bookmark
	events   []seen        // since the last take
	gaps     [][2]int64    // (from, to] that a 410 allowed it to miss, since the last take

	resumes, expired, bookmarks int
}

func (w *watcher) String() string { return w.path + "?" + w.selector }

// run watches until the context or the server ends. It returns an error only for what the server must not send.
func (w *watcher) run(ctx context.Context, c *client) error {
	for ctx.Err() == nil {
		err := w.once(ctx, c)
		var refusal *statusError
		if errors.As(err, &refusal) && refusal.code == http.StatusGone {
			err = w.relist(ctx, c)
		}
		switch {
		case err == nil: // the server closed it, or let it start anew: resume
		case errors.As(err, &refusal), errors.Is(err, errViolation):
			return err
		default:
			return nil // the server is gone
		}
	}
	return nil
}

func (w *watcher) once(ctx context.Context, c *client) error {
	w.mu.Lock()
	from := w.rv
	w.resumes++
	w.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet,
		fmt.Sprintf("%s%s?watch=true&allowWatchBookmarks=true&resourceVersion=%d&labelSelector=%s", c.base, w.path, from, w.selector), nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return &statusError{code: resp.StatusCode}
	}
	for decoder := json.NewDecoder(resp.Body); ; {
		var e event
		if err := decoder.Decode(&e); err != nil {
			return err
		}
		if e.Type == "ERROR" {
			var status struct {
				Code    int    `json:"code"`
				Message string `json:"message"`
			}
			_ = json.Unmarshal(e.Object, &status)
			return &statusError{code: status.Code, body: status.Message}
		}
		var o object
		if err := json.Unmarshal(e.Object, &o); err != nil {
			return err
		}
		if err := w.take(e.Type, &o); err != nil {
			return err
		}
	}
}

// take keeps an event, and checks what needs no other events: order, uniqueness, scope (I5).
func (w *watcher) take(kind string, o *object) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	rv := o.rv()
	if kind == "BOOKMARK" {
		if rv < w.rv {
			return fmt.Errorf("%w: I5: %s: a bookmark of %d after %d", errViolation, w, rv, w.rv)
		}
		w.rv, w.bookmark = rv, rv
		w.bookmarks++
	} else {
		if rv <= w.rv {
			return fmt.Errorf("%w: I5: %s: %s of %s at %d after %d", errViolation, w, kind, o.key(), rv, w.rv)
		}
		w.rv = rv
		if o.ours() {
			if !strings.HasPrefix(o.key(), w.prefix) {
				return fmt.Errorf("%w: I8: %s: an event of %s", errViolation, w, o.key())
			}
			w.events = append(w.events, seen{kind: kind, key: o.key(), rv: rv, op: o.op(), shade: o.Metadata.Labels["shade"]})
		}
	}
	close(w.moved)
	w.moved = make(chan struct{})
	return nil
}

// relist is what a client does on 410: start anew, and know that something may be missing.
func (w *watcher) relist(ctx context.Context, c *client) error {
	s, err := c.listAll(ctx, w.path, "labelSelector="+w.selector, 500)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expired++
	if s.rv < w.rv {
		return fmt.Errorf("%w: I4: %s: a list of revision %d after %d", errViolation, w, s.rv, w.rv)
	}
	w.gaps = append(w.gaps, [2]int64{w.rv, s.rv})
	w.rv = s.rv
	close(w.moved)
	w.moved = make(chan struct{})
	return nil
}

// reach waits until the watcher is at `rv` or beyond.
func (w *watcher) reach(ctx context.Context, rv int64) error {
	for {
		w.mu.Lock()
		at, moved := w.rv, w.moved
		w.mu.Unlock()
		if at >= rv {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("I6: %s: at %d, never reached %d", w, at, rv)
		}
	}
}

// drain hands over the events up to `rv`, and the gaps.
func (w *watcher) drain(rv int64) ([]seen, [][2]int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for n < len(w.events) && w.events[n].rv <= rv {
		n++
	}
	events, gaps := w.events[:n:n], w.gaps
	w.events, w.gaps = w.events[n:], nil
	return events, gaps
}
