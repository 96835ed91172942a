package harness

import (
	"context"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
)

// Workspaces names the resource.
var Workspaces = schema.GroupVersionResource{Group: "tenancy.kcp.io", Version: "v1alpha1", Resource: "workspaces"}

// LogicalClusters names the resource.
var LogicalClusters = schema.GroupVersionResource{Group: "core.kcp.io", Version: "v1alpha1", Resource: "logicalclusters"}

// Shards names the resource.
var Shards = schema.GroupVersionResource{Group: "core.kcp.io", Version: "v1alpha1", Resource: "shards"}

// Dynamic is a dynamic client for a workspace.
func (s *Server) Dynamic(t testing.TB, contextName, workspace string) dynamic.Interface {
	t.Helper()
	client, err := dynamic.NewForConfig(s.Config(t, contextName, workspace))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// WorkspaceOptions are what CreateWorkspace may be told.
type WorkspaceOptions struct {
	Type  string // of root; "" lets the server choose
	Shard string // by label name; "" for any
}

// CreateWorkspace creates `name` below `parent`, waits, by watching, until it is Ready, and then until requests for its path reach it: in a fleet
// the index that the front-proxy routes by follows the shards.
func (s *Server) CreateWorkspace(t testing.TB, parent, name string, o WorkspaceOptions) *unstructured.Unstructured {
	t.Helper()
	ctx := Context(t)
	spec := map[string]any{}
	if o.Type != "" {
		spec["type"] = map[string]any{"name": o.Type, "path": "root"}
	}
	if o.Shard != "" {
		spec["location"] = map[string]any{"selector": map[string]any{"matchLabels": map[string]any{"name": o.Shard}}}
	}
	ws := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "tenancy.kcp.io/v1alpha1", "kind": "Workspace", "metadata": map[string]any{"name": name}, "spec": spec}}
	client := s.Dynamic(t, "base", parent).Resource(Workspaces)
	if _, err := client.Create(ctx, ws, metav1.CreateOptions{}); err != nil {
		t.Fatalf("creating workspace %s:%s: %v", parent, name, err)
	}
	ready := s.WaitWorkspace(t, ctx, parent, name, "Ready")
	logical := s.Dynamic(t, "base", parent+":"+name).Resource(LogicalClusters)
	Eventually(t, 30*time.Second, parent+":"+name+" is served", func() (bool, string) {
		_, err := logical.Get(ctx, "cluster", metav1.GetOptions{})
		return err == nil, fmt.Sprint(err)
	})
	return ready
}

// WaitWorkspace watches a workspace until it is in `phase`.
func (s *Server) WaitWorkspace(t testing.TB, ctx context.Context, parent, name, phase string) *unstructured.Unstructured {
	t.Helper()
	client := s.Dynamic(t, "base", parent).Resource(Workspaces)
	w, err := client.Watch(ctx, metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector("metadata.name", name).String()})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	last := ""
	for event := range w.ResultChan() {
		if event.Type == watch.Error {
			t.Fatalf("watching workspace %s:%s: %v", parent, name, event.Object)
		}
		got, ok := event.Object.(*unstructured.Unstructured)
		if !ok {
			continue
		}
		last, _, _ = unstructured.NestedString(got.Object, "status", "phase")
		if last == phase {
			return got
		}
	}
	t.Fatalf("workspace %s:%s: the watch ended in phase %q, wanted %q", parent, name, last, phase)
	return nil
}

// WaitGone watches until the workspace does not exist.
func (s *Server) WaitGone(t testing.TB, ctx context.Context, parent, name string) {
	t.Helper()
	client := s.Dynamic(t, "base", parent).Resource(Workspaces)
	selector := fields.OneTermEqualSelector("metadata.name", name).String()
	list, err := client.List(ctx, metav1.ListOptions{FieldSelector: selector})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Items) == 0 {
		return
	}
	w, err := client.Watch(ctx, metav1.ListOptions{FieldSelector: selector, ResourceVersion: list.GetResourceVersion()})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	for event := range w.ResultChan() {
		if event.Type == watch.Deleted {
			return
		}
	}
	t.Fatalf("workspace %s:%s is still there", parent, name)
}
