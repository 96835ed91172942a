package judge

import (
	"encoding/json"
	"math/rand"
	"testing"

	"k8s.io/kube-openapi/pkg/schemaconv"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/merge"
	"sigs.k8s.io/structured-merge-diff/v6/typed"

	smdschema "sigs.k8s.io/structured-merge-diff/v6/schema"
)

// One of everything that merging tells apart.
const storySchema = `{"type":"object","properties":{
  "data":{"type":"object","additionalProperties":{"type":"string"}},
  "number":{"type":"integer"},
  "spec":{"type":"object","properties":{
    "replicas":{"type":"integer"},
    "list":{"type":"array","items":{"type":"string"}},
    "ref":{"type":"object","x-kubernetes-map-type":"atomic","properties":{"name":{"type":"string"},"kind":{"type":"string"}}},
    "inner":{"type":"object","properties":{"a":{"type":"string"},"tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}}}}}},
  "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
  "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["port","protocol"],
    "items":{"type":"object","properties":{"port":{"type":"integer"},"name":{"type":"string"},
      "protocol":{"type":"string","default":"TCP"},
      "hosts":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
        "items":{"type":"object","properties":{"name":{"type":"string"},"weight":{"type":"integer"}}}}}}},
  "any":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}`

type object = map[string]any

// genStory makes objects of the schema from few names and values, so that writes meet.
type genStory struct {
	*rand.Rand
	nulls bool
}

func (g genStory) maybe(o object, key string, value func() any) {
	switch n := g.Intn(20); {
	case n < 9:
		o[key] = value()
	case n == 9 && g.nulls:
		o[key] = nil
	}
}

func (g genStory) word() any { return pick(g.Rand, "a", "b", "c", "d") }

func (g genStory) words() any {
	out := []any{}
	for _, i := range g.Perm(5)[:g.Intn(5)] {
		out = append(out, string(rune('a'+i)))
	}
	return out
}

func (g genStory) data() any {
	o := object{}
	for _, key := range []string{"a", "b", "c"} {
		g.maybe(o, key, g.word)
	}
	return o
}

func (g genStory) anything(depth int) any {
	switch g.Intn(5) {
	case 0:
		return g.words()
	case 1, 2:
		if depth > 0 {
			o := object{}
			for _, key := range []string{"x", "y"} {
				g.maybe(o, key, func() any { return g.anything(depth - 1) })
			}
			return o
		}
	case 3:
		return g.Intn(2)
	}
	return g.word()
}

func (g genStory) hosts() any {
	out := []any{}
	for _, i := range g.Perm(3)[:g.Intn(4)] {
		host := object{"name": string(rune('a' + i))}
		g.maybe(host, "weight", func() any { return g.Intn(3) })
		out = append(out, host)
	}
	return out
}

func (g genStory) ports() any {
	out := []any{}
	for _, i := range g.Perm(4)[:g.Intn(5)] {
		port := object{"port": 9 + i/2*91}
		if i%2 == 1 {
			port["protocol"] = "UDP"
		} else if g.Intn(2) == 0 {
			port["protocol"] = "TCP"
		}
		g.maybe(port, "name", g.word)
		g.maybe(port, "hosts", g.hosts)
		out = append(out, port)
	}
	return out
}

func (g genStory) object() object {
	o := object{}
	g.maybe(o, "data", g.data)
	g.maybe(o, "number", func() any { return g.Intn(3) })
	g.maybe(o, "tags", g.words)
	g.maybe(o, "ports", g.ports)
	g.maybe(o, "any", func() any {
		o := object{}
		for _, key := range []string{"x", "y"} {
			g.maybe(o, key, func() any { return g.anything(2) })
		}
		return o
	})
	g.maybe(o, "spec", func() any {
		spec := object{}
		g.maybe(spec, "replicas", func() any { return g.Intn(3) })
		g.maybe(spec, "list", g.words)
		g.maybe(spec, "ref", func() any { return object{"name": g.word()} })
		g.maybe(spec, "inner", func() any {
			inner := object{}
			g.maybe(inner, "a", g.word)
			g.maybe(inner, "tags", g.words)
			return inner
		})
		return spec
	})
	return o
}

type step struct {
	By     string `json:"by"`
	Apply  object `json:"apply,omitempty"`
	Update object `json:"update,omitempty"`
	Force  bool   `json:"force,omitempty"`
}

type told struct {
	Object    object         `json:"object,omitempty"`
	Owners    map[string]any `json:"owners,omitempty"`
	Conflicts map[string]any `json:"conflicts,omitempty"`
	Error     string         `json:"error,omitempty"`
}

// reference plays a story with structured-merge-diff, wired as Kubernetes wires it.
type reference struct {
	t        *testing.T
	kind     typed.ParseableType
	live     object
	managers fieldpath.ManagedFields
}

