package single

import (
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"atoll.dev/e2e/harness"
)

const manifest = `
apiVersion: v1
kind: ConfigMap
metadata: {name: b, labels: {app: web}}
data: {k: v}
`

func TestKubectl(t *testing.T) {
	s := harness.Start(t, "--token-auth-file", tokenFile(t))
	s.CreateWorkspace(t, "root", "org", harness.WorkspaceOptions{Type: "organization"})
	s.CreateWorkspace(t, "root:org", "team", harness.WorkspaceOptions{})
	base := s.Config(t, "base", "").Host
	at := func(workspace string, args ...string) []string {
		return append([]string{"--context=base", "--server=" + base + "/clusters/" + workspace}, args...)
	}
	do := func(args ...string) []string { return at("root:org:team", args...) }

	t.Run("Objects", func(t *testing.T) {
		sh := harness.NewShell(t, s, harness.InstalledKubectl(t))
		sh.Run("", do("create", "configmap", "a", "--from-literal", "k=v"), "configmap/a created")
		sh.Run(manifest, do("create", "-f", "-"), "configmap/b created")
		sh.Run("", do("get", "cm", "-o", "wide"), "NAME", "DATA", "AGE", "kube-root-ca.crt")
		sh.Run("", do("get", "cm", "b", "-o", "yaml"), "apiVersion: v1", "kind: ConfigMap", "k: v", "name: b", "namespace: default", "uid: ")
		sh.Run("", do("get", "cm", "b", "-o", "json"), `"kind": "ConfigMap"`, `"k": "v"`)
		sh.Run("", do("get", "cm", "-l", "app=web", "-o", "name"), "configmap/b")
		sh.Run("", do("label", "cm", "b", "tier=front"), "configmap/b labeled")
		sh.Run("", do("annotate", "cm", "b", "note=one"), "configmap/b annotated")
		sh.Run("", do("patch", "cm", "b", "-p", `{"data":{"strategic":"1"}}`), "configmap/b patched")
		sh.Run("", do("patch", "cm", "b", "--type=merge", "-p", `{"data":{"merge":"2"}}`), "configmap/b patched")
		sh.Run("", do("patch", "cm", "b", "--type=json", "-p", `[{"op":"add","path":"/data/json","value":"3"}]`), "configmap/b patched")
		sh.Run("", do("get", "cm", "b", "-o", `jsonpath={.data.strategic}{.data.merge}{.data.json} {.metadata.labels.tier} {.metadata.annotations.note}`), "123 front one")
		sh.Run("", do("wait", "cm/b", "--for=jsonpath={.data.json}=3", "--timeout=30s"), "configmap/b condition met")
		sh.Run("", do("describe", "cm", "b"), "Name:         b", "tier=front", "json:", "Events:  <none>")
		sh.Run(strings.Replace(manifest, "k: v", "k: replaced", 1), do("replace", "-f", "-"), "configmap/b replaced")
		sh.Run("", do("get", "cm", "b", "-o", "jsonpath={.data}"), `{"k":"replaced"}`)
		sh.Run("", do("delete", "cm", "b"), `configmap "b" deleted`)
		sh.Fails("", do("get", "cm", "b"), `Error from server (NotFound): configmaps "b" not found`)
		sh.Run("", do("create", "namespace", "staging"), "namespace/staging created")
		sh.Run("", do("create", "serviceaccount", "robot", "-n", "staging"), "serviceaccount/robot created")
		sh.Run("", do("create", "secret", "generic", "s", "--from-literal=p=w", "-n", "staging"), "secret/s created")
		sh.Run("", do("create", "role", "reader", "--verb=get", "--resource=configmaps", "-n", "staging"), "role.rbac.authorization.k8s.io/reader created")
		sh.Run("", do("get", "ns,secret,sa", "-A"), "namespace/default", "namespace/staging", "secret/s", "serviceaccount/robot", "serviceaccount/default")
		sh.Run("", do("wait", "ns/staging", "--for=jsonpath={.status.phase}=Active", "--timeout=30s"), "condition met")
		sh.Run("", do("delete", "ns", "staging"), `namespace "staging" deleted`)
		sh.Fails("", do("get", "ns", "staging"), `namespaces "staging" not found`)
	})

	t.Run("Apply", func(t *testing.T) {
		sh := harness.NewShell(t, s, harness.InstalledKubectl(t))
		applied := strings.Replace(manifest, "name: b", "name: applied", 1)
		changed := strings.Replace(applied, "k: v", "k: w", 1)
		sh.Run(applied, do("apply", "-f", "-"), "configmap/applied created")
		sh.Run(applied, do("apply", "-f", "-"), "configmap/applied unchanged")
		sh.Fails(changed, do("diff", "-f", "-"), "-  k: v", "+  k: w")
		sh.Run(changed, do("apply", "-f", "-"), "configmap/applied configured")
		// Over to the server: kubectl moves what its client-side apply owned.
		sh.Run(applied, do("apply", "--server-side", "-f", "-"), "configmap/applied serverside-applied")
		sh.Run("", do("get", "cm", "applied", "--show-managed-fields", "-o", "jsonpath={.metadata.managedFields[*].manager} {.data.k}"), "kubectl v")
		sh.Fails(changed, do("apply", "--server-side", "--field-manager=other", "-f", "-"),
			`Apply failed with 1 conflict: conflict with "kubectl": .data.k`)
		sh.Fails(changed, do("diff", "--server-side", "-f", "-"), "-  k: v", "+  k: w")
		sh.Run(changed, do("apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-"), "configmap/applied serverside-applied")
		sh.Run("", do("get", "cm", "applied", "-o", "jsonpath={.data.k}"), "w")
		// Who applies no more what nobody else owns takes it away.
		sh.Run(strings.Replace(changed, "data: {k: w}", "data: {z: x}", 1), do("apply", "--server-side", "--field-manager=other", "-f", "-"))
		sh.Run("", do("get", "cm", "applied", "-o", "jsonpath={.data}"), `{"z":"x"}`)
		sh.Run(strings.Replace(applied, "name: applied", "name: never", 1),
			do("apply", "--server-side", "--dry-run=server", "-f", "-"), "configmap/never serverside-applied (server dry run)")
		sh.Fails("", do("get", "cm", "never"), "NotFound")
		sh.Run("", do("delete", "cm", "applied"))
	})

	t.Run("Watch", func(t *testing.T) {
		sh := harness.NewShell(t, s, harness.InstalledKubectl(t))
		ctx := harness.Context(t)
		out := sh.Start(ctx, do("get", "cm", "-w")...)
		out.Await(t, ctx, "kube-root-ca.crt")
		sh.Run(strings.Replace(manifest, "name: b", "name: watched", 1), do("create", "-f", "-"))
		out.Await(t, ctx, "watched")
		events := sh.Start(ctx, do("get", "cm", "-l", "app=web", "-w", "--output-watch-events", "-o", `jsonpath={.type} {.object.metadata.name};`)...)
		events.Await(t, ctx, "ADDED watched;")
		sh.Run("", do("label", "cm", "watched", "tier=front"))
		events.Await(t, ctx, "MODIFIED watched;")
		sh.Run("", do("delete", "cm", "watched"))
		events.Await(t, ctx, "DELETED watched;")
	})

	t.Run("Discovery", func(t *testing.T) {
		sh := harness.NewShell(t, s, harness.InstalledKubectl(t))
		sh.Run("", do("api-resources"), "configmaps", "ConfigMap", "workspaces", "tenancy.kcp.io/v1alpha1", "leases", "apibindings")
		sh.Run("", do("api-versions"), "v1\n", "rbac.authorization.k8s.io/v1", "tenancy.kcp.io/v1alpha1", "core.kcp.io/v1alpha1")
		sh.Run("", do("explain", "cm.data"), "KIND:       ConfigMap", "VERSION:    v1", "FIELD: data <map[string]string>")
		sh.Run("", do("explain", "workspace.spec"), "KIND:       Workspace", "VERSION:    v1alpha1", "location")
		sh.Run("", do("version"), "Server Version: v1.")
		sh.Run("", do("auth", "can-i", "create", "configmaps"), "yes")
		sh.Run("", do("auth", "can-i", "--list"), "Resources", "selfsubjectreviews.authentication.k8s.io", "[/api/*]", "*.*")
		sh.Run("", do("auth", "whoami"), "kcp-admin", "system:kcp:admin")
	})

	t.Run("Errors", func(t *testing.T) {
		sh := harness.NewShell(t, s, harness.InstalledKubectl(t))
		sh.Fails("", do("create", "configmap", "Bad_Name"), `Bad_Name`, `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters`)
		sh.Fails(strings.Replace(manifest, "name: b", "name: Bad_Name", 1), do("create", "-f", "-"),
			`The ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain`)
		sh.Fails("", do("get", "--raw", "/clusters/root:nope/api/v1/namespaces/default/configmaps"), `workspaces.tenancy.kcp.io "root:nope" not found`)
		sh.Fails("", at("root:nope", "get", "cm"), "Error from server")
		sh.Fails("", do("get", "cm", "--token=bob-token"),
			`Error from server (Forbidden): configmaps is forbidden: User "bob" cannot list resource "configmaps" in API group "" in the namespace "default": access denied`)
		sh.Fails("", at("root", "--token=bob-token", "create", "configmap", "x"),
			`configmaps is forbidden: User "bob" cannot create resource "configmaps" in API group "" in the namespace "default": access denied`)
		sh.Fails("", do("get", "cm", "--token=nobody"), "You must be logged in to the server (Unauthorized)")
		sh.Fails(strings.Replace(manifest, "k: v", "k: 5", 1), do("create", "--validate=false", "-f", "-"),
			`Error from server (BadRequest)`, `ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string`)
		sh.Fails(strings.Replace(manifest, "\ndata:", "\ndate:", 1), do("create", "-f", "-"), `unknown field "date"`)
		sh.Fails("", do("get", "foos"), `the server doesn't have a resource type "foos"`)
		sh.Fails("", do("get", "cm", "nope"), `Error from server (NotFound): configmaps "nope" not found`)
		sh.Fails("", do("delete", "ns", "default"), `namespaces "default" is forbidden: this namespace may not be deleted`)
		sh.Fails("", do("create", "configmap", "late", "-n", "nope"), `namespaces "nope" not found`)
		sh.Fails("", do("create", "configmap", "kube-root-ca.crt"), `configmaps "kube-root-ca.crt" already exists`)
	})
}

