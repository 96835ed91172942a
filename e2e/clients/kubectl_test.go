package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"atoll.dev/e2e/harness"
)

// What people type beyond the first day's commands (those are in fleet/ and single/), with the oldest kubectl that is promised and with a newer one.
func TestKubectl(t *testing.T) {
	everywhere(t, func(t *testing.T, w *workspace) {
		versions := []string{"kubectl-1.32", "kubectl"}
		if os.Getenv("ATOLL_E2E_ALL") == "" { // each somewhere
			if w.shard != "" {
				versions = versions[:1]
			} else {
				versions = versions[1:]
			}
		}
		for _, version := range versions {
			t.Run(version, func(t *testing.T) {
				w := newWorkspace(t, w.server, strings.ReplaceAll(version, ".", "-"), w.shard)
				k := &kubectl{newProgram(t, w, harness.Tool(t, version), "KUBECTL_KUBERC=false")}
				t.Run("Describe", func(t *testing.T) { testDescribe(t, k) })
				t.Run("Edit", func(t *testing.T) { testEdit(t, k) })
				t.Run("Apply", func(t *testing.T) { testApply(t, k) })
				t.Run("Patch", func(t *testing.T) { testPatch(t, k) })
				t.Run("Explain", func(t *testing.T) { testExplain(t, k) })
				t.Run("Rights", func(t *testing.T) { testRights(t, k) })
				t.Run("Tokens", func(t *testing.T) { testTokens(t, k) })
				t.Run("Certificates", func(t *testing.T) { testCertificates(t, k) })
				t.Run("Wait", func(t *testing.T) { testWait(t, k) })
				t.Run("Many", func(t *testing.T) { testMany(t, k) })
				t.Run("Refused", func(t *testing.T) { testRefused(t, k) })
			})
		}
	})
}

type kubectl struct{ *program }

// split takes a line apart at blanks; `~` stands for a blank inside an argument.
func split(line string) []string {
	args := strings.Fields(line)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "~", " ")
	}
	return args
}

func (k *kubectl) do(t *testing.T, line string, want ...string) string {
	t.Helper()
	return k.run(t, split(line), want...)
}

func (k *kubectl) refuses(t *testing.T, line string, want ...string) {
	t.Helper()
	k.fails(t, split(line), want...)
}

// write puts a file into the program's folder.
func (k *kubectl) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(k.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

func configMap(name, data string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, labels: {set: one}}\ndata: {%s}\n", name, data)
}

func testDescribe(t *testing.T, k *kubectl) {
	k.do(t, "create namespace described")
	ns := func(line string, want ...string) { t.Helper(); k.do(t, line+" --namespace=described", want...) }
	ns("create quota few --hard=count/configmaps=5,count/secrets=2")
	ns("create serviceaccount robot")
	ns("create secret generic s --from-literal=password=abc")
	ns("create role reader --verb=get,list --resource=configmaps --resource-name=a")
	ns("create rolebinding reader --role=reader --serviceaccount=described:robot --user=alice")
	k.do(t, "wait resourcequota/few --for=jsonpath={.status.used.count/secrets}=1 --timeout=60s --namespace=described")
	k.do(t, "describe namespace described", "Status:       Active", "Resource Quotas", "count/configmaps", "count/secrets     1     2")
	ns("describe quota few", "Name:             few", "count/secrets     1     2")
	ns("describe serviceaccount robot", "Name:                robot", "Events:              <none>")
	ns("describe secret s", "Type:  Opaque", "password:  3 bytes")
	ns("describe role reader", "configmaps  []                 [a]             [get list]")
	ns("describe rolebinding reader", "Kind:  Role", "ServiceAccount  robot  described", "User            alice")
	k.do(t, "describe logicalcluster cluster", "Phase:", "Ready", "Kind:         LogicalCluster")
	k.do(t, "delete namespace described", `namespace "described" deleted`)
}