// oneVersion needs no conversions.
type oneVersion struct{}

func (oneVersion) Convert(v *typed.TypedValue, _ fieldpath.APIVersion) (*typed.TypedValue, error) {
	return v, nil
}
func (oneVersion) IsMissingVersionError(error) bool { return false }

const self = "current-operation"

func newReference(t *testing.T) *reference {
	t.Helper()
	var s spec.Schema
	if err := json.Unmarshal([]byte(storySchema), &s); err != nil {
		t.Fatal(err)
	}
	converted, err := schemaconv.ToSchemaFromOpenAPI(map[string]*spec.Schema{"story": &s}, false)
	if err != nil {
		t.Fatal(err)
	}
	parser := typed.Parser{Schema: smdschema.Schema{Types: converted.Types}}
	return &reference{t: t, kind: parser.Type("story"), live: object{}, managers: fieldpath.ManagedFields{}}
}

func (r *reference) typed(o object, options ...typed.ValidationOptions) (*typed.TypedValue, error) {
	return r.kind.FromUnstructured(plain(o), options...)
}

func (r *reference) owners(managers fieldpath.ManagedFields) map[string]any {
	out := map[string]any{}
	for name, set := range managers {
		out[name] = fields(r.t, set.Set())
	}
	return out
}

func fields(t *testing.T, set *fieldpath.Set) any {
	t.Helper()
	text, err := set.ToJSON()
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func (r *reference) play(s step) told {
	updater := (&merge.UpdaterBuilder{Converter: oneVersion{}}).BuildUpdater()
	live, err := r.typed(r.live, typed.AllowDuplicates)
	if err != nil {
		r.t.Fatal(err)
	}
	if s.Update != nil {
		after, err := r.typed(s.Update, typed.AllowDuplicates)
		if err != nil {
			r.t.Fatal(err)
		}
		_, managers, err := updater.Update(live, after, "v1", r.managers, self)
		if err != nil {
			r.t.Fatal(err)
		}
		name := "Update " + s.By
		if set, ok := managers[self]; ok {
			delete(managers, self)
			if old, ok := managers[name]; ok {
				set = fieldpath.NewVersionedSet(set.Set().Union(old.Set()), "v1", false)
			}
			managers[name] = set
		}
		r.live, r.managers = s.Update, managers
		return told{Object: r.live, Owners: r.owners(r.managers)}
	}
	config, err := r.typed(s.Apply)
	if err != nil {
		return told{Error: err.Error()}
	}
	before := fieldpath.ManagedFields{}
	for name, set := range r.managers {
		before[name] = set
	}
	merged, managers, err := updater.Apply(live, config, "v1", r.managers, "Apply "+s.By, s.Force)
	if err != nil {
		conflicts, ok := err.(merge.Conflicts)
		if !ok {
			r.t.Fatal(err)
		}
		r.managers = before
		sets := map[string]*fieldpath.Set{}
		for _, c := range conflicts {
			if sets[c.Manager] == nil {
				sets[c.Manager] = fieldpath.NewSet()
			}
			sets[c.Manager].Insert(c.Path)
		}
		out := map[string]any{}
		for name, set := range sets {
			out[name] = fields(r.t, set)
		}
		return told{Conflicts: out}
	}
	if merged != nil {
		r.live, _ = merged.AsValue().Unstructured().(object)
	}
	r.managers = managers
	return told{Object: r.live, Owners: r.owners(r.managers)}
}

func TestStories(t *testing.T) {
	r, j := random(t), start(t)
	var s any
	if err := json.Unmarshal([]byte(storySchema), &s); err != nil {
		t.Fatal(err)
	}
	for i := range cases(t) {
		g := genStory{r, r.Intn(4) == 0}
		steps := make([]step, 1+r.Intn(6))
		for n := range steps {
			steps[n] = step{By: pick(r, "m", "n", "o"), Force: r.Intn(2) == 0}
			if r.Intn(3) == 0 {
				steps[n].Update = g.object()
			} else {
				steps[n].Apply = g.object()
			}
		}
		// What omitempty drops would be another question.
		for n := range steps {
			if len(steps[n].Apply) == 0 && len(steps[n].Update) == 0 {
				steps[n].Apply, steps[n].Update = object{"number": 1}, nil
			}
		}
		var answer struct{ Steps []told }
		j.ask(t, object{"do": "story", "schema": s, "steps": steps}, &answer)
		ref := newReference(t)
		for n, step := range steps {
			want := ref.play(step)
			if !same(want, answer.Steps[n]) {
				t.Fatalf("story %d, step %d of %s\nwant %s\ngot  %s", i, n, text(steps), text(want), text(answer.Steps[n]))
			}
		}
	}
}
