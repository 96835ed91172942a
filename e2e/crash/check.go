package crash

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// version is what is stored under a key.
type version struct {
	rv    int64
	op    string
	shade string
}

// model is what must be stored, by all that clients know, at a revision.
type model struct {
	rv    int64
	state map[string]version
}

func versions(s *snapshot) map[string]version {
	out := make(map[string]version, len(s.objects))
	for key, o := range s.objects {
		out[key] = version{rv: o.rv(), op: o.op(), shade: o.Metadata.Labels["shade"]}
	}
	return out
}

// evidence is what clients saw between two moments without writers: the model's revision and `after`.
type evidence struct {
	ops       []*entry    // from the ledger
	watchers  []*watcher  // each has reached the last write in its scope
	snapshots []*snapshot // lists read meanwhile
	after     *snapshot
}

// tally counts, for the totals.
type tally struct {
	events, acked, refused, unknownDone, unknownLost int
}

// advance checks the evidence against the model, and moves the model to its end. What is wrong comes back as text, named by invariant.
func (m *model) advance(e evidence) (tally, []string) {
	var t tally
	var wrong []string
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }

	// What every watcher saw, and one log of what those without a selector saw together (I5: they must agree).
	type account struct {
		w      *watcher
		events []seen
		gaps   [][2]int64
	}
	var accounts []account
	byRevision := map[int64]seen{}
	for _, w := range e.watchers {
		events, gaps := w.drain(e.after.rv)
		accounts = append(accounts, account{w, events, gaps})
		if w.selector != "" {
			continue
		}
		for _, ev := range events {
			if other, ok := byRevision[ev.rv]; ok && other != ev {
				fail("I5: revision %d is %+v for one watcher and %+v for another", ev.rv, other, ev)
			}
			byRevision[ev.rv] = ev
		}
	}
	log := make([]seen, 0, len(byRevision))
	for _, ev := range byRevision {
		log = append(log, ev)
	}
	slices.SortFunc(log, func(a, b seen) int { return cmp.Compare(a.rv, b.rv) })
	t.events = len(log)

	before := make(map[string]version, len(m.state))
	for key, v := range m.state {
		before[key] = v
	}
	t2, wrong2 := m.replay(log, e)
	t.acked, t.refused, t.unknownDone, t.unknownLost = t2.acked, t2.refused, t2.unknownDone, t2.unknownLost
	wrong = append(wrong, wrong2...)
	wrong = append(wrong, differences("I1/I2: after the restart", e.after.rv, m.state, versions(e.after))...)

	for _, a := range accounts {
		expected := project(log, before, a.w, a.gaps)
		wrong = append(wrong, compareEvents(a.w, expected, a.events)...)
	}
	m.state, m.rv = versions(e.after), e.after.rv
	return t, wrong
}