func testEdit(t *testing.T, k *kubectl) {
	k.do(t, "create configmap edited --from-literal=k=v")
	// An editor that does one `sed`.
	k.write(t, "editor", "#!/bin/sh\nsed -i \"$EDIT\" \"$1\"\n")
	edit := func(script string) *kubectl {
		with := *k.program
		with.env = append(append([]string{}, k.env...), "EDITOR="+filepath.Join(k.dir, "editor"), "EDIT="+script)
		return &kubectl{&with}
	}
	edit("s/k: v/k: w/").do(t, "edit configmap edited", "configmap/edited edited")
	k.do(t, "get configmap edited -o jsonpath={.data}", `{"k":"w"}`)
	edit("").do(t, "edit configmap edited", "Edit cancelled, no changes made.")
	edit("s/^  k: w/  not~a~key: w/").refuses(t, "edit configmap edited", `configmaps "edited" is invalid`, "no valid changes were saved")
	edit("s/^  name: edited/  name: other/").refuses(t, "edit configmap edited", "name was changed")
	edit("s/resourceVersion: .*/resourceVersion: \"1\"/").refuses(t, "edit configmap edited", "the object has been modified")
	edit("s/^  k: w/  k: x/").do(t, "edit configmap edited --output-patch", `Patch: {"data":{"k":"x"}}`)
	edit("s/^  k: x/  k: z/").do(t, "edit configmap edited --save-config", "configmap/edited edited")
	k.do(t, "get configmap edited -o jsonpath={.data}", `{"k":"z"}`)
}

func testApply(t *testing.T, k *kubectl) {
	k.write(t, "set/a.yaml", configMap("set-a", "k: v"))
	k.write(t, "set/b.yaml", configMap("set-b", "k: v"))
	k.do(t, "apply -f set", "configmap/set-a created", "configmap/set-b created")
	k.do(t, "apply view-last-applied configmap set-a -o json", `"k": "v"`)
	k.refuses(t, "diff -f missing.yaml", "does not exist")
	k.write(t, "set/a.yaml", configMap("set-a", "k: w"))
	k.refuses(t, "diff -f set", "-  k: v", "+  k: w")
	if err := os.Remove(filepath.Join(k.dir, "set/b.yaml")); err != nil {
		t.Fatal(err)
	}
	k.do(t, "apply -f set --prune -l set=one --prune-allowlist=core/v1/ConfigMap", "configmap/set-a configured", "configmap/set-b pruned")
	k.do(t, "diff -f set")
	// What a client-side apply no longer names goes, what others put there stays.
	k.do(t, `patch configmap set-a --type=merge -p {"data":{"other":"1"}}`)
	k.write(t, "set/a.yaml", configMap("set-a", "z: \"1\""))
	k.do(t, "apply -f set", "configmap/set-a configured")
	k.do(t, "get configmap set-a -o jsonpath={.data}", `{"other":"1","z":"1"}`)
	k.do(t, "apply set-last-applied -f set/a.yaml", "configmap/set-a configured")
	k.do(t, "apply --server-side -f set", "configmap/set-a serverside-applied")
	k.do(t, "get configmap set-a --show-managed-fields -o jsonpath={.metadata.managedFields[*].operation}", "Apply")
	k.write(t, "set/kustomization.yaml", "namePrefix: made-\nresources: [a.yaml]\nconfigMapGenerator:\n- name: generated\n  literals: [k=v]\n")
	k.do(t, "apply -k set", "configmap/made-set-a created", "configmap/made-generated-")
	k.do(t, "delete -k set", `"made-set-a" deleted`)
	k.do(t, "replace --force -f set/a.yaml", `"set-a" deleted`, "configmap/set-a replaced")
	k.refuses(t, "create -f set/a.yaml", `configmaps "set-a" already exists`)
}

