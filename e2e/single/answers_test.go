package single

import (
	"encoding/json"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"

	"atoll.dev/e2e/harness"
)

// answer is one row of testdata/answers.json: what is sent, and what the reference answers to it, literally.
type answer struct {
	Name     string          `json:"name"`
	Path     string          `json:"path"`
	Body     json.RawMessage `json:"body"`
	Code     int             `json:"code"`
	Message  string          `json:"message"`  // of a Status
	Fields   []string        `json:"fields"`   // of its causes, in order
	Object   map[string]any  `json:"object"`   // without what only the server knows
	Warnings []string        `json:"warnings"` // texts of Warning headers
}

// withoutServerFields drops what differs from run to run.
func withoutServerFields(object map[string]any) {
	metadata, _ := object["metadata"].(map[string]any)
	for _, name := range []string{"uid", "resourceVersion", "creationTimestamp", "managedFields"} {
		delete(metadata, name)
	}
	if annotations, ok := metadata["annotations"].(map[string]any); ok {
		delete(annotations, "kcp.io/cluster")
		if len(annotations) == 0 {
			delete(metadata, "annotations")
		}
	}
}

// Creating built-in resources, right and wrong: codes, texts, causes and stored objects are the reference's.
func TestAnswers(t *testing.T) {
	data, err := os.ReadFile("testdata/answers.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []answer
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	s := harness.Start(t)
	s.CreateWorkspace(t, "root", "org", harness.WorkspaceOptions{Type: "organization"})
	api := newWire(t, s.Config(t, "base", "root:org"))
	if code, _, body := api.do(t, http.MethodPost, "/api/v1/namespaces", "application/json", "application/json", []byte(`{"metadata":{"name":"n1"}}`)); code != http.StatusCreated {
		t.Fatalf("a namespace: %d %s", code, body)
	}
	for _, row := range rows {
		t.Run(row.Name, func(t *testing.T) { testAnswer(t, api, row) })
	}
}

func testAnswer(t *testing.T, api wire, row answer) {
	code, header, body := api.do(t, http.MethodPost, row.Path, "application/json", "application/json", row.Body)
	if code != row.Code {
		t.Fatalf("%d instead of %d: %s", code, row.Code, body)
	}
	var warnings []string
	for _, line := range header.Values("Warning") {
		text := strings.TrimSuffix(strings.TrimPrefix(line, `299 - "`), `"`)
		warnings = append(warnings, strings.ReplaceAll(text, `\"`, `"`))
	}
	if !reflect.DeepEqual(warnings, row.Warnings) {
		t.Errorf("warnings: %q instead of %q", warnings, row.Warnings)
	}
	if row.Object != nil {
		var object map[string]any
		if err := json.Unmarshal(body, &object); err != nil {
			t.Fatal(err)
		}
		withoutServerFields(object)
		if !reflect.DeepEqual(object, row.Object) {
			got, _ := json.Marshal(object)
			want, _ := json.Marshal(row.Object)
			t.Errorf("stored\n%s\ninstead of\n%s", got, want)
		}
		return
	}
	var status struct {
		Message string `json:"message"`
		Details struct {
			Causes []struct {
				Field string `json:"field"`
			} `json:"causes"`
		} `json:"details"`
	}
	if err := json.Unmarshal(body, &status); err != nil {
		t.Fatal(err)
	}
	if status.Message != row.Message {
		t.Errorf("%s\ninstead of\n%s", status.Message, row.Message)
	}
	var fields []string
	for _, cause := range status.Details.Causes {
		fields = append(fields, cause.Field)
	}
	if !reflect.DeepEqual(fields, row.Fields) {
		t.Errorf("fields: %q instead of %q", fields, row.Fields)
	}
}
