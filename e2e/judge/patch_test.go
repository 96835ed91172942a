package judge

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"testing"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

type patched struct {
	Result any    `json:"result"`
	Error  string `json:"error"`
}

// tree is any JSON of few keys.
func tree(r *rand.Rand, depth int, nulls bool) any {
	switch n := r.Intn(8); {
	case n < 3 && depth > 0:
		o := object{}
		for _, key := range []string{"a", "b", "c~/"} {
			if r.Intn(2) == 0 {
				o[key] = tree(r, depth-1, nulls)
			}
		}
		return o
	case n == 3 && depth > 0:
		out := []any{}
		for range r.Intn(4) {
			out = append(out, tree(r, depth-1, nulls))
		}
		return out
	case n == 4 && nulls:
		return nil
	case n == 5:
		return r.Intn(3)
	case n == 6:
		return r.Intn(2) == 0
	}
	return pick(r, "x", "y", "")
}

func rooted(r *rand.Rand, nulls bool) object {
	for {
		if o, ok := tree(r, 4, nulls).(object); ok {
			return o
		}
	}
}

func TestMergePatches(t *testing.T) {
	r, j := random(t), start(t)
	for range cases(t) {
		document, patch := rooted(r, false), rooted(r, true)
		var got patched
		j.ask(t, object{"do": "merge", "document": document, "patch": patch}, &got)
		out, err := jsonpatch.MergePatch([]byte(text(document)), []byte(text(patch)))
		if err != nil {
			t.Fatal(err)
		}
		if !same(json.RawMessage(out), got.Result) {
			t.Fatalf("%s patched with %s\nwant %s\ngot  %s", text(document), text(patch), out, text(got.Result))
		}
	}
}

// pointer leads into the document, mostly.
func pointer(r *rand.Rand, v any) string {
	switch v := v.(type) {
	case object:
		if r.Intn(4) == 0 {
			break
		}
		key := pick(r, "a", "b", "c~/")
		return "/" + pick(r, "a", "b", "c~0~1", "a", "b") + pointer(r, v[key])
	case []any:
		if r.Intn(4) == 0 {
			break
		}
		if len(v) == 0 {
			return "/" + pick(r, "-", "0", "1")
		}
		i := r.Intn(len(v))
		return "/" + pick(r, fmt.Sprint(i), fmt.Sprint(i), "-") + pointer(r, v[i])
	}
	return ""
}

// apply turns the library's panics (a document replaced by no value) into refusals.
func apply(patch jsonpatch.Patch, document []byte) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return patch.Apply(document)
}

func TestJSONPatches(t *testing.T) {
	r, j := random(t), start(t)
	for range cases(t) {
		document := rooted(r, false)
		patch := []any{}
		for range 1 + r.Intn(3) {
			somewhere := func() string {
				key := pick(r, "a", "a", "b")
				return pick(r, "", "", "", "x") + "/" + key + pointer(r, document[key])
			}
			op := object{"op": pick(r, "add", "remove", "replace", "move", "copy", "test"), "path": somewhere()}
			if r.Intn(50) == 0 {
				op["path"] = ""
			}
			switch op["op"] {
			case "add", "replace", "test":
				if r.Intn(10) > 0 {
					op["value"] = tree(r, 2, false)
				}
			case "move", "copy":
				op["from"] = somewhere()
			}
			patch = append(patch, op)
		}
		var got patched
		j.ask(t, object{"do": "json", "document": document, "patch": patch}, &got)
		decoded, err := jsonpatch.DecodePatch([]byte(text(patch)))
		if err != nil {
			t.Fatal(err)
		}
		out, err := apply(decoded, []byte(text(document)))
		if (err != nil) != (got.Error != "") || (err == nil && !same(json.RawMessage(out), got.Result)) {
			t.Fatalf("%s patched with %s\nwant %s %v\ngot  %s %s", text(document), text(patch), out, err, text(got.Result), got.Error)
		}
	}
}

// What strategic merge knows of a type, as struct tags and as the same in OpenAPI.
type item struct {
	Name   string   `json:"name"`
	Value  string   `json:"value,omitempty"`
	Values []string `json:"values,omitempty" patchStrategy:"merge"`
	Items  []item   `json:"items,omitempty" patchStrategy:"merge" patchMergeKey:"name"`
}

type whole struct {
	Text   string            `json:"text,omitempty"`
	Data   map[string]string `json:"data,omitempty"`
	Keep   *item             `json:"keep,omitempty" patchStrategy:"retainKeys"`
	Items  []item            `json:"items,omitempty" patchStrategy:"merge" patchMergeKey:"name"`
	Atomic []item            `json:"atomic,omitempty"`
	Values []string          `json:"values,omitempty" patchStrategy:"merge"`
}

const itemSchema = `{"type":"object","properties":{"name":{"type":"string"},"value":{"type":"string"},
  "values":{"type":"array","items":{"type":"string"},"x-kubernetes-patch-strategy":"merge"},
  "items":{"type":"array","x-kubernetes-patch-strategy":"merge","x-kubernetes-patch-merge-key":"name","items":%s}}}`

