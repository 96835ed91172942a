// Package charts tests what operators get: the Helm chart with a real helm, the dashboard and the rules with a real Prometheus that
// scrapes a running fleet.
package charts

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"atoll.dev/e2e/harness"
	"sigs.k8s.io/yaml"
)

const (
	repository = "../.."
	chart      = repository + "/charts/atoll"
)

// runHelm returns what helm prints and its error with what it says about it. No cluster and no configuration of the user is in reach.
func runHelm(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	home := t.TempDir()
	command := exec.Command(harness.Tool(t, "helm"), arguments...)
	command.Env = append(os.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home, "KUBECONFIG="+home+"/none")
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return stdout.String(), fmt.Errorf("helm %s: %w:\n%s%s", arguments[0], err, stdout.String(), stderr.String())
	}
	return stdout.String(), nil
}

type object = map[string]any

// at walks through maps and lists; nil when something is not there.
func at(value any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := value.(object)
			value = m[s]
		case int:
			l, _ := value.([]any)
			if s >= len(l) {
				return nil
			}
			value = l[s]
		}
	}
	return value
}

func text(value any, path ...any) string {
	s, _ := at(value, path...).(string)
	return s
}

func list(value any, path ...any) []any {
	l, _ := at(value, path...).([]any)
	return l
}

// rendered is what `helm template` made of some values.
type rendered struct {
	objects map[string]object // "Kind/name"
}

func render(t *testing.T, arguments ...string) *rendered {
	t.Helper()
	out, err := runHelm(t, append([]string{"template", "fleet", chart, "--namespace", "reef"}, arguments...)...)
	if err != nil {
		t.Fatal(err)
	}
	r := &rendered{objects: map[string]object{}}
	for i, document := range strings.Split("\n"+out, "\n---") {
		var o object
		if err := yaml.UnmarshalStrict([]byte(document), &o); err != nil {
			t.Fatalf("document %d: %v\n%s", i, err, document)
		}
		if o == nil {
			continue
		}
		key := text(o, "kind") + "/" + text(o, "metadata", "name")
		if text(o, "apiVersion") == "" || r.objects[key] != nil {
			t.Fatalf("%s has no apiVersion, or is there twice", key)
		}
		r.objects[key] = o
	}
	return r
}

func (r *rendered) ofKind(kinds ...string) map[string]object {
	out := map[string]object{}
	for key, o := range r.objects {
		for _, kind := range kinds {
			if strings.HasPrefix(key, kind+"/") {
				out[key] = o
			}
		}
	}
	return out
}

// workloads are what runs pods.
func (r *rendered) workloads() map[string]object { return r.ofKind("Deployment", "StatefulSet") }

func valueFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(chart + "/ci/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no values to test with: %v", err)
	}
	return files
}

func TestChartLints(t *testing.T) {
	for _, values := range valueFiles(t) {
		if out, err := runHelm(t, "lint", "--strict", chart, "--values", values); err != nil {
			t.Errorf("%s: %v\n%s", values, err, out)
		}
	}
}

func TestChartRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		values string
		want   string
	}{
		{"no host name", `shards: [{name: root}]`, "externalHostname"},
		{"an unknown key", "externalHostname: a.test\nreplicaz: 2", "replicaz"},
		{"an unknown key of a shard", "externalHostname: a.test\nshards: [{name: root, size: 1Gi}]", "size"},
		{"no root shard", "externalHostname: a.test\nshards: [{name: other}]", "shards"},
		{"a shard's bad name", "externalHostname: a.test\nshards: [{name: root}, {name: Other_1}]", "shards/1/name"},
		{"one shard twice", "externalHostname: a.test\nshards: [{name: root}, {name: a}, {name: a}]", `"a" is there twice`},
		{"certificates of nobody", "externalHostname: a.test\ncertificates: {mode: existing}", "frontProxySecret"},
		{"a shard without its certificates", "externalHostname: a.test\nshards: [{name: root}, {name: b}]\ncertificates: {mode: existing, existing: {frontProxySecret: f, cacheServerSecret: c, shardSecrets: {root: r}}}", `no Secret for shard "b"`},
		{"tokens of nobody", "externalHostname: a.test\nauthentication: {mode: existing}", "existingTokenSecret"},
		{"a digest that is none", "externalHostname: a.test\nimage: {repository: atoll, digest: latest}", "digest"},
	} {
		file := filepath.Join(t.TempDir(), "values.yaml")
		if err := os.WriteFile(file, []byte(c.values), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := runHelm(t, "template", "fleet", chart, "--values", file); err == nil {
			t.Errorf("%s: accepted:\n%.400s", c.name, out)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: does not speak of %q: %v", c.name, c.want, err)
		}
	}
}

