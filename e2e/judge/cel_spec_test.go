package judge

import (
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"cel.dev/expr"
	_ "cel.dev/expr/conformance/proto2" // what the files' messages name
	_ "cel.dev/expr/conformance/proto3"
	conformance "cel.dev/expr/conformance/test"
	"google.golang.org/protobuf/encoding/prototext"
)

// The language's own test cases, read from the module cache, and which of them Kubernetes has no use for.
var celSpecFiles = []string{"basic", "comparisons", "lists", "string", "logic", "macros", "macros2", "integer_math", "fp_math",
	"conversions", "timestamps", "fields", "optionals", "string_ext", "lists_ext", "parse", "plumbing", "namespace"}

// outside says why Kubernetes' environment does not know a case; "" when it does. What it does not know for another
// reason is asked of it below.
func outside(test *conformance.SimpleTest) string {
	switch {
	case strings.Contains(test.GetExpr(), "TestAllTypes") || strings.Contains(test.GetExpr(), "google.protobuf."):
		return "messages of Protocol Buffers: Kubernetes' objects are JSON"
	case test.GetContainer() != "":
		return "containers of names"
	case test.GetDisableCheck():
		return "expressions that are not checked are not run"
	case test.GetDisableMacros():
		return "macros cannot be switched off"
	}
	for _, v := range test.GetBindings() {
		if v.GetValue() == nil || v.GetValue().GetObjectValue() != nil {
			return "variables that are messages or unknown"
		}
	}
	for _, d := range test.GetTypeEnv() {
		if d.GetIdent() == nil {
			return "functions of the case's own"
		}
		if _, ok := signature(d.GetIdent().GetType()); !ok {
			return "variables of message types"
		}
	}
	return ""
}

// signature writes a type as Atoll's tables have it.
func signature(t *expr.Type) (string, bool) {
	switch t := t.GetTypeKind().(type) {
	case *expr.Type_Dyn:
		return "dyn", true
	case *expr.Type_Null:
		return "null", true
	case *expr.Type_Primitive:
		name := strings.ToLower(t.Primitive.String())
		return map[string]string{"int64": "int", "uint64": "uint"}[name] + map[string]string{"bool": "bool", "double": "double", "string": "string", "bytes": "bytes"}[name], true
	case *expr.Type_ListType_:
		element, ok := signature(t.ListType.GetElemType())
		return "list(" + element + ")", ok
	case *expr.Type_MapType_:
		key, ok := signature(t.MapType.GetKeyType())
		value, ok2 := signature(t.MapType.GetValueType())
		return "map(" + key + "," + value + ")", ok && ok2 && key == "string"
	}
	return "", false
}

// bound is a value for both sides: JSON, and what cel-go takes.
func bound(v *expr.Value) (asJSON, native any, ok bool) {
	switch k := v.GetKind().(type) {
	case *expr.Value_NullValue:
		return nil, nil, true
	case *expr.Value_BoolValue:
		return k.BoolValue, k.BoolValue, true
	case *expr.Value_Int64Value:
		return k.Int64Value, k.Int64Value, true
	case *expr.Value_Uint64Value:
		return k.Uint64Value, k.Uint64Value, true
	case *expr.Value_DoubleValue:
		return k.DoubleValue, k.DoubleValue, true
	case *expr.Value_StringValue:
		return k.StringValue, k.StringValue, true
	case *expr.Value_BytesValue:
		return base64.StdEncoding.EncodeToString(k.BytesValue), k.BytesValue, true
	case *expr.Value_ListValue:
		list, natives := []any{}, []any{}
		for _, e := range k.ListValue.GetValues() {
			j, n, ok := bound(e)
			if !ok {
				return nil, nil, false
			}
			list, natives = append(list, j), append(natives, n)
		}
		return list, natives, true
	case *expr.Value_MapValue:
		out, natives := object{}, map[string]any{}
		for _, e := range k.MapValue.GetEntries() {
			key, ok := e.GetKey().GetKind().(*expr.Value_StringValue)
			j, n, ok2 := bound(e.GetValue())
			if !ok || !ok2 {
				return nil, nil, false
			}
			out[key.StringValue], natives[key.StringValue] = j, n
		}
		return out, natives, true
	}
	return nil, nil, false
}

