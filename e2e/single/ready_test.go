package single

import (
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"atoll.dev/e2e/harness"
)

// In one process, who sees a workspace Ready can use it: no request finds that its path is unknown.
func TestReadyIsServed(t *testing.T) {
	s := harness.Start(t)
	ctx := harness.Context(t)
	workspaces := s.Dynamic(t, "base", "root").Resource(harness.Workspaces)
	early := 0
	for i := range 100 {
		name := fmt.Sprintf("ws-%d", i)
		if _, err := workspaces.Create(ctx, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "tenancy.kcp.io/v1alpha1", "kind": "Workspace", "metadata": map[string]any{"name": name}}}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		logical := s.Dynamic(t, "base", "root:"+name).Resource(harness.LogicalClusters)
		s.WaitWorkspace(t, ctx, "root", name, "Ready")
		if _, err := logical.Get(ctx, "cluster", metav1.GetOptions{}); err != nil {
			if early++; early == 1 {
				t.Errorf("%s is Ready: %v", name, err)
			}
		}
	}
	if early > 0 {
		t.Errorf("%d of 100 workspaces were Ready and not served", early)
	}
}