// Pods keep to the restricted Pod Security Standard, and to what makes them run: probes, resources, ports, files that are there.
func TestChartPods(t *testing.T) {
	for _, values := range valueFiles(t) {
		r := render(t, "--values", values)
		if len(r.workloads()) < 3 {
			t.Errorf("%s: only %d workloads", values, len(r.workloads()))
		}
		for key, w := range r.workloads() {
			pod := at(w, "spec", "template", "spec")
			bad := func(format string, a ...any) { t.Errorf("%s: %s: %s", values, key, fmt.Sprintf(format, a...)) }
			if at(pod, "automountServiceAccountToken") != false {
				bad("has a service account token")
			}
			if at(pod, "securityContext", "runAsNonRoot") != true || text(pod, "securityContext", "seccompProfile", "type") != "RuntimeDefault" {
				bad("security context of the pod: %v", at(pod, "securityContext"))
			}
			volumes := map[string]any{}
			for _, v := range list(pod, "volumes") {
				volumes[text(v, "name")] = v
			}
			for _, v := range list(w, "spec", "volumeClaimTemplates") {
				volumes[text(v, "metadata", "name")] = v
			}
			for _, c := range list(pod, "containers") {
				s := at(c, "securityContext")
				if at(s, "allowPrivilegeEscalation") != false || at(s, "readOnlyRootFilesystem") != true || text(s, "capabilities", "drop", 0) != "ALL" {
					bad("security context: %v", s)
				}
				if at(c, "resources", "requests") == nil || at(c, "resources", "limits", "memory") == nil {
					bad("resources: %v", at(c, "resources"))
				}
				for probe, path := range map[string]string{"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"} {
					if text(c, probe, "httpGet", "path") != path || text(c, probe, "httpGet", "scheme") != "HTTPS" {
						bad("%s: %v", probe, at(c, probe))
					}
				}
				mounts := map[string]any{}
				for _, m := range list(c, "volumeMounts") {
					volume, ok := volumes[text(m, "name")]
					if !ok {
						bad("mounts volume %q, which is not there", text(m, "name"))
					}
					mounts[text(m, "mountPath")] = volume
				}
				checkFiles(t, r, key, c, mounts)
			}
		}
	}
}

// checkFiles looks up each file that a flag names in the Secret that is mounted there, when the chart makes that Secret.
func checkFiles(t *testing.T, r *rendered, key string, container any, mounts map[string]any) {
	t.Helper()
	for _, a := range list(container, "args") {
		flag, value, _ := strings.Cut(a.(string), "=")
		if !strings.HasPrefix(value, "/etc/") {
			continue
		}
		volume, ok := mounts[filepath.Dir(value)]
		if !ok {
			t.Errorf("%s: %s: nothing is mounted at %s", key, flag, filepath.Dir(value))
			continue
		}
		secret := r.objects["Secret/"+text(volume, "secret", "secretName")]
		if secret == nil {
			continue // the operator's own
		}
		name := filepath.Base(value)
		if at(secret, "data", name) == nil && at(secret, "stringData", name) == nil {
			t.Errorf("%s: %s: Secret %s has no key %s", key, flag, text(secret, "metadata", "name"), name)
		}
	}
}

// Every flag that the chart passes is one that the binary knows.
func TestChartFlags(t *testing.T) {
	r := render(t, "--values", chart+"/ci/fleet.yaml")
	help := map[string]string{}
	for key, w := range r.workloads() {
		for _, c := range list(w, "spec", "template", "spec", "containers") {
			binary := text(c, "command", 0)
			if help[binary] == "" {
				out, err := exec.Command(harness.Binary(t, binary), "--help").CombinedOutput()
				if err != nil {
					t.Fatalf("%s --help: %v\n%s", binary, err, out)
				}
				help[binary] = strings.NewReplacer(",", " ", "=", " ").Replace(string(out))
			}
			for _, a := range list(c, "args") {
				flag, _, _ := strings.Cut(a.(string), "=")
				if !strings.Contains(help[binary], flag+" ") {
					t.Errorf("%s: %s does not know %s", key, binary, flag)
				}
			}
		}
	}
}