// replay applies the log to the state, event by event, and finds the write of each: I1, I2, I3, and I7 for lists read on the way.
func (m *model) replay(log []seen, e evidence) (tally, []string) {
	var t tally
	var wrong []string
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }

	byOp := map[string]*entry{}
	deletes := map[string][]*entry{}
	for _, op := range e.ops {
		byOp[op.Op] = op
		if op.Verb == "delete" && op.Outcome != refused {
			deletes[op.Key] = append(deletes[op.Key], op)
		}
	}
	done := map[*entry]bool{}
	lastSeq := map[string]int{} // by key and writer
	snapshots := slices.Clone(e.snapshots)
	slices.SortFunc(snapshots, func(a, b *snapshot) int { return cmp.Compare(a.rv, b.rv) })
	compare := func(upTo int64) {
		for len(snapshots) > 0 && snapshots[0].rv < upTo {
			if snapshots[0].rv >= m.rv {
				wrong = append(wrong, differences("I7: a list", snapshots[0].rv, m.state, versions(snapshots[0]))...)
			}
			snapshots = snapshots[1:]
		}
	}

	for _, ev := range log {
		compare(ev.rv)
		now, exists := m.state[ev.key]
		var op *entry
		switch ev.kind {
		case "ADDED", "MODIFIED":
			if exists != (ev.kind == "MODIFIED") {
				fail("I5: %+v, but the object exists: %t", ev, exists)
			}
			if op = byOp[ev.op]; op == nil || op.Key != ev.key {
				fail("I2: %+v is of no write in the ledger", ev)
			}
			m.state[ev.key] = version{rv: ev.rv, op: ev.op, shade: ev.shade}
		case "DELETED":
			if !exists || now.op != ev.op {
				fail("I5: %+v, but stored is %+v", ev, now)
			}
			for _, d := range deletes[ev.key] {
				if !done[d] && (d.Prev == -1 || d.Prev == now.rv) {
					op = d
					break
				}
			}
			if op == nil {
				fail("I2: %+v is of no delete in the ledger", ev)
			}
			delete(m.state, ev.key)
		default:
			fail("I5: an event of type %q", ev.kind)
		}
		if op == nil {
			continue
		}
		if done[op] {
			fail("I2: the write %s of %s appears twice, the second time at %d", op.Op, op.Key, ev.rv)
		}
		done[op] = true
		if op.Outcome == refused {
			fail("I2: the write %s of %s was refused and is there, at %d", op.Op, op.Key, ev.rv)
		}
		if op.RV != 0 && op.RV != ev.rv {
			fail("I3: the write %s of %s was acknowledged at %d and is at %d", op.Op, op.Key, op.RV, ev.rv)
		}
		if op.Prev > 0 && op.Prev != now.rv || op.Prev == 0 && exists {
			fail("I3: the write %s of %s demands revision %d and replaced %d", op.Op, op.Key, op.Prev, now.rv)
		}
		order := fmt.Sprint(op.Key, " ", op.Writer)
		if op.Seq <= lastSeq[order] {
			fail("I3: writer %d wrote %s as number %d after number %d", op.Writer, op.Key, op.Seq, lastSeq[order])
		}
		lastSeq[order] = op.Seq
	}
	compare(e.after.rv + 1)

	for _, op := range e.ops {
		switch {
		case op.Outcome == refused:
			t.refused++
		case op.Outcome == acked:
			t.acked++
			if !done[op] {
				fail("I1: the acknowledged %s %s of %s at %d is lost", op.Verb, op.Op, op.Key, op.RV)
			}
		case done[op]:
			t.unknownDone++
		default:
			t.unknownLost++
		}
	}
	return t, wrong
}

// project is what a watcher must have seen of the log: its scope, its selector (into it, within it, out of it), without the gaps it was told of.
func project(log []seen, before map[string]version, w *watcher, gaps [][2]int64) []seen {
	shades := make(map[string]string, len(before))
	for key, v := range before {
		shades[key] = v.shade
	}
	var out []seen
	for _, ev := range log {
		old, existed := shades[ev.key]
		if ev.kind == "DELETED" {
			delete(shades, ev.key)
		} else {
			shades[ev.key] = ev.shade
		}
		if !strings.HasPrefix(ev.key, w.prefix) || slices.ContainsFunc(gaps, func(g [2]int64) bool { return g[0] < ev.rv && ev.rv <= g[1] }) {
			continue
		}
		if w.selector != "" {
			was, is := existed && w.matches(old), ev.kind != "DELETED" && w.matches(ev.shade)
			switch {
			case was && is:
				ev.kind = "MODIFIED"
			case is:
				ev.kind = "ADDED"
			case was:
				ev.kind = "DELETED"
			default:
				continue
			}
		}
		out = append(out, ev)
	}
	return out
}

func compareEvents(w *watcher, want, got []seen) []string {
	same := func(a, b seen) bool {
		// An event that leaves a selector may show the object as it was.
		return a.kind == b.kind && a.key == b.key && a.rv == b.rv && (a.kind == "DELETED" || a.op == b.op)
	}
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got):
			return []string{fmt.Sprintf("I6: %s: %d of %d events, the next is %+v", w, len(got), len(want), want[i])}
		case i >= len(want):
			return []string{fmt.Sprintf("I5: %s: %d events, wanted %d, too many is %+v", w, len(got), len(want), got[i])}
		case !same(want[i], got[i]):
			return []string{fmt.Sprintf("I5/I6: %s: event %d is %+v, wanted %+v", w, i, got[i], want[i])}
		}
	}
	return nil
}

func differences(what string, rv int64, want, got map[string]version) []string {
	var out []string
	for key, v := range want {
		if g, ok := got[key]; !ok {
			out = append(out, fmt.Sprintf("%s of revision %d lacks %s %+v", what, rv, key, v))
		} else if g != v {
			out = append(out, fmt.Sprintf("%s of revision %d has %s %+v, wanted %+v", what, rv, key, g, v))
		}
	}
	for key, g := range got {
		if _, ok := want[key]; !ok {
			out = append(out, fmt.Sprintf("%s of revision %d has %s %+v, wanted none", what, rv, key, g))
		}
	}
	return out
}
