package crash

import (
	"strings"
	"testing"
)

// history is a small true story: a is created at 11, changed at 12 and deleted at 13; b is created at 14, and the write of op 5 has no answer.
func history() evidence {
	put := func(key, op string, rv int64) object {
		cluster, rest, _ := strings.Cut(key, "/")
		namespace, name, _ := strings.Cut(rest, "/")
		return object{Metadata: metadata{Name: name, Namespace: namespace, ResourceVersion: itoa(rv), Labels: map[string]string{"shade": "red"},
			Annotations: map[string]string{"kcp.io/cluster": cluster}}, Data: map[string]string{"op": op}}
	}
	events := func() []seen {
		return []seen{{"ADDED", "c/n/a", 11, "1", "red"}, {"MODIFIED", "c/n/a", 12, "2", "red"}, {"DELETED", "c/n/a", 13, "2", "red"}, {"ADDED", "c/n/b", 14, "4", "red"}}
	}
	red := func(shade string) bool { return shade == "red" }
	b := put("c/n/b", "4", 14)
	a := put("c/n/a", "2", 12)
	return evidence{
		ops: []*entry{
			{Op: "1", Writer: 1, Seq: 1, Key: "c/n/a", Verb: "create", RV: 11, Outcome: acked},
			{Op: "2", Writer: 1, Seq: 2, Key: "c/n/a", Verb: "update", Prev: 11, RV: 12, Outcome: acked},
			{Op: "3", Writer: 1, Seq: 3, Key: "c/n/a", Verb: "delete", Prev: -1, Outcome: acked},
			{Op: "4", Writer: 1, Seq: 4, Key: "c/n/b", Verb: "create", RV: 14, Outcome: acked},
			{Op: "5", Writer: 1, Seq: 5, Key: "c/n/b", Verb: "update", Prev: 14, Outcome: sent},
			{Op: "6", Writer: 2, Seq: 1, Key: "c/n/b", Verb: "update", Prev: 12, Outcome: refused},
		},
		watchers: []*watcher{
			{path: "all", events: events(), matches: red},
			{path: "again", prefix: "c/", events: events(), matches: red},
			{path: "red", selector: "shade=red", events: events(), matches: red},
			{path: "elsewhere", prefix: "d/", matches: red},
		},
		snapshots: []*snapshot{{rv: 12, objects: map[string]object{"c/n/a": a}}, {rv: 13, objects: map[string]object{}}},
		after:     &snapshot{rv: 14, objects: map[string]object{"c/n/b": b}},
	}
}

func itoa(n int64) string { return string(rune('0'+n/10)) + string(rune('0'+n%10)) }

// The checks find each kind of broken promise; without one they are silent.
func TestChecks(t *testing.T) {
	drop := func(w *watcher, i int) { w.events = append(w.events[:i:i], w.events[i+1:]...) }
	for _, c := range []struct {
		name  string
		spoil func(*evidence)
		want  string // prefix of a complaint; "" for none
	}{
		{"true", func(*evidence) {}, ""},
		{"an unanswered write is there", func(e *evidence) {
			for _, w := range e.watchers[:3] {
				w.events = append(w.events, seen{"MODIFIED", "c/n/b", 15, "5", "red"})
			}
			o := e.after.objects["c/n/b"]
			o.Metadata.ResourceVersion, o.Data = "15", map[string]string{"op": "5"}
			e.after = &snapshot{rv: 15, objects: map[string]object{"c/n/b": o}}
		}, ""},
		{"a gap that was told", func(e *evidence) {
			drop(e.watchers[1], 1)
			e.watchers[1].gaps = [][2]int64{{11, 12}}
		}, ""},
		{"an acknowledged write is gone from the log", func(e *evidence) {
			for _, w := range e.watchers[:3] {
				drop(w, 3)
			}
			e.after.objects = map[string]object{}
		}, "I1: the acknowledged create 4"},
		{"an acknowledged delete is gone", func(e *evidence) {
			for _, w := range e.watchers[:3] {
				drop(w, 2)
			}
		}, "I1: the acknowledged delete 3"},
		{"the state lacks what the log has", func(e *evidence) { e.after.objects = map[string]object{} }, "I1/I2: after the restart"},
		{"a write appears twice", func(e *evidence) {
			for _, w := range e.watchers[:3] {
				w.events = append(w.events, seen{"MODIFIED", "c/n/b", 15, "4", "red"})
			}
			e.after.rv = 15
		}, "I2: the write 4 of c/n/b appears twice"},
		{"a refused write is there", func(e *evidence) { e.ops[3].Outcome = refused }, "I2: the write 4 of c/n/b was refused"},
		{"nobody wrote it", func(e *evidence) { e.ops[3].Op = "7" }, "I2: {kind:ADDED"},
		{"another revision than acknowledged", func(e *evidence) { e.ops[1].RV = 10 }, "I3: the write 2 of c/n/a was acknowledged at 10"},
		{"a lost update", func(e *evidence) { e.ops[1].Prev = 9 }, "I3: the write 2 of c/n/a demands revision 9 and replaced 11"},
		{"a writer's order", func(e *evidence) { e.ops[0].Seq = 7 }, "I3: writer 1 wrote c/n/a as number 2 after number 7"},
		{"watchers disagree", func(e *evidence) { e.watchers[1].events[1].op = "1" }, "I5: revision 12 is"},
		{"a watcher misses an event", func(e *evidence) { drop(e.watchers[1], 1) }, "I5/I6: again"},
		{"a watcher misses the end", func(e *evidence) { drop(e.watchers[1], 3) }, "I6: again"},
		{"a selector misses an event", func(e *evidence) { drop(e.watchers[2], 0) }, "I5/I6: red"},
		{"an event out of scope", func(e *evidence) { e.watchers[3].events = []seen{{"ADDED", "c/n/a", 11, "1", "red"}} }, "I5: elsewhere"},
		{"a wrong type of event", func(e *evidence) {
			for _, w := range e.watchers[:3] {
				w.events[1].kind = "ADDED"
			}
		}, "I5: {kind:ADDED"},
		{"a list that no revision had", func(e *evidence) { e.snapshots[0].objects = map[string]object{} }, "I7: a list of revision 12 lacks c/n/a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := history()
			c.spoil(&e)
			m := model{rv: 10, state: map[string]version{}}
			_, wrong := m.advance(e)
			if c.want == "" {
				if len(wrong) != 0 {
					t.Fatalf("complaints about the truth: %q", wrong)
				}
				return
			}
			for _, w := range wrong {
				if strings.HasPrefix(w, c.want) {
					return
				}
			}
			t.Fatalf("no complaint %q in %q", c.want, wrong)
		})
	}
}
