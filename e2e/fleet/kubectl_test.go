package fleet

import (
	"fmt"
	"strings"
	"testing"

	"atoll.dev/e2e/harness"
)

const manifest = `
apiVersion: v1
kind: ConfigMap
metadata: {name: b, labels: {app: web}}
data: {k: v}
`

// Everything a user types on the first day, with the machine's kubectl and with a newer one, on a tree whose levels lie on different shards.
func TestKubectl(t *testing.T) {
	s := startFleet(t)
	for _, client := range []struct{ name, path string }{{"Installed", harness.InstalledKubectl(t)}, {"Newer", harness.Tool(t, "kubectl")}} {
		t.Run(client.name, func(t *testing.T) {
			sh := harness.NewShell(t, s, client.path)
			t.Log(strings.ReplaceAll(sh.Run("", []string{"version", "--client"}), "\n", " "))
			org := "org-" + strings.ToLower(client.name)
			sh.Run("", []string{"config", "use-context", "root"}, `Switched to context "root".`)
			t.Run("Workspaces", func(t *testing.T) { testWorkspaces(t, s, sh.For(t), org) })
			t.Run("Objects", func(t *testing.T) { testKubectlObjects(t, sh.For(t)) })
			t.Run("Watch", func(t *testing.T) { testKubectlWatch(t, sh.For(t)) })
			t.Run("Discovery", func(t *testing.T) { testKubectlDiscovery(t, sh.For(t)) })
			t.Run("Errors", func(t *testing.T) { testKubectlErrors(t, sh.For(t)) })
			t.Run("WorkspaceDeletion", func(t *testing.T) { testWorkspaceDeletion(t, s, sh.For(t), org) })
		})
	}
}

// Leaves the shell in root:<org>:team-1, which lives on another shard than its parent and its child.
func testWorkspaces(t *testing.T, s *harness.Server, sh *harness.Shell, org string) {
	at := "root:" + org
	sh.Run("", []string{"ws", "create", org, "--type", "organization", "--location-selector", "name=root", "--enter"},
		`Workspace "`+org+`" (type root:organization) created. Waiting for it to be ready...`, `Workspace "`+org+`" (type root:organization) is ready to use.`,
		`Current workspace is '`+at+`' (type root:organization).`)
	sh.Run("", []string{"create", "workspace", "team-1", "--location-selector", "name=shard-1", "--enter"}, `Current workspace is '`+at+`:team-1' (type root:universal).`)
	sh.Run("", []string{"ws", "create", "inner", "--location-selector", "name=root"}, `Workspace "inner" (type root:universal) is ready to use.`)
	sh.Run("", []string{"ws", "tree"}, "└── team-1", "    └── inner")
	sh.Run("", []string{"ws", ".."}, `Current workspace is '`+at+`'.`)
	sh.Run("", []string{"ws", "."}, `Current workspace is '`+at+`'`)
	sh.Run("", []string{"ws", "tree"}, "└── "+org, "└── team-1", "└── inner")
	sh.Run("", []string{"get", "ws"}, "NAME", "TYPE", "PHASE", "URL", "team-1", "universal", "Ready", fmt.Sprintf("https://127.0.0.1:%d/clusters/%s:team-1", s.Port, at))
	sh.Run("", []string{"get", "workspaces", "-o", "wide"}, "NAME", "REGION", "team-1")
	sh.Run("", []string{"get", "workspace", "team-1", "-o", "jsonpath={.status.phase}"}, "Ready")
	sh.Run("", []string{"describe", "ws", "team-1"}, "Name:", "team-1", "Phase:", "Ready")
	sh.Run("", []string{"wait", "ws/team-1", "--for=jsonpath={.status.phase}=Ready", "--timeout=30s"}, "workspace.tenancy.kcp.io/team-1 condition met")
	sh.Run("", []string{"wait", "ws/team-1", "--for=condition=WorkspaceScheduled", "--timeout=30s"}, "condition met")
	sh.Run("", []string{"ws", "team-1:inner"}, `Current workspace is '`+at+`:team-1:inner' (type root:universal).`)
	sh.Run("", []string{"ws", "-"}, `Current workspace is '`+at+`'.`)
	sh.Run("", []string{"ws", ":root"}, `Current workspace is 'root'`)
	sh.Run("", []string{"ws", ":" + at + ":team-1"}, `Current workspace is '`+at+`:team-1' (type root:universal).`)
	sh.Run("", []string{"ws", "--short", "current"}, at+":team-1")
}

