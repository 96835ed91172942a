package judge

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
)

// variable is one that an expression may use. Types are written as Atoll's tables write them: list(int), map(string,dyn).
type variable struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value any    `json:"value"`
	// For cel-go, when the JSON value does not say it: uint, bytes, ...
	native any
}

// verdict is what one side says of an expression.
type verdict struct {
	Issues   string    `json:"issues"`
	Type     string    `json:"type"`
	Estimate [2]string `json:"estimate"`
	Cost     uint64    `json:"cost"`
	Value    any       `json:"value"`
	Error    string    `json:"error"`
}

var kubernetes = func() *cel.Env {
	env, err := environment.MustBaseEnvSet(version.MajorMinor(1, 35)).Env(environment.NewExpressions)
	if err != nil {
		panic(err)
	}
	return env
}()

func celType(text string) *cel.Type {
	switch text {
	case "dyn":
		return cel.DynType
	case "int":
		return cel.IntType
	case "uint":
		return cel.UintType
	case "double":
		return cel.DoubleType
	case "bool":
		return cel.BoolType
	case "string":
		return cel.StringType
	case "bytes":
		return cel.BytesType
	case "null":
		return cel.NullType
	case "duration":
		return cel.DurationType
	case "timestamp":
		return cel.TimestampType
	}
	name, arguments, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	if name == "list" {
		return cel.ListType(celType(arguments))
	}
	depth := 0
	for i, c := range arguments {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			return cel.MapType(celType(arguments[:i]), celType(arguments[i+1:]))
		}
	}
	panic("type " + text)
}

// errPanic is for expressions that cel-go itself panics at (a literal with an optional element of type dyn).
var errPanic = errors.New("cel-go panics")

// celGo is what Kubernetes' environment says.
func celGo(expression string, variables []variable) (out verdict, err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	var options []cel.EnvOption
	input := map[string]any{}
	for _, v := range variables {
		options = append(options, cel.Variable(v.Name, celType(v.Type)))
		if input[v.Name] = v.Value; v.native != nil {
			input[v.Name] = v.native
		}
	}
	env, err := kubernetes.Extend(options...)
	if err != nil {
		return out, err
	}
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		out.Issues = issues.Err().Error()
		return out, nil
	}
	program, err := env.Program(ast)
	if err != nil {
		out.Issues = "program instantiation failed: " + err.Error()
		return out, nil
	}
	estimate, err := env.EstimateCost(ast, &library.CostEstimator{})
	if err != nil {
		return out, err
	}
	out.Type = cel.FormatCELType(ast.OutputType())
	out.Estimate = [2]string{strconv.FormatUint(estimate.Min, 10), strconv.FormatUint(estimate.Max, 10)}
	value, details, err := program.Eval(input)
	if cost := details.ActualCost(); cost != nil {
		out.Cost = *cost
	}
	if err != nil {
		out.Error = err.Error()
		return out, nil
	}
	out.Value = plain(tagged(value))
	return out, nil
}

func tagged(v ref.Val) any {
	switch v := v.(type) {
	case types.Null:
		return []any{"null"}
	case types.Bool:
		return []any{"bool", bool(v)}
	case types.Int:
		return []any{"int", strconv.FormatInt(int64(v), 10)}
	case types.Uint:
		return []any{"uint", strconv.FormatUint(uint64(v), 10)}
	case types.Double:
		if v == 0 && math.Signbit(float64(v)) {
			return []any{"double", "-0"}
		}
		return []any{"double", fmt.Sprintf("%g", float64(v))}
	case types.String:
		return []any{"string", string(v)}
	case types.Bytes:
		return []any{"bytes", base64.StdEncoding.EncodeToString(v)}
	case types.Duration:
		return []any{"duration", strconv.FormatInt(int64(v.Duration), 10)}
	case types.Timestamp:
		return []any{"timestamp", v.UTC().Format(time.RFC3339Nano)}
	case *types.Type:
		return []any{"type", v.TypeName()}
	case *types.Optional:
		if v.HasValue() {
			return []any{"optional", tagged(v.GetValue())}
		}
		return []any{"optional"}
	case traits.Lister:
		items := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			items = append(items, tagged(it.Next()))
		}
		return []any{"list", items}
	case traits.Mapper:
		entries := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			entries = append(entries, []any{tagged(key), tagged(v.Get(key))})
		}
		sort.Slice(entries, func(i, j int) bool { return text(entries[i].([]any)[0]) < text(entries[j].([]any)[0]) })
		return []any{"map", entries}
	}
	return []any{"opaque", v.Type().TypeName()}
}

func (j *judged) cel(t *testing.T, expression string, variables []variable) (out verdict) {
	t.Helper()
	j.ask(t, object{"do": "cel", "expression": expression, "variables": variables}, &out)
	return out
}

// firstIssue is all that is compared where there are syntax errors: cel-go's parser goes on after one, ours does not.
func firstIssue(issues string) string {
	if !strings.Contains(issues, ": Syntax error: ") {
		return issues
	}
	first, _, _ := strings.Cut(issues, "\nERROR: ")
	return first
}

// differ says how two verdicts differ, or "".
func differ(want, got verdict) string {
	switch {
	case (want.Issues == "") != (got.Issues == ""), want.Issues != got.Issues && firstIssue(want.Issues) != got.Issues && firstIssue(want.Issues) != firstIssue(got.Issues):
		return fmt.Sprintf("issues\nwant %s\ngot  %s", want.Issues, got.Issues)
	case want.Issues != "":
		return ""
	case want.Type != got.Type:
		return fmt.Sprintf("type\nwant %s\ngot  %s", want.Type, got.Type)
	case want.Error != got.Error:
		return fmt.Sprintf("error\nwant %s\ngot  %s", want.Error, got.Error)
	case text(want.Value) != text(got.Value):
		return fmt.Sprintf("value\nwant %s\ngot  %s", text(want.Value), text(got.Value))
	case want.Cost != got.Cost:
		return fmt.Sprintf("cost\nwant %d\ngot  %d", want.Cost, got.Cost)
	case want.Estimate != got.Estimate:
		return fmt.Sprintf("estimate\nwant %v\ngot  %v", want.Estimate, got.Estimate)
	}
	return ""
}

// compareCel asks both and says how they differ, or "".
func compareCel(t *testing.T, j *judged, expression string, variables []variable) string {
	t.Helper()
	want, err := celGo(expression, variables)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return differ(want, j.cel(t, expression, variables))
}

func jsonOf(text string) any {
	var out any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		panic(err)
	}
	return out
}
