package single

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"atoll.dev/e2e/harness"
)

var (
	definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	gears       = schema.GroupVersionResource{Group: "example.dev", Version: "v1", Resource: "gears"}
)

const gearDefinition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gears.example.dev}
spec:
  group: example.dev
  scope: Namespaced
  names: {kind: Gear, plural: gears, shortNames: [gr]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
    selectableFields: [{jsonPath: .spec.color}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              color: {type: string, default: red}
              replicas: {type: integer, default: 1}
              teeth: {type: integer}
            x-kubernetes-validations:
            - {rule: "self.replicas <= 9", message: too many}
          status: {type: object, properties: {replicas: {type: integer}}}
`

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	out := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &out.Object); err != nil {
		t.Fatal(err)
	}
	return out
}

func isTrue(o *unstructured.Unstructured, condition string) bool {
	list, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range list {
		if m, ok := c.(map[string]any); ok && m["type"] == condition {
			return m["status"] == "True"
		}
	}
	return false
}

// define creates a definition and waits, by a watch, until it is established.
func define(t *testing.T, client dynamic.Interface, crd *unstructured.Unstructured) {
	t.Helper()
	ctx := harness.Context(t)
	made, err := client.Resource(definitions).Create(ctx, crd, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := client.Resource(definitions).Watch(ctx, metav1.ListOptions{
		FieldSelector: "metadata.name=" + made.GetName(), ResourceVersion: made.GetResourceVersion()})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	for event := range w.ResultChan() {
		if o, ok := event.Object.(*unstructured.Unstructured); ok && isTrue(o, "Established") {
			return
		}
	}
	t.Fatalf("%s was not established", made.GetName())
}

func TestCustomResources(t *testing.T) {
	s := harness.Start(t)
	t.Run("Lifecycle", func(t *testing.T) { testCustomResourceLifecycle(t, s) })
	t.Run("Changed", func(t *testing.T) { testChangedDefinition(t, s) })
	t.Run("Ecosystem", func(t *testing.T) { testEcosystem(t, s) })
}

func testCustomResourceLifecycle(t *testing.T, s *harness.Server) {
	ctx := harness.Context(t)
	s.CreateWorkspace(t, "root", "gears", harness.WorkspaceOptions{})
	client := s.Dynamic(t, "base", "root:gears")
	define(t, client, object(t, gearDefinition))

	// Whoever sees Established finds everything.
	found, err := discovery.NewDiscoveryClientForConfigOrDie(s.Config(t, "base", "root:gears")).ServerResourcesForGroupVersion("example.dev/v1")
	if err != nil || len(found.APIResources) != 3 {
		t.Fatalf("discovery: %v %v", found, err)
	}
	in := client.Resource(gears).Namespace("default")
	made, err := in.Create(ctx, object(t, `{apiVersion: example.dev/v1, kind: Gear, metadata: {name: a, finalizers: [example.dev/hold]}, spec: {unknown: 1}}`), metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if spec := made.Object["spec"]; !reflect.DeepEqual(spec, map[string]any{"color": "red", "replicas": int64(1)}) {
		t.Fatalf("pruned and defaulted: %v", spec)
	}
	if _, err := in.Patch(ctx, "a", types.MergePatchType, []byte(`{"spec":{"replicas":10}}`), metav1.PatchOptions{}, "scale"); !apierrors.IsInvalid(err) {
		t.Fatalf("a rule through scale: %v", err)
	}
	if list, err := in.List(ctx, metav1.ListOptions{FieldSelector: "spec.color=red"}); err != nil || len(list.Items) != 1 {
		t.Fatalf("selected: %v %v", list, err)
	}
	w, err := in.Watch(ctx, metav1.ListOptions{ResourceVersion: made.GetResourceVersion()})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()

	// Its definition goes with its instances, and no earlier.
	if err := client.Resource(definitions).Delete(ctx, "gears.example.dev", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for range w.ResultChan() { // ends with the definition that it was opened by
	}
	soon(t, "creating is refused", func() (bool, string) {
		_, err := in.Create(ctx, object(t, `{apiVersion: example.dev/v1, kind: Gear, metadata: {name: b}, spec: {}}`), metav1.CreateOptions{})
		if err == nil {
			return false, "created"
		}
		return apierrors.IsForbidden(err) && strings.Contains(err.Error(), "create not allowed while custom resource definition is terminating"), err.Error()
	})
	if _, err := in.Patch(ctx, "a", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	soon(t, "the definition is gone", func() (bool, string) {
		_, err := client.Resource(definitions).Get(ctx, "gears.example.dev", metav1.GetOptions{})
		return apierrors.IsNotFound(err), ""
	})
	if _, err := in.List(ctx, metav1.ListOptions{}); !apierrors.IsNotFound(err) {
		t.Fatalf("the resource is still served: %v", err)
	}
}

// What was stored by an older schema is read by the newer one.
func testChangedDefinition(t *testing.T, s *harness.Server) {
	ctx := harness.Context(t)
	s.CreateWorkspace(t, "root", "changed", harness.WorkspaceOptions{})
	client := s.Dynamic(t, "base", "root:changed")
	define(t, client, object(t, gearDefinition))
	in := client.Resource(gears).Namespace("default")
	if _, err := in.Create(ctx, object(t, `{apiVersion: example.dev/v1, kind: Gear, metadata: {name: a}, spec: {teeth: 3}}`), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	properties := `{"color":{"type":"string","default":"red"},"replicas":{"type":"integer","default":1},"size":{"type":"string","default":"xl"}}`
	patch := `[{"op":"replace","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties","value":` + properties + `}]`
	if _, err := client.Resource(definitions).Patch(ctx, "gears.example.dev", types.JSONPatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	soon(t, "the newer schema holds", func() (bool, string) {
		got, err := in.Get(ctx, "a", metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		want := map[string]any{"color": "red", "replicas": int64(1), "size": "xl"}
		return reflect.DeepEqual(got.Object["spec"], want), ""
	})
	if list, err := in.List(ctx, metav1.ListOptions{}); err != nil || list.Items[0].Object["spec"].(map[string]any)["size"] != "xl" {
		t.Fatalf("in a list: %v %v", list, err)
	}
	initial := true
	w, err := in.Watch(ctx, metav1.ListOptions{SendInitialEvents: &initial, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan, AllowWatchBookmarks: true})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	if event := <-w.ResultChan(); event.Type != watch.Added || event.Object.(*unstructured.Unstructured).Object["spec"].(map[string]any)["size"] != "xl" {
		t.Fatalf("in a watch: %v", event)
	}
}

// moduleDir is where the Go module cache has a module; it is fetched when it is not there.
func moduleDir(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	var found struct{ Dir string }
	if err != nil || json.Unmarshal(out, &found) != nil || found.Dir == "" {
		t.Skipf("%s cannot be had: %v", module, err)
	}
	return found.Dir
}

// customAnswer is one row of testdata/custom_resources.json: an object, and what the reference answers to it.
type customAnswer struct {
	Name         string          `json:"name"`
	Path         string          `json:"path"`
	Object       json.RawMessage `json:"object"`
	Code         int             `json:"code"`
	Causes       []any           `json:"causes"`
	Spec         any             `json:"spec"`
	Update       json.RawMessage `json:"update"` // of the spec, a merge patch
	UpdateCode   int             `json:"updateCode"`
	UpdateCauses []any           `json:"updateCauses"`
}

func sortedCauses(status map[string]any) []any {
	details, _ := status["details"].(map[string]any)
	causes, _ := details["causes"].([]any)
	sort.Slice(causes, func(i, j int) bool {
		a, _ := json.Marshal(causes[i])
		b, _ := json.Marshal(causes[j])
		return bytes.Compare(a, b) < 0
	})
	return causes
}

// The definitions of cert-manager and of Gateway API install, and right and wrong objects get the reference's causes.
func testEcosystem(t *testing.T, s *harness.Server) {
	gateway := filepath.Join(moduleDir(t, "sigs.k8s.io/gateway-api@v1.6.3"), "config/crd")
	certificates := filepath.Join(moduleDir(t, "github.com/cert-manager/cert-manager@v1.21.2"), "deploy/crds")
	data, err := os.ReadFile("testdata/custom_resources.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []customAnswer
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	for _, channel := range []string{"standard", "experimental"} {
		s.CreateWorkspace(t, "root", channel, harness.WorkspaceOptions{})
		client := s.Dynamic(t, "base", "root:"+channel)
		for _, folder := range []string{certificates, filepath.Join(gateway, channel)} {
			files, _ := filepath.Glob(filepath.Join(folder, "*.yaml"))
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				for _, document := range strings.Split(string(text), "\n---") {
					crd := object(t, document)
					if crd.GetKind() == "CustomResourceDefinition" {
						define(t, client, crd)
					}
				}
			}
		}
	}
	api := newWire(t, s.Config(t, "base", "root:standard"))
	for _, row := range rows {
		t.Run(row.Name, func(t *testing.T) {
			const form = "application/json"
			check := func(code int, body []byte, wantCode int, wantCauses []any) map[string]any {
				var got map[string]any
				if err := json.Unmarshal(body, &got); err != nil || code != wantCode {
					t.Fatalf("%d, wanted %d: %s", code, wantCode, body)
				}
				if causes := sortedCauses(got); !reflect.DeepEqual(sortedCauses(map[string]any{"details": map[string]any{"causes": wantCauses}}), causes) {
					t.Errorf("causes: %v\nwanted: %v", causes, wantCauses)
				}
				return got
			}
			code, _, body := api.do(t, http.MethodPost, row.Path, form, form, row.Object)
			got := check(code, body, row.Code, row.Causes)
			if row.Code < 300 && !reflect.DeepEqual(got["spec"], row.Spec) {
				t.Errorf("spec: %v\nwanted: %v", got["spec"], row.Spec)
			}
			if row.Update == nil {
				return
			}
			name := got["metadata"].(map[string]any)["name"].(string)
			patch := append(append([]byte(`{"spec":`), row.Update...), '}')
			code, _, body = api.do(t, http.MethodPatch, row.Path+"/"+name, "application/merge-patch+json", form, patch)
			check(code, body, row.UpdateCode, row.UpdateCauses)
		})
	}
}