func testPatch(t *testing.T, k *kubectl) {
	k.do(t, "create namespace patched")
	k.do(t, `patch namespace patched --type=strategic -p {"metadata":{"finalizers":["example.dev/held"]}}`, "namespace/patched patched")
	k.do(t, `patch namespace patched --type=strategic -p {"metadata":{"$deleteFromPrimitiveList/finalizers":["example.dev/held"]}}`, "namespace/patched patched")
	k.do(t, `patch namespace patched -p {"metadata":{"labels":{"a":"b"}}} --dry-run=server -o jsonpath={.metadata.labels.a}`, "b")
	k.do(t, `patch namespace patched -p {"metadata":{}}`, "namespace/patched patched (no change)")
	k.refuses(t, `patch namespace patched --type=json -p [{"op":"test","path":"/metadata/name","value":"x"}]`, "the server rejected our request due to an error in our request")
	k.refuses(t, `patch namespace patched --type=json -p [{"op":"wrong"}]`, "error")
	k.do(t, "create quota few --hard=secrets=2 --namespace=patched")
	k.do(t, `patch resourcequota few --subresource=status --type=merge -p {"status":{"hard":{"secrets":"2"}}} --namespace=patched`, "resourcequota/few patched")
	k.do(t, "get resourcequota few --subresource=status --namespace=patched", "few")
	k.do(t, "label namespace patched a=1 b=2", "namespace/patched labeled")
	k.refuses(t, "label namespace patched a=2", "'a' already has a value (1), and --overwrite is false")
	k.do(t, "label namespace patched a=2 b- --overwrite --resource-version="+k.do(t, "get namespace patched -o jsonpath={.metadata.resourceVersion}"), "namespace/patched labeled")
	k.refuses(t, "label namespace patched c=1 --resource-version=1", "the object has been modified")
	k.do(t, "get namespace patched --show-labels", "a=2,kubernetes.io/metadata.name=patched")
	k.do(t, "delete namespace patched --wait=false", `namespace "patched" deleted`)
}

func testExplain(t *testing.T, k *kubectl) {
	k.do(t, "explain configmap --recursive", "KIND:       ConfigMap", "binaryData\t<map[string]string>", "ownerReferences\t<[]OwnerReference>")
	k.do(t, "explain rolebinding.subjects", "GROUP:      rbac.authorization.k8s.io", "FIELD: subjects <[]Subject>", "kind\t<string> -required-")
	k.do(t, "explain rolebinding.subjects --output=plaintext-openapiv2", "RESOURCE: subjects <[]Object>", "kind\t<string> -required-")
	k.do(t, "explain workspaces.spec.type --api-version=tenancy.kcp.io/v1alpha1", "KIND:       Workspace", "path\t<string>")
	k.refuses(t, "explain configmap.nothing", `field "nothing" does not exist`)
	k.do(t, "api-resources --categories=kcp -o name", "workspaces.tenancy.kcp.io", "apibindings.apis.kcp.io")
	k.do(t, "api-resources --api-group=rbac.authorization.k8s.io --no-headers -o wide", "clusterroles", "create,delete,deletecollection,get,list,patch,update,watch")
}

func testRights(t *testing.T, k *kubectl) {
	robot := " --as=system:serviceaccount:default:robot --as-group=system:serviceaccounts --as-group=system:authenticated"
	k.do(t, "create serviceaccount robot")
	k.do(t, "create clusterrole lister --verb=list --resource=configmaps,secrets")
	k.do(t, "create rolebinding lister --clusterrole=lister --user=nobody")
	k.refuses(t, "auth can-i list configmaps"+robot, "no")
	k.do(t, "set subject rolebinding lister --serviceaccount=default:robot", "rolebinding.rbac.authorization.k8s.io/lister subjects updated")
	k.do(t, "auth can-i list configmaps"+robot, "yes")
	k.refuses(t, "auth can-i list configmaps --namespace=elsewhere"+robot, "no")
	k.refuses(t, "auth can-i get configmaps/status"+robot, "no")
	k.do(t, "auth can-i get /version"+robot, "yes")
	k.do(t, "auth can-i --list"+robot, "configmaps", "secrets", "[list]", "selfsubjectaccessreviews.authorization.k8s.io")
	k.do(t, "auth whoami -o jsonpath={.status.userInfo.username}"+robot, "system:serviceaccount:default:robot")
	k.write(t, "rights.yaml", `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: lister}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: lister, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: lister}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: alice}]
`)
	// Adds, takes nothing away.
	k.do(t, "auth reconcile -f rights.yaml", "clusterrole.rbac.authorization.k8s.io/lister reconciled", "rolebinding.rbac.authorization.k8s.io/lister reconciled")
	k.do(t, "get rolebinding lister -o jsonpath={.subjects[*].name}", "robot alice")
	k.do(t, "auth can-i get configmaps"+robot, "yes")
	k.do(t, "auth can-i list secrets"+robot, "yes")
}