func wholeSchema() any {
	leaf := `{"type":"object","properties":{"name":{"type":"string"},"value":{"type":"string"},"values":{"type":"array","items":{"type":"string"},"x-kubernetes-patch-strategy":"merge"}}}`
	items := fmt.Sprintf(itemSchema, leaf)
	var out any
	err := json.Unmarshal([]byte(fmt.Sprintf(`{"type":"object","properties":{"text":{"type":"string"},
    "data":{"type":"object","additionalProperties":{"type":"string"}},"keep":%s,
    "items":{"type":"array","x-kubernetes-patch-strategy":"merge","x-kubernetes-patch-merge-key":"name","items":%s},
    "atomic":{"type":"array","items":%s},"values":{"type":"array","items":{"type":"string"},"x-kubernetes-patch-strategy":"merge"}}}`,
		items, items, items)), &out)
	if err != nil {
		panic(err)
	}
	return out
}

// genStrategic makes objects of `whole` and, with patching, patches of them with directives.
type genStrategic struct {
	*rand.Rand
	patching bool
}

func (g genStrategic) some(o object, key string, value func() any) {
	switch n := g.Intn(10); {
	case n < 5:
		o[key] = value()
	case n == 5 && g.patching:
		o[key] = nil
	}
}

func (g genStrategic) word() any { return pick(g.Rand, "a", "b", "c") }

// values sets a list of words and, in a patch, what is to be removed from it and its order.
func (g genStrategic) values(o object) {
	words := []any{}
	for _, i := range g.Perm(4)[:g.Intn(4)] {
		words = append(words, string(rune('a'+i)))
	}
	if g.Intn(2) == 0 {
		o["values"] = words
	}
	if !g.patching {
		return
	}
	// What the patch sets is not deleted by it: which of the two comes first is not defined.
	if _, set := o["values"]; !set && g.Intn(3) == 0 {
		o["$deleteFromPrimitiveList/values"] = []any{g.word()}
	}
	if _, set := o["values"]; set && g.Intn(3) == 0 {
		o["$setElementOrder/values"] = append(words[:len(words):len(words)], "e", "f")
	}
}

func (g genStrategic) item(name string, depth int) object {
	o := object{"name": name}
	g.some(o, "value", g.word)
	g.values(o)
	if depth > 0 && g.Intn(2) == 0 {
		g.items(o, "items", depth-1)
	}
	return o
}

func (g genStrategic) items(o object, key string, depth int) {
	list, order := []any{}, []any{}
	for _, i := range g.Perm(4)[:g.Intn(4)] {
		name := string(rune('a' + i))
		if g.patching && key == "items" && g.Intn(5) == 0 {
			list = append(list, object{"$patch": "delete", "name": name})
			continue
		}
		list = append(list, g.item(name, depth))
		order = append(order, object{"name": name})
	}
	if g.patching && key == "items" && g.Intn(8) == 0 {
		list = append(list, object{"$patch": "replace"})
	} else if g.patching && key == "items" && g.Intn(3) == 0 && len(list) == len(order) {
		o["$setElementOrder/"+key] = append(order, object{"name": "e"})
	}
	o[key] = list
}

func (g genStrategic) object() object {
	o := object{}
	g.some(o, "text", g.word)
	g.some(o, "data", func() any {
		data := object{}
		g.some(data, "a", g.word)
		g.some(data, "b", g.word)
		if g.patching && g.Intn(4) == 0 {
			data["$patch"] = pick(g.Rand, "replace", "delete", "merge")
		}
		return data
	})
	g.some(o, "keep", func() any {
		plain := genStrategic{g.Rand, false}
		keep := object{}
		plain.some(keep, "name", g.word)
		plain.some(keep, "value", g.word)
		if g.patching && g.Intn(2) == 0 {
			keys := []any{}
			for key := range keep {
				keys = append(keys, key)
			}
			keep["$retainKeys"] = keys
		}
		return keep
	})
	if g.Intn(2) == 0 {
		g.items(o, "items", 1)
	}
	if g.Intn(3) == 0 {
		genStrategic{g.Rand, false}.items(o, "atomic", 1)
	}
	g.values(o)
	return o
}

func TestStrategicMergePatches(t *testing.T) {
	r, j := random(t), start(t)
	schema := wholeSchema()
	meta, err := strategicpatch.NewPatchMetaFromStruct(whole{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range cases(t) {
		document, patch := genStrategic{r, false}.object(), genStrategic{r, true}.object()
		var got patched
		j.ask(t, object{"do": "strategic", "schema": schema, "document": document, "patch": patch}, &got)
		out, err := strategicpatch.StrategicMergeMapPatchUsingLookupPatchMeta(
			plain(document).(object), plain(patch).(object), meta)
		if (err != nil) != (got.Error != "") || (err == nil && !same(out, got.Result)) {
			t.Fatalf("case %d: %s patched with %s\nwant %s %v\ngot  %s %s", i, text(document), text(patch), text(out), err, text(got.Result), got.Error)
		}
	}
}