func testKubectlObjects(t *testing.T, sh *harness.Shell) {
	run := func(line string, want ...string) { t.Helper(); sh.Run("", strings.Fields(line), want...) }
	run("create configmap a --from-literal k=v", "configmap/a created")
	sh.Run(manifest, []string{"create", "-f", "-"}, "configmap/b created")
	run("get cm -o wide", "NAME", "DATA", "AGE", "kube-root-ca.crt")
	run("get cm b -o yaml", "apiVersion: v1", "kind: ConfigMap", "k: v", "name: b", "namespace: default", "uid: ")
	run("get cm b -o json", `"kind": "ConfigMap"`, `"k": "v"`)
	run("get cm -l app=web -o name", "configmap/b")
	run("get cm -l app!=web --field-selector metadata.name=a -o name", "configmap/a")
	run("get cm --chunk-size=1 -o name", "configmap/a", "configmap/b", "configmap/kube-root-ca.crt")
	run("label cm b tier=front", "configmap/b labeled")
	run("annotate cm b note=one", "configmap/b annotated")
	run(`patch cm b -p {"data":{"strategic":"1"}}`, "configmap/b patched")
	run(`patch cm b --type=merge -p {"data":{"merge":"2"}}`, "configmap/b patched")
	run(`patch cm b --type=json -p [{"op":"add","path":"/data/json","value":"3"}]`, "configmap/b patched")
	sh.Run("", []string{"get", "cm", "b", "-o", "jsonpath={.data.strategic}{.data.merge}{.data.json} {.metadata.labels.tier} {.metadata.annotations.note}"}, "123 front one")
	run("wait cm/b --for=jsonpath={.data.json}=3 --timeout=30s", "configmap/b condition met")
	run("describe cm b", "Name:         b", "tier=front", "json:", "Events:  <none>")
	run("label cm b tier-", "configmap/b unlabeled")
	sh.Run(strings.Replace(manifest, "k: v", "k: replaced", 1), []string{"replace", "-f", "-"}, "configmap/b replaced")
	run("get cm b -o jsonpath={.data}", `{"k":"replaced"}`)
	sh.Run(strings.Replace(manifest, "k: v", "k: applied", 1), []string{"apply", "-f", "-"}, "configmap/b configured")
	sh.Run(strings.Replace(manifest, "k: v", "k: other", 1), []string{"replace", "--dry-run=server", "-f", "-"}, "configmap/b replaced (server dry run)")
	run("get cm b -o jsonpath={.data}", `{"k":"applied"}`)
	run("create namespace staging", "namespace/staging created")
	run("create serviceaccount robot -n staging", "serviceaccount/robot created")
	run("create secret generic s --from-literal=p=w -n staging", "secret/s created")
	run("create role reader --verb=get --resource=configmaps -n staging", "role.rbac.authorization.k8s.io/reader created")
	run("get ns,secret,sa -A", "namespace/default", "namespace/staging", "secret/s", "serviceaccount/robot", "serviceaccount/default")
	run("wait ns/staging --for=jsonpath={.status.phase}=Active --timeout=30s", "condition met")
	run("delete cm b", `configmap "b" deleted`)
	sh.Fails("", []string{"get", "cm", "b"}, `Error from server (NotFound): configmaps "b" not found`)
	run("delete ns staging", `namespace "staging" deleted`)
	sh.Fails("", []string{"get", "ns", "staging"}, `namespaces "staging" not found`)
}

func testKubectlWatch(t *testing.T, sh *harness.Shell) {
	ctx := harness.Context(t)
	out := sh.Start(ctx, "get", "cm", "-w")
	out.Await(t, ctx, "kube-root-ca.crt")
	sh.Run(strings.Replace(manifest, "name: b", "name: watched", 1), []string{"create", "-f", "-"})
	out.Await(t, ctx, "watched")
	events := sh.Start(ctx, "get", "cm", "-l", "app=web", "-w", "--output-watch-events", "-o", `jsonpath={.type} {.object.metadata.name};`)
	events.Await(t, ctx, "ADDED watched;")
	waiting := sh.Start(ctx, "wait", "cm/watched", "--for=delete", "--timeout=60s")
	sh.Run("", []string{"label", "cm", "watched", "tier=front"})
	events.Await(t, ctx, "MODIFIED watched;")
	sh.Run("", []string{"delete", "cm", "watched"})
	events.Await(t, ctx, "DELETED watched;")
	waiting.Await(t, ctx, "configmap/watched condition met")
}

