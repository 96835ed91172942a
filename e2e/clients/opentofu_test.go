package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"atoll.dev/e2e/harness"
)

// Apply, a plan without drift, a change, drift and its repair, import, destroy.
func TestOpenTofu(t *testing.T) {
	harness.Slow(t)
	everywhere(t, func(t *testing.T, w *workspace) {
		ctx := harness.Context(t)
		tofu := newProgram(t, w, harness.Tool(t, "tofu"), "TF_VAR_kubeconfig="+w.kubeconfig, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
		main, err := os.ReadFile(here(t, "opentofu/main.tf"))
		if err != nil {
			t.Fatal(err)
		}
		// The provider is the binary that was built; nothing is asked of a registry, so there is no `tofu init`.
		config := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"hashicorp/kubernetes\" = %q\n  }\n}\n", filepath.Dir(harness.Tool(t, "tofu-provider")))
		for name, data := range map[string][]byte{"main.tf": main, "tofu.rc": []byte(config)} {
			if err := os.WriteFile(filepath.Join(tofu.dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		tofu.env = append(tofu.env, "TF_CLI_CONFIG_FILE="+filepath.Join(tofu.dir, "tofu.rc"))
		apply := []string{"apply", "-auto-approve", "-no-color"}
		plan := []string{"plan", "-detailed-exitcode", "-no-color"} // fails when there is something to do
		greeting := func(want string) {
			t.Helper()
			o, err := w.api.CoreV1().ConfigMaps("apps").Get(ctx, "settings", metav1.GetOptions{})
			if err != nil || o.Data["greeting"] != want {
				t.Errorf("settings: %v, %v; wanted %s", o.Data, err, want)
			}
		}

		tofu.run(t, apply, "Apply complete! Resources: 8 added, 0 changed, 0 destroyed.", "ca = true")
		tofu.run(t, plan, "No changes.")
		greeting("hello")

		change := []string{"-var", "greeting=bye"}
		tofu.fails(t, append(plan, change...), "Plan: 0 to add, 2 to change, 0 to destroy.")
		tofu.run(t, append(apply, change...), "Apply complete! Resources: 0 added, 2 changed, 0 destroyed.")
		greeting("bye")

		if _, err := w.api.CoreV1().ConfigMaps("apps").Patch(ctx, "settings", types.MergePatchType, []byte(`{"data":{"greeting":"drift","more":"1"}}`), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := w.api.RbacV1().Roles("apps").Delete(ctx, "reader", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		tofu.fails(t, append(plan, change...), "Plan: 1 to add, 1 to change, 0 to destroy.")
		tofu.run(t, append(apply, change...), "Apply complete! Resources: 1 added, 1 changed, 0 destroyed.")
		greeting("bye")

		tofu.run(t, []string{"state", "rm", "kubernetes_config_map.settings"})
		tofu.run(t, []string{"import", "-no-color", "kubernetes_config_map.settings", "apps/settings"}, "Import successful!")
		tofu.run(t, append(plan, change...), "No changes.")

		tofu.run(t, []string{"destroy", "-auto-approve", "-no-color"}, "Destroy complete! Resources: 8 destroyed.")
		if _, err := w.api.CoreV1().Namespaces().Get(ctx, "apps", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			t.Errorf("after destroy: %v", err)
		}
	})
}
