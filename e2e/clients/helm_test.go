package clients

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"atoll.dev/e2e/harness"
)

// helm 3 makes three-way patches itself, helm 4 has the server apply.
func TestHelm3(t *testing.T) {
	everywhere(t, func(t *testing.T, w *workspace) { testHelm(t, w, harness.Tool(t, "helm-3")) })
}

func TestHelm4(t *testing.T) {
	everywhere(t, func(t *testing.T, w *workspace) { testHelm(t, w, harness.Tool(t, "helm")) })
}

func testHelm(t *testing.T, w *workspace, path string) {
	ctx := harness.Context(t)
	helm := newProgram(t, w, path)
	chart := here(t, "helm/chart")
	do := func(line string, want ...string) string {
		t.Helper()
		return helm.run(t, append(strings.Fields(line), "--namespace", "apps"), want...)
	}
	settings := func(want map[string]string) {
		t.Helper()
		o, err := w.api.CoreV1().ConfigMaps("apps").Get(ctx, "one-settings", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(o.Data, want) || o.Labels["app.kubernetes.io/managed-by"] != "Helm" || o.Annotations["meta.helm.sh/release-name"] != "one" {
			t.Errorf("settings: %v, wanted %v; labels %v, annotations %v", o.Data, want, o.Labels, o.Annotations)
		}
	}
	subjects := func() string {
		t.Helper()
		o, err := w.api.RbacV1().RoleBindings("apps").Get(ctx, "one-reader", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		out := ""
		for _, s := range o.Subjects {
			out += s.Kind + ":" + s.Name + " "
		}
		return strings.TrimSpace(out)
	}
	releases := func() string {
		t.Helper()
		var list []struct{ Name, Revision, Status string }
		if err := json.Unmarshal([]byte(do("list --output json")), &list); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(list)
	}
	equal := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s, wanted %s", got, want)
		}
	}

	do("install one "+chart+" --create-namespace --wait --timeout 60s", "STATUS: deployed", "REVISION: 1")
	settings(map[string]string{"greeting": "hello"})
	helm.fails(t, []string{"install", "one", chart, "--namespace", "apps"}, "a name that is still in use")
	helm.fails(t, []string{"install", "two", chart, "--namespace", "apps", "--set", "reader=Bad", "--set", "extra.not a key=1"}, "is invalid", "a valid config key must consist of")
	do("uninstall two", `release "two" uninstalled`)

	// What someone else put there stays; what the release sets and someone changed comes back with its next change of that.
	if _, err := w.api.CoreV1().ConfigMaps("apps").Patch(ctx, "one-settings", types.MergePatchType, []byte(`{"data":{"user":"kept"}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	do("upgrade one "+chart+" --set greeting=bye,extra.a=b,reader=alice --wait --timeout 60s", "has been upgraded", "REVISION: 2")
	settings(map[string]string{"greeting": "bye", "a": "b", "user": "kept"})
	equal(subjects(), "ServiceAccount:one User:alice")
	if hook, err := w.api.CoreV1().ConfigMaps("apps").Get(ctx, "one-before", metav1.GetOptions{}); err != nil || hook.Data["revision"] != "2" {
		t.Errorf("the hook: %v, %v", hook, err)
	}
	do("upgrade one "+chart+" --reset-values --dry-run=server", "greeting: \"hello\"")
	equal(releases(), "[{one 2 deployed}]")

	do("rollback one 1 --wait --timeout 60s", "Rollback was a success")
	settings(map[string]string{"greeting": "hello", "user": "kept"})
	equal(subjects(), "ServiceAccount:one")
	equal(releases(), "[{one 3 deployed}]")
	do("history one", "superseded", "Rollback to 1")
	do("get manifest one", "kind: RoleBinding")
	do("get values one --revision 2", "greeting: bye")
	do("status one", "STATUS: deployed")

	// An upgrade that fails is undone.
	helm.fails(t, []string{"upgrade", "one", chart, "--namespace", "apps", "--set", "extra.not a key=1", "--atomic", "--timeout", "60s"}, "a valid config key must consist of")
	settings(map[string]string{"greeting": "hello", "user": "kept"})

	do("uninstall one --wait --timeout 60s", `release "one" uninstalled`)
	equal(releases(), "[]")
	left, err := w.api.CoreV1().Secrets("apps").List(ctx, metav1.ListOptions{LabelSelector: "owner=helm,name=one"})
	if err != nil || len(left.Items) != 0 {
		t.Errorf("what helm keeps of a release: %v, %v", left, err)
	}
	if _, err := w.api.CoreV1().ConfigMaps("apps").Get(ctx, "one-settings", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("after uninstall: %v", err)
	}
	if _, err := w.api.RbacV1().ClusterRoles().Get(ctx, "one-namespaces", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("after uninstall: %v", err)
	}
}