// expected is a case's value, tagged; nil when it cannot be said so.
func expected(v *expr.Value) any {
	switch k := v.GetKind().(type) {
	case *expr.Value_NullValue:
		return []any{"null"}
	case *expr.Value_BoolValue:
		return []any{"bool", k.BoolValue}
	case *expr.Value_Int64Value:
		return []any{"int", strconv.FormatInt(k.Int64Value, 10)}
	case *expr.Value_Uint64Value:
		return []any{"uint", strconv.FormatUint(k.Uint64Value, 10)}
	case *expr.Value_DoubleValue:
		return []any{"double", fmt.Sprintf("%g", k.DoubleValue)}
	case *expr.Value_StringValue:
		return []any{"string", k.StringValue}
	case *expr.Value_BytesValue:
		return []any{"bytes", base64.StdEncoding.EncodeToString(k.BytesValue)}
	case *expr.Value_TypeValue:
		return []any{"type", k.TypeValue}
	case *expr.Value_ListValue:
		items := []any{}
		for _, e := range k.ListValue.GetValues() {
			items = append(items, expected(e))
		}
		return []any{"list", items}
	case *expr.Value_MapValue:
		entries := []any{}
		for _, e := range k.MapValue.GetEntries() {
			entries = append(entries, []any{expected(e.GetKey()), expected(e.GetValue())})
		}
		sort.Slice(entries, func(i, j int) bool { return text(entries[i].([]any)[0]) < text(entries[j].([]any)[0]) })
		return []any{"map", entries}
	}
	return nil
}

// passes says how a verdict misses what the case wants, or "".
func passes(test *conformance.SimpleTest, got verdict) string {
	if got.Issues != "" {
		if test.GetEvalError() != nil {
			return "" // refused earlier
		}
		return got.Issues
	}
	value := test.GetValue()
	switch {
	case test.GetTypedResult() != nil:
		value = test.GetTypedResult().GetResult()
		if test.GetCheckOnly() {
			return ""
		}
	case test.GetEvalError() != nil || test.GetAnyEvalErrors() != nil:
		if got.Error == "" {
			return "no error but " + text(got.Value)
		}
		return ""
	}
	if value == nil {
		value = &expr.Value{Kind: &expr.Value_BoolValue{BoolValue: true}}
	}
	if got.Error != "" {
		return "error: " + got.Error
	}
	if want := expected(value); text(plain(want)) != text(got.Value) {
		return fmt.Sprintf("want %s, got %s", text(want), text(got.Value))
	}
	return ""
}

func TestCelSpec(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "cel.dev/expr").Output()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(strings.TrimSpace(string(out)), "tests", "simple", "testdata")
	j := start(t)
	passed := 0
	excluded := map[string][]string{}
	for _, name := range celSpecFiles {
		source, err := os.ReadFile(filepath.Join(folder, name+".textproto"))
		if err != nil {
			t.Fatal(err)
		}
		var file conformance.SimpleTestFile
		if err := prototext.Unmarshal(source, &file); err != nil {
			t.Fatal(err)
		}
		for _, section := range file.GetSection() {
			for _, test := range section.GetTest() {
				id := name + "/" + section.GetName() + "/" + test.GetName()
				if why := outside(test); why != "" {
					excluded[why] = append(excluded[why], id)
					continue
				}
				var variables []variable
				for _, d := range test.GetTypeEnv() {
					kind, _ := signature(d.GetIdent().GetType())
					v := variable{Name: d.GetName(), Type: kind}
					v.Value, v.native, _ = bound(test.GetBindings()[d.GetName()].GetValue())
					variables = append(variables, v)
				}
				for name, b := range test.GetBindings() {
					if !strings.Contains(text(variables), `"name":"`+name+`"`) {
						v := variable{Name: name, Type: "dyn"}
						v.Value, v.native, _ = bound(b.GetValue())
						variables = append(variables, v)
					}
				}
				got := j.cel(t, test.GetExpr(), variables)
				wrong := passes(test, got)
				if wrong == "" {
					passed++
					continue
				}
				// Then Kubernetes must see it as we do.
				want, err := celGo(test.GetExpr(), variables)
				if err != nil {
					t.Fatal(err)
				}
				if difference := differ(want, got); difference != "" {
					t.Errorf("%s: %s\n  %s\n  Kubernetes: %s", id, test.GetExpr(), wrong, difference)
					continue
				}
				excluded["Kubernetes does otherwise"] = append(excluded["Kubernetes does otherwise"], id+": "+wrong)
			}
		}
	}
	t.Logf("%d cases pass", passed)
	for why, ids := range excluded {
		t.Logf("%d excluded: %s\n  %s", len(ids), why, strings.Join(ids, "\n  "))
	}
	if passed < 900 {
		t.Errorf("only %d cases were asked", passed)
	}
}
