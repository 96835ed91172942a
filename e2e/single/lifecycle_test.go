package single

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"atoll.dev/e2e/harness"
)

var workspaceTypes = schema.GroupVersionResource{Group: "tenancy.kcp.io", Version: "v1alpha1", Resource: "workspacetypes"}

// below returns a client of what lies below a URL path of the server, in one logical cluster or in all ("*").
func below(t *testing.T, config *rest.Config, path, cluster string) dynamic.Interface {
	t.Helper()
	c := rest.CopyConfig(config)
	c.Host += path + "/clusters/" + cluster
	client, err := dynamic.NewForConfig(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// await returns the first event of a kind about a logical cluster.
func await(t *testing.T, w watch.Interface, kind watch.EventType, cluster string) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case e := <-w.ResultChan():
			object, ok := e.Object.(*unstructured.Unstructured)
			if ok && e.Type == kind && object.GetAnnotations()["kcp.io/cluster"] == cluster {
				return
			}
		case <-deadline:
			t.Fatalf("no %s of %s", kind, cluster)
		}
	}
}

// A type's initializer and terminator find the clusters that wait for them, work in them, and let them go.
func TestLifecycleVirtualWorkspaces(t *testing.T) {
	s := harness.Start(t)
	ctx := harness.Context(t)
	config := s.Config(t, "base", "")
	root := s.Dynamic(t, "base", "root")
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "tenancy.kcp.io/v1alpha1", "kind": "WorkspaceType", "metadata": map[string]any{"name": "watched"},
		"spec": map[string]any{
			"initializer": true, "terminator": true,
			"extend":                 map[string]any{"with": []any{map[string]any{"name": "universal", "path": "root"}}},
			"initializerPermissions": []any{map[string]any{"apiGroups": []any{""}, "resources": []any{"configmaps"}, "verbs": []any{"create", "get"}}},
		},
	}}
	if _, err := root.Resource(workspaceTypes).Create(ctx, object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	const initializing, terminating = "/services/initializingworkspaces/root:watched", "/services/terminatingworkspaces/root:watched"
	arriving, err := below(t, config, initializing, "*").Resource(harness.LogicalClusters).Watch(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer arriving.Stop()
	leaving, err := below(t, config, terminating, "*").Resource(harness.LogicalClusters).Watch(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer leaving.Stop()

	object = &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "tenancy.kcp.io/v1alpha1", "kind": "Workspace", "metadata": map[string]any{"name": "w"},
		"spec": map[string]any{"type": map[string]any{"name": "watched", "path": "root"}},
	}}
	if _, err := root.Resource(harness.Workspaces).Create(ctx, object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	ws := s.WaitWorkspace(t, ctx, "root", "w", "Initializing")
	cluster, _, _ := unstructured.NestedString(ws.Object, "spec", "cluster")
	await(t, arriving, watch.Added, cluster)

	inside := below(t, config, initializing, cluster)
	configMap := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "made"}}}
	if _, err := inside.Resource(configMaps).Namespace("default").Create(ctx, configMap, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := inside.Resource(configMaps).Namespace("default").List(ctx, metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Fatalf("a list, which the type's permissions do not allow: %v", err)
	}
	done := func(client dynamic.Interface, list string) {
		t.Helper()
		patch := []byte(`{"status":{"` + list + `":[]}}`)
		if _, err := client.Resource(harness.LogicalClusters).Patch(ctx, "cluster", types.MergePatchType, patch, metav1.PatchOptions{}, "status"); err != nil {
			t.Fatal(err)
		}
	}
	done(inside, "initializers")
	await(t, arriving, watch.Deleted, cluster)
	s.WaitWorkspace(t, ctx, "root", "w", "Ready")
	if _, err := inside.Resource(harness.LogicalClusters).Get(ctx, "cluster", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Fatalf("the cluster no longer waits: %v", err)
	}

	if err := root.Resource(harness.Workspaces).Delete(ctx, "w", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	await(t, leaving, watch.Added, cluster)
	s.WaitWorkspace(t, ctx, "root", "w", "Terminating")
	outside := below(t, config, terminating, cluster)
	if _, err := outside.Resource(configMaps).Namespace("default").Get(ctx, "made", metav1.GetOptions{}); err != nil {
		t.Fatalf("content stays until the terminator is done: %v", err)
	}
	// Without rules the terminator acts as the creator, who may do anything in the workspace, and nothing about the shard.
	metrics := rest.CopyConfig(config)
	metrics.Host += terminating + "/clusters/" + cluster
	api := newWire(t, metrics)
	if code, _, body := api.do(t, http.MethodGet, "/metrics", "", "text/plain", nil); code != http.StatusNotImplemented {
		t.Fatalf("the shard's metrics through a workspace: %d %.200s", code, body)
	}
	done(outside, "terminators")
	s.WaitGone(t, ctx, "root", "w")
}

// A user's home is made when it is first asked for, and is theirs alone.
func TestHomeWorkspaces(t *testing.T) {
	tokens := filepath.Join(t.TempDir(), "tokens.csv")
	if err := os.WriteFile(tokens, []byte("a-token,ann,1,\"team\"\nb-token,bob,2,\"others\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := harness.Start(t, "--token-auth-file", tokens, "--home-workspaces-home-creator-groups", "team")
	ctx := harness.Context(t)
	as := func(token, cluster string) dynamic.Interface {
		c := rest.AnonymousClientConfig(s.Config(t, "base", ""))
		c.BearerToken = token
		return below(t, c, "", cluster)
	}
	home, err := as("a-token", "root").Resource(harness.Workspaces).Get(ctx, "~", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if phase, _, _ := unstructured.NestedString(home.Object, "status", "phase"); phase != "Ready" {
		t.Fatalf("phase %q", phase)
	}
	if _, err := as("a-token", "user:ann").Resource(configMaps).Namespace("default").List(ctx, metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := as("b-token", "user:ann").Resource(configMaps).Namespace("default").List(ctx, metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Fatalf("somebody else's home: %v", err)
	}
	if _, err := as("b-token", "root").Resource(harness.Workspaces).Get(ctx, "~", metav1.GetOptions{}); !apierrors.IsForbidden(err) {
		t.Fatalf("a home for who may not have one: %v", err)
	}
}

// What becomes inactive must not be seen any more: a watch over all clusters ends, and a new one begins without it.
func TestInactiveEndsWildcardWatches(t *testing.T) {
	s := harness.Start(t)
	ctx := harness.Context(t)
	s.CreateWorkspace(t, "root", "org", harness.WorkspaceOptions{Type: "organization"})
	w, err := below(t, s.Config(t, "shard-base", ""), "", "*").Resource(configMaps).Watch(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	patch := []byte(`{"metadata":{"annotations":{"core.kcp.io/inactive":"true"}}}`)
	if _, err := s.Dynamic(t, "base", "root:org").Resource(harness.LogicalClusters).Patch(ctx, "cluster", types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	for {
		select {
		case _, open := <-w.ResultChan():
			if !open {
				return
			}
		case <-ctx.Done():
			t.Fatal("the watch goes on")
		}
	}
}
