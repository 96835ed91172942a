package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
)

// place is a namespace of a workspace.
type place struct {
	cluster   string // id
	namespace string
}

func (p place) path() string {
	return "/clusters/" + p.cluster + "/api/v1/namespaces/" + p.namespace + "/configmaps"
}

func (p place) key(name string) string { return p.cluster + "/" + p.namespace + "/" + name }

const (
	ownedByWriter  = 3 // objects that only one writer touches
	sharedByPlace  = 2 // objects for which all writers of a namespace compete
	retriesOfClash = 3
)

// padding makes an object about as large as small ones are.
var padding = strings.Repeat("x", 256)

// writer creates, changes and deletes objects of one place until the context or the server ends.
type writer struct {
	id     int
	seq    int
	place  place
	ledger *ledger
	rng    *rand.Rand

	acks, clashes, unknown int
}

// run returns an error only for an answer that the server must not give.
func (w *writer) run(ctx context.Context, c *client, cycle int, state map[string]object) error {
	mine := map[string]object{}
	for i := range ownedByWriter {
		name := fmt.Sprintf("w%d-%d", w.id, i)
		if o, ok := state[w.place.key(name)]; ok {
			mine[name] = o
		}
	}
	for ctx.Err() == nil {
		var err error
		if w.rng.IntN(4) == 0 {
			err = w.compete(ctx, c, cycle, fmt.Sprintf("shared-%d", w.rng.IntN(sharedByPlace)))
		} else {
			err = w.own(ctx, c, cycle, fmt.Sprintf("w%d-%d", w.id, w.rng.IntN(ownedByWriter)), mine)
		}
		var refusal *statusError
		switch {
		case err == nil:
		case errors.As(err, &refusal):
			return err
		default:
			w.unknown++
			return nil // the server is gone, and so is the answer
		}
	}
	return nil
}

func (w *writer) next(cycle int, key, verb string, prev int64) entry {
	w.seq++
	return entry{Op: fmt.Sprintf("%d-%d-%d", cycle, w.id, w.seq), Writer: w.id, Seq: w.seq, Key: key, Verb: verb, Prev: prev, Outcome: sent}
}

func (w *writer) object(name, op string) object {
	return object{APIVersion: "v1", Kind: "ConfigMap",
		Metadata: metadata{Name: name, Labels: map[string]string{"shade": []string{"red", "blue"}[w.rng.IntN(2)], "op": op}},
		Data:     map[string]string{"op": op, "padding": padding}}
}

// write sends one write between its two ledger lines.
func (w *writer) write(e entry, send func() (int64, error)) error {
	w.ledger.Note(e)
	rv, err := send()
	var refusal *statusError
	switch {
	case err == nil:
		e.Outcome, e.RV = acked, rv
		w.acks++
	case errors.As(err, &refusal):
		e.Outcome = refused
	default:
		return err
	}
	if failed := w.ledger.Commit(e); failed != nil {
		return failed
	}
	return err
}

// own does the next thing to an object that nobody else touches: nothing may be refused.
func (w *writer) own(ctx context.Context, c *client, cycle int, name string, mine map[string]object) error {
	now, exists := mine[name]
	key, path := w.place.key(name), w.place.path()+"/"+name
	put := func(verb, method, target, contentType string, prev int64, edit func(*object)) error {
		e := w.next(cycle, key, verb, prev)
		return w.write(e, func() (int64, error) {
			in, out := w.object(name, e.Op), object{}
			edit(&in)
			if err := c.do(ctx, method, target, contentType, in, &out); err != nil {
				return 0, err
			}
			mine[name] = out
			return out.rv(), nil
		})
	}
	switch kind := w.rng.IntN(8); {
	case !exists:
		return put("create", http.MethodPost, w.place.path(), "application/json", 0, func(*object) {})
	case kind < 2:
		e := w.next(cycle, key, "delete", -1)
		options := map[string]any{"apiVersion": "v1", "kind": "DeleteOptions"}
		if kind == 0 {
			e.Prev = now.rv()
			options["preconditions"] = map[string]any{"resourceVersion": now.Metadata.ResourceVersion, "uid": now.Metadata.UID}
		}
		return w.write(e, func() (int64, error) {
			if err := c.do(ctx, http.MethodDelete, path, "application/json", options, nil); err != nil {
				return 0, err
			}
			delete(mine, name)
			return 0, nil
		})
	case kind < 4:
		return put("patch", http.MethodPatch, path, "application/merge-patch+json", -1, func(o *object) {})
	case kind < 5:
		return put("update", http.MethodPut, path, "application/json", -1, func(*object) {})
	default:
		return put("update", http.MethodPut, path, "application/json", now.rv(), func(o *object) { o.Metadata.ResourceVersion = now.Metadata.ResourceVersion })
	}
}

// compete reads a shared object and replaces what it read: conflicts are expected, lost updates are not.
func (w *writer) compete(ctx context.Context, c *client, cycle int, name string) error {
	key, path := w.place.key(name), w.place.path()+"/"+name
	for range retriesOfClash {
		var now object
		if err := c.do(ctx, http.MethodGet, path, "", nil, &now); err != nil {
			return err
		}
		e := w.next(cycle, key, "update", now.rv())
		err := w.write(e, func() (int64, error) {
			in, out := w.object(name, e.Op), object{}
			in.Metadata.ResourceVersion = now.Metadata.ResourceVersion
			err := c.do(ctx, http.MethodPut, path, "application/json", in, &out)
			return out.rv(), err
		})
		var refusal *statusError
		if errors.As(err, &refusal) && refusal.code == http.StatusConflict {
			w.clashes++
			continue
		}
		return err
	}
	return nil
}