// Services, budgets and policies select the pods that they mean, and a service's ports are the pods'.
func TestChartSelectors(t *testing.T) {
	for _, values := range valueFiles(t) {
		r := render(t, "--values", values)
		selects := func(selector any) (pods []any) {
			for _, w := range r.workloads() {
				labels := at(w, "spec", "template", "metadata", "labels")
				all := true
				for k, v := range selector.(object) {
					all = all && text(labels, k) == v
				}
				if all {
					pods = append(pods, at(w, "spec", "template", "spec"))
				}
			}
			return pods
		}
		for key, s := range r.ofKind("Service") {
			pods := selects(at(s, "spec", "selector"))
			if len(pods) != 1 {
				t.Errorf("%s: %s selects %d workloads", values, key, len(pods))
				continue
			}
			for _, p := range list(s, "spec", "ports") {
				found := false
				for _, have := range list(pods[0], "containers", 0, "ports") {
					found = found || text(have, "name") == text(p, "targetPort")
				}
				if !found {
					t.Errorf("%s: %s: no port %q", values, key, text(p, "targetPort"))
				}
			}
		}
		for key, o := range r.ofKind("PodDisruptionBudget") {
			if len(selects(at(o, "spec", "selector", "matchLabels"))) == 0 {
				t.Errorf("%s: %s selects nothing", values, key)
			}
		}
		for key, o := range r.ofKind("NetworkPolicy") {
			if len(selects(at(o, "spec", "podSelector", "matchLabels"))) == 0 {
				t.Errorf("%s: %s selects nothing", values, key)
			}
		}
		for key, o := range r.ofKind("ServiceMonitor") {
			found := 0
			for _, s := range r.ofKind("Service") {
				all := true
				for k, v := range at(o, "spec", "selector", "matchLabels").(object) {
					all = all && text(s, "metadata", "labels", k) == v
				}
				if all {
					found++
				}
			}
			if found != 1 {
				t.Errorf("%s: %s selects %d services", values, key, found)
			}
		}
	}
}