// A tour of `kubectl ws`, with the CLI under its plugin name.
func TestKubectlWorkspaces(t *testing.T) {
	s := harness.Start(t)
	sh := harness.NewShell(t, s, harness.InstalledKubectl(t))
	sh.Run("", []string{"config", "use-context", "root"})
	sh.Run("", []string{"ws", "create", "org-a", "--type", "organization", "--enter"},
		`Workspace "org-a" (type root:organization) created. Waiting for it to be ready...`, `Workspace "org-a" (type root:organization) is ready to use.`,
		`Current workspace is 'root:org-a' (type root:organization).`)
	sh.Run("", []string{"ws", "create", "team-1", "--enter"}, `Current workspace is 'root:org-a:team-1' (type root:universal).`)
	sh.Fails("", []string{"ws", "nope"}, `the server could not find the requested resource`)
	sh.Run(manifest, []string{"create", "-f", "-"}, "configmap/b created")
	sh.Run("", []string{"ws", "create", "inner"})
	sh.Run("", []string{"ws", ":root"}, `Current workspace is 'root'`)
	sh.Run("", []string{"ws", "tree"}, "└── root", "org-a", "team-1", "inner")
	sh.Run("", []string{"ws", "-"}, `Current workspace is 'root:org-a:team-1'`)
	sh.Run("", []string{"ws", ".."}, `Current workspace is 'root:org-a'`)
	sh.Run("", []string{"ws", "."}, `Current workspace is 'root:org-a'`)
	sh.Run("", []string{"get", "ws"}, "NAME", "TYPE", "PHASE", "URL", "team-1", "universal", "Ready", "/clusters/root:org-a:team-1")
	sh.Fails("", []string{"ws", "create", "team-1"}, `workspaces.tenancy.kcp.io "team-1" already exists`)
	sh.Run("", []string{"create", "workspace", "team-1", "--ignore-existing"}, "already exists")

	ctx := harness.Context(t)
	gone := s.WaitWorkspace(t, ctx, "root:org-a", "team-1", "Ready")
	cluster, _ := gone.Object["spec"].(map[string]any)["cluster"].(string)
	sh.Run("", []string{"delete", "ws", "team-1"}, `workspace.tenancy.kcp.io "team-1" deleted`)
	sh.Fails("", []string{"get", "ws", "team-1"}, `workspaces.tenancy.kcp.io "team-1" not found`)
	// Nothing of it is left, for whom may see everything.
	if _, err := s.Dynamic(t, "shard-base", cluster).Resource(harness.LogicalClusters).Get(ctx, "cluster", metav1.GetOptions{}); !apierrors.IsNotFound(err) && !apierrors.IsForbidden(err) {
		t.Errorf("the logical cluster of a deleted workspace: %v", err)
	}
	for _, resource := range []string{"configmaps", "secrets", "serviceaccounts", "namespaces"} {
		list, err := s.Dynamic(t, "shard-base", "*").Resource(schema.GroupVersionResource{Version: "v1", Resource: resource}).List(ctx, metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range list.Items {
			if o.GetAnnotations()["kcp.io/cluster"] == cluster {
				t.Errorf("%s %s/%s of a deleted workspace is still there", resource, o.GetNamespace(), o.GetName())
			}
		}
	}
	logical, err := s.Dynamic(t, "shard-base", "*").Resource(harness.LogicalClusters).List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, lc := range logical.Items {
		if path := lc.GetAnnotations()["kcp.io/path"]; strings.HasPrefix(path, "root:org-a:team-1") {
			t.Errorf("%s is still there", path)
		}
	}
}