func testKubectlDiscovery(t *testing.T, sh *harness.Shell) {
	run := func(line string, want ...string) { t.Helper(); sh.Run("", strings.Fields(line), want...) }
	run("api-resources", "configmaps", "ConfigMap", "workspaces", "tenancy.kcp.io/v1alpha1", "leases", "apibindings")
	run("api-resources --namespaced=false --verbs=list -o name", "namespaces", "workspaces.tenancy.kcp.io", "clusterroles.rbac.authorization.k8s.io")
	run("api-versions", "v1\n", "rbac.authorization.k8s.io/v1", "tenancy.kcp.io/v1alpha1", "core.kcp.io/v1alpha1")
	run("explain cm.data", "KIND:       ConfigMap", "VERSION:    v1", "FIELD: data <map[string]string>")
	run("explain workspace.spec", "KIND:       Workspace", "VERSION:    v1alpha1", "location")
	run("version", "Server Version: v1.")
	run("auth can-i create configmaps", "yes")
	run("auth can-i --list", "Resources", "selfsubjectreviews.authentication.k8s.io", "[/api/*]", "*.*")
	run("auth whoami", "kcp-admin", "system:kcp:admin")
}

func testKubectlErrors(t *testing.T, sh *harness.Shell) {
	sh.Fails("", []string{"ws", "nope"}, "not found")
	sh.Fails("", []string{"ws", "create", "inner"}, `workspaces.tenancy.kcp.io "inner" already exists`)
	sh.Run("", []string{"create", "workspace", "inner", "--ignore-existing"}, "already exists")
	sh.Fails("", []string{"ws", "create", "Bad_Name"}, "Bad_Name", "lowercase RFC 1123")
	sh.Fails("", []string{"ws", "create", "odd", "--type", "nope"}, `nope`)
	sh.Fails("", []string{"create", "configmap", "Bad_Name"}, "Bad_Name", "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters")
	sh.Run("", []string{"config", "set-credentials", "alice", "--token", aliceToken})
	sh.Run("", []string{"config", "set-credentials", "nobody", "--token", "unknown"})
	sh.Fails("", []string{"get", "cm", "--user=alice"},
		`Error from server (Forbidden): configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" in the namespace "default": access denied`)
	sh.Fails("", []string{"get", "cm", "--user=nobody"}, "You must be logged in to the server (Unauthorized)")
	sh.Fails(strings.Replace(manifest, "k: v", "k: 5", 1), []string{"create", "--validate=false", "-f", "-"}, `ConfigMap in version "v1" cannot be handled as a ConfigMap`)
	sh.Fails(strings.Replace(manifest, "\ndata:", "\ndate:", 1), []string{"create", "-f", "-"}, `unknown field "date"`)
	sh.Fails("", []string{"get", "foos"}, `the server doesn't have a resource type "foos"`)
	sh.Fails("", []string{"delete", "ns", "default"}, `namespaces "default" is forbidden: this namespace may not be deleted`)
}

// A workspace goes with all below it, on both shards.
func testWorkspaceDeletion(t *testing.T, s *harness.Server, sh *harness.Shell, org string) {
	sh.Run("", []string{"ws", ".."}, `Current workspace is 'root:`+org+`'`)
	sh.Run("", []string{"delete", "ws", "team-1"}, `workspace.tenancy.kcp.io "team-1" deleted`)
	sh.Fails("", []string{"get", "ws", "team-1"}, `workspaces.tenancy.kcp.io "team-1" not found`)
	ctx := harness.Context(t)
	for _, shard := range []string{"root", "shard-1"} {
		found, err := logicalClusters(t, ctx, s, shard)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			if strings.HasPrefix(path, "root:"+org+":") {
				t.Errorf("%s is still on shard %s", path, shard)
			}
		}
	}
}