// pemOf is the certificate in a key of a rendered Secret.
func pemOf(t *testing.T, r *rendered, secret, key string) *x509.Certificate {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(text(r.objects["Secret/"+secret], "data", key))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	if block == nil {
		t.Fatalf("Secret %s: no PEM in %s", secret, key)
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The built-in certificates fit the names that processes call each other by, and each authority is trusted for its purpose only.
func TestChartCertificates(t *testing.T) {
	r := render(t, "--values", chart+"/ci/fleet.yaml")
	hosts := map[string]string{
		"fleet-atoll-front-proxy-certificates":   "atoll.example.test",
		"fleet-atoll-cache-server-certificates":  "fleet-atoll-cache-server.reef.svc",
		"fleet-atoll-shard-root-certificates":    "fleet-atoll-shard-root.reef.svc",
		"fleet-atoll-shard-south-1-certificates": "fleet-atoll-shard-south-1.reef.svc",
	}
	verify := func(secret, certificate, authority, host string, usage x509.ExtKeyUsage) error {
		roots := x509.NewCertPool()
		roots.AddCert(pemOf(t, r, secret, authority))
		_, err := pemOf(t, r, secret, certificate).Verify(x509.VerifyOptions{Roots: roots, DNSName: host, KeyUsages: []x509.ExtKeyUsage{usage}})
		return err
	}
	for secret, host := range hosts {
		for _, c := range []struct {
			certificate, authority, host string
			usage                        x509.ExtKeyUsage
			ok                           bool
		}{
			{"tls.crt", "serving-ca.crt", host, x509.ExtKeyUsageServerAuth, true},
			{"tls.crt", "serving-ca.crt", "localhost", x509.ExtKeyUsageServerAuth, true},
			{"tls.crt", "serving-ca.crt", "other.test", x509.ExtKeyUsageServerAuth, false},
			{"tls.crt", "client-ca.crt", "", x509.ExtKeyUsageClientAuth, false},
			{"tls.crt", "requestheader-ca.crt", "", x509.ExtKeyUsageClientAuth, false},
			{"rpc.crt", "rpc-ca.crt", host, x509.ExtKeyUsageServerAuth, true},
			{"rpc.crt", "rpc-ca.crt", "", x509.ExtKeyUsageClientAuth, true},
			{"rpc.crt", "requestheader-ca.crt", "", x509.ExtKeyUsageClientAuth, false},
		} {
			if err := verify(secret, c.certificate, c.authority, c.host, c.usage); (err == nil) != c.ok {
				t.Errorf("%s: %s by %s for %q: %v", secret, c.certificate, c.authority, c.host, err)
			}
		}
	}
	const proxy = "fleet-atoll-front-proxy-certificates"
	if err := verify(proxy, "proxy.crt", "requestheader-ca.crt", "", x509.ExtKeyUsageClientAuth); err != nil {
		t.Error(err)
	}
	args := fmt.Sprint(at(r.objects["StatefulSet/fleet-atoll-shard-root"], "spec", "template", "spec", "containers", 0, "args"))
	if name := pemOf(t, r, proxy, "proxy.crt").Subject.CommonName; !strings.Contains(args, "--requestheader-allowed-names="+name+" ") {
		t.Errorf("shards do not believe a front-proxy that is called %s", name)
	}
	signer := text(r.objects["Secret/fleet-atoll-shard-root-certificates"], "data", "sa.key")
	if signer == "" || signer != text(r.objects["Secret/fleet-atoll-shard-south-1-certificates"], "data", "sa.key") {
		t.Error("shards do not sign service account tokens with the same key")
	}
}

// The administrator's kubeconfig leads to the front-proxy, trusts it, and holds a token that shards know.
func TestChartKubeconfig(t *testing.T) {
	r := render(t, "--values", chart+"/ci/fleet.yaml")
	var k object
	if err := yaml.UnmarshalStrict([]byte(text(r.objects["Secret/fleet-atoll-admin-kubeconfig"], "stringData", "kubeconfig")), &k); err != nil {
		t.Fatal(err)
	}
	if got := text(k, "clusters", 0, "cluster", "server"); got != "https://atoll.example.test:6443/clusters/root" {
		t.Errorf("server %q", got)
	}
	if text(k, "clusters", 0, "cluster", "certificate-authority-data") != text(r.objects["Secret/fleet-atoll-serving-ca"], "data", "tls.crt") {
		t.Error("not the authority of the serving certificates")
	}
	token := text(k, "users", 0, "user", "token")
	if csv := text(r.objects["Secret/fleet-atoll-tokens"], "stringData", "tokens.csv"); len(token) < 32 || !strings.HasPrefix(csv, token+",") {
		t.Error("the token is not among those that shards know")
	}
}

// The notes name the real objects, for each way to expose the fleet.
func TestChartNotes(t *testing.T) {
	for values, wanted := range map[string][]string{
		"minimal":  {"1 shard is", "get service fleet-atoll-front-proxy", "get secret fleet-atoll-admin-kubeconfig", "rollout status", "serviceMonitor.enabled=true"},
		"fleet":    {"2 shards are", "port-forward service/fleet-atoll-front-proxy 6443:6443"},
		"existing": {"https://atoll.example.test/clusters/root"},
	} {
		out, err := runHelm(t, "install", "fleet", chart, "--namespace", "reef", "--dry-run=client", "--values", chart+"/ci/"+values+".yaml")
		if err != nil {
			t.Fatal(err)
		}
		_, notes, _ := strings.Cut(out, "NOTES:")
		for _, want := range wanted {
			if !strings.Contains(notes, want) {
				t.Errorf("%s: no %q in the notes:\n%s", values, want, notes)
			}
		}
	}
}

// What the chart ships for monitoring is what the repository has, byte for byte.
func TestChartMonitoring(t *testing.T) {
	r := render(t, "--values", chart+"/ci/fleet.yaml")
	board, err := os.ReadFile(boardFile)
	if err != nil {
		t.Fatal(err)
	}
	if got := text(r.objects["ConfigMap/fleet-atoll-dashboards"], "data", "fleet.json"); strings.TrimSpace(got) != strings.TrimSpace(string(board)) {
		t.Error("the dashboard is not that of charts/dashboards")
	}
	if len(list(r.objects["PrometheusRule/fleet-atoll"], "spec", "groups")) == 0 {
		t.Error("no rules")
	}
}
