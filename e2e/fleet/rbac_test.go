package fleet

import (
	"fmt"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"atoll.dev/e2e/harness"
)

var workspaceTypes = schema.GroupVersionResource{Group: "tenancy.kcp.io", Version: "v1alpha1", Resource: "workspacetypes"}

func bindTo(t *testing.T, s *harness.Server, workspace, name, role, user string) {
	t.Helper()
	binding := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}}}
	if _, err := typed(t, s, workspace).RbacV1().ClusterRoleBindings().Create(harness.Context(t), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// A user's type on one shard, the right to use it granted there, and a workspace of it on another shard.
func TestUseOfTypeAcrossShards(t *testing.T) {
	s := startFleet(t)
	ctx := harness.Context(t)
	s.CreateWorkspace(t, "root", "types", harness.WorkspaceOptions{Shard: "shard-1"})
	s.CreateWorkspace(t, "root", "users", harness.WorkspaceOptions{Shard: "root"})
	special := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "tenancy.kcp.io/v1alpha1", "kind": "WorkspaceType", "metadata": map[string]any{"name": "special"},
		"spec": map[string]any{"extend": map[string]any{"with": []any{map[string]any{"name": "universal", "path": "root"}}}}}}
	if _, err := s.Dynamic(t, "base", "root:types").Resource(workspaceTypes).Create(ctx, special, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	bindTo(t, s, "root:users", "alice", "cluster-admin", "alice")

	cfg := s.Config(t, "base", "root:users")
	cfg.BearerToken, cfg.CertData, cfg.KeyData = aliceToken, nil, nil
	alice, err := dynamic.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	workspace := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "tenancy.kcp.io/v1alpha1", "kind": "Workspace", "metadata": map[string]any{"name": "mine"},
		"spec": map[string]any{"type": map[string]any{"name": "special", "path": "root:types"}}}}
	create := func() error {
		_, err := alice.Resource(harness.Workspaces).Create(ctx, workspace, metav1.CreateOptions{})
		return err
	}
	harness.Eventually(t, time.Minute, "alice may come as far as the type", func() (bool, string) {
		err := create()
		return apierrors.IsForbidden(err), fmt.Sprint(err)
	})
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "use-special"}, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{"tenancy.kcp.io"}, Resources: []string{"workspacetypes"}, ResourceNames: []string{"special"}, Verbs: []string{"use"}}}}
	if _, err := typed(t, s, "root:types").RbacV1().ClusterRoles().Create(ctx, role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	bindTo(t, s, "root:types", "use-special", "use-special", "alice")
	harness.Eventually(t, time.Minute, "alice may use the type", func() (bool, string) {
		err := create()
		return err == nil, fmt.Sprint(err)
	})
	s.WaitWorkspace(t, ctx, "root:users", "mine", "Ready")
}