func testTokens(t *testing.T, k *kubectl) {
	k.do(t, "create serviceaccount speaker")
	token := k.do(t, "create token speaker --duration=10m")
	if !regexp.MustCompile(`^[\w-]+\.[\w-]+\.[\w-]+$`).MatchString(strings.TrimSpace(token)) {
		t.Fatalf("a token: %q", token)
	}
	// The kubeconfig's own user would come first.
	anonymous := *k.program
	config, err := os.ReadFile(k.w.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	k.write(t, "as-speaker", regexp.MustCompile(`token: .*`).ReplaceAllString(string(config), "token: "+strings.TrimSpace(token)))
	anonymous.env = append(append([]string{}, k.env...), "KUBECONFIG="+filepath.Join(k.dir, "as-speaker"))
	speaker := &kubectl{&anonymous}
	if k.w.shard != "" {
		t.Log("a ServiceAccount's token is for its own shard: not tried through the front-proxy")
	} else {
		speaker.do(t, "auth whoami", "system:serviceaccount:default:speaker", "system:serviceaccounts:default", "authentication.kubernetes.io/credential-id")
		speaker.refuses(t, "get secrets", `User "system:serviceaccount:default:speaker" cannot list resource "secrets"`)
	}
	k.do(t, "create secret generic bound --from-literal=a=b")
	k.do(t, "create token speaker --bound-object-kind=Secret --bound-object-name=bound --audience=elsewhere -o jsonpath={.status.expirationTimestamp}", "T")
	k.refuses(t, "create token speaker --bound-object-kind=Secret --bound-object-name=nothing", `secrets "nothing" not found`)
	k.refuses(t, "create token nobody", `serviceaccounts "nobody" not found`)
	k.refuses(t, "create token speaker --duration=1s", "may not specify a duration less than 10 minutes")
}

func testCertificates(t *testing.T, k *kubectl) {
	key := filepath.Join(k.dir, "key.pem")
	openssl := program{k.w, "openssl", k.dir, nil}
	openssl.run(t, []string{"req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-subj", "/CN=carol", "-out", filepath.Join(k.dir, "carol.csr")})
	request := strings.TrimSpace(openssl.run(t, []string{"base64", "-A", "-in", filepath.Join(k.dir, "carol.csr")}))
	k.write(t, "csr.yaml", "apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata: {name: carol}\nspec: {request: "+request+
		", signerName: kubernetes.io/kube-apiserver-client, usages: [client auth]}\n")
	k.do(t, "create -f csr.yaml", "certificatesigningrequest.certificates.k8s.io/carol created")
	k.do(t, "get csr carol", "kubernetes.io/kube-apiserver-client", "Pending")
	k.do(t, "certificate approve carol", "certificatesigningrequest.certificates.k8s.io/carol approved")
	k.do(t, "get csr carol", "Approved")
	k.do(t, "describe csr carol", "Common Name:    carol", "Status:", "Approved")
	k.refuses(t, "certificate deny carol", "carol")
	k.do(t, "delete csr carol")
}

func testWait(t *testing.T, k *kubectl) {
	ctx := harness.Context(t)
	create := k.command(ctx, "wait", "--for=create", "configmap/awaited", "--timeout=60s")
	out := &strings.Builder{}
	create.Stdout, create.Stderr = out, out
	if err := create.Start(); err != nil {
		t.Fatal(err)
	}
	k.do(t, "create configmap awaited --from-literal=k=v")
	if err := create.Wait(); err != nil || !strings.Contains(out.String(), "configmap/awaited condition met") {
		t.Errorf("wait --for=create: %v\n%s", err, out)
	}
	k.do(t, "wait configmap/awaited --for=jsonpath={.data.k}=v --timeout=60s", "condition met")
	k.do(t, "create quota awaited --hard=count/leases.coordination.k8s.io=1")
	k.do(t, "wait resourcequota/awaited --for=jsonpath={.status.hard} --timeout=60s", "condition met")
	k.refuses(t, "wait configmap/awaited --for=condition=Ready --timeout=1s", "timed out waiting for the condition on configmaps/awaited")
	k.refuses(t, "wait configmap/nothing --for=condition=Ready --timeout=1s", `configmaps "nothing" not found`)
	k.do(t, "delete configmap awaited --wait=false")
	k.do(t, "wait configmap/awaited --for=delete --timeout=60s")
}

func testMany(t *testing.T, k *kubectl) {
	for _, name := range []string{"a", "b", "c"} {
		k.do(t, "create configmap many-"+name+" --from-literal=k="+name)
	}
	k.do(t, "label configmap many-a many-b many-c many=yes")
	k.do(t, "get configmap -l many=yes -o custom-columns=NAME:.metadata.name,K:.data.k --sort-by={.metadata.name} --no-headers", "many-a   a\nmany-b   b\nmany-c   c")
	k.do(t, "get configmap -l many -L many --no-headers", "many-a", "yes")
	k.do(t, "get configmap many-a many-b -o go-template={{range~.items}}{{.data.k}}{{end}}", "ab")
	k.do(t, "annotate configmap -l many=yes note=x", "configmap/many-a annotated", "configmap/many-c annotated")
	k.do(t, "delete configmap -l many=yes --dry-run=server", `configmap "many-a" deleted`)
	k.do(t, "delete configmap -l many=yes --cascade=orphan", `configmap "many-c" deleted`)
	k.do(t, "get configmap -l many=yes", "No resources found")
	k.do(t, "get events,leases,serviceaccounts -A", "serviceaccount/default")
	k.do(t, "events", "No events found in default namespace.")
	k.do(t, "get --raw /readyz?verbose", "ok")
	k.do(t, "create secret docker-registry registry --docker-username=u --docker-password=p --docker-email=e@example.dev", "secret/registry created")
	k.do(t, `patch serviceaccount default -p {"imagePullSecrets":[{"name":"registry"}]}`, "serviceaccount/default patched")
	k.do(t, "describe serviceaccount default", "Image pull secrets:  registry")
}

// What a control plane without nodes has not: a clear no, in the words of a Kubernetes that has it not.
func testRefused(t *testing.T, k *kubectl) {
	k.do(t, "create configmap refused --from-literal=k=v")
	k.refuses(t, "scale configmap/refused --replicas=2", "Error from server (NotFound): the server could not find the requested resource")
	k.refuses(t, "autoscale configmap/refused --max=3", "could not find scale subresource")
	k.refuses(t, "run x --image=y", `no matches for kind "Pod" in version "v1"`)
	k.refuses(t, "create deployment x --image=y", "the server could not find the requested resource (post deployments.apps)")
	k.refuses(t, "get pods", `the server doesn't have a resource type "pods"`)
	k.refuses(t, "logs x", `the server doesn't have a resource type "pods"`)
	k.refuses(t, "top node", "Metrics API not available")
	k.refuses(t, "rollout status deployment/x", `the server doesn't have a resource type "deployment"`)
}
