package charts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"atoll.dev/e2e/harness"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"
)

// mayBeEmpty are panels about what need not happen in a healthy fleet: their series begin with the first such event.
var mayBeEmpty = map[string]string{
	"Requests refused":    "needs a server at its limit",
	"Retries":             "needs a reconcile that fails",
	"Shards out of reach": "needs a shard that is away",
}

// shards of the fleet under test.
var fleetShards = []string{"root", "shard-1"}

// startPrometheus runs a real one that scrapes every process of the fleet each second, as the chart's ServiceMonitors would have it, and
// returns its URL.
func startPrometheus(t *testing.T, s *harness.Server) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	job := func(component, instance, host string, config *rest.Config) object {
		tls := object{"ca_file": filepath.Join(s.Root, "serving-ca.crt")}
		j := object{"job_name": component + "-" + instance, "scheme": "https", "tls_config": tls,
			"static_configs": []any{object{"targets": []any{host}, "labels": object{"component": component, "instance": instance}}}}
		if config == nil {
			return j
		}
		if config.BearerToken != "" {
			j["authorization"] = object{"credentials_file": write(instance+".token", []byte(config.BearerToken))}
		}
		if len(config.CertData) > 0 {
			tls["cert_file"] = write(instance+".crt", config.CertData)
			tls["key_file"] = write(instance+".key", config.KeyData)
		}
		return j
	}
	host := func(config *rest.Config) string {
		u, err := url.Parse(config.Host)
		if err != nil {
			t.Fatal(err)
		}
		return u.Host
	}
	front := s.Config(t, "base", "")
	jobs := []any{job("front-proxy", "front-proxy", host(front), front)}
	for _, name := range fleetShards {
		shard := harness.Config(t, filepath.Join(s.Root, "shards", name, "admin.kubeconfig"), "shard-base", "")
		jobs = append(jobs, job("shard", name, host(shard), shard))
	}
	jobs = append(jobs, job("cache-server", "cache-server", "127.0.0.1:"+portOf(t, s, "cache-server"), nil))
	rules, err := filepath.Abs(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	config, err := yaml.Marshal(object{
		"global":         object{"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
		"rule_files":     []any{rules},
		"scrape_configs": jobs,
	})
	if err != nil {
		t.Fatal(err)
	}

	address := fmt.Sprintf("127.0.0.1:%d", harness.FreePort(t))
	command := exec.Command("prometheus", "--config.file="+write("prometheus.yml", config), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+address)
	var log bytes.Buffer
	command.Stdout, command.Stderr = &log, &log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		t.Fatalf("prometheus (Debian's package): %v", err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("output of prometheus:\n%.8000s", log.String())
		}
	})
	at := "http://" + address
	harness.Eventually(t, 30*time.Second, "prometheus ready", func() (bool, string) {
		response, err := http.Get(at + "/-/ready")
		if err != nil {
			return false, err.Error()
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK, response.Status
	})
	return at
}

// portOf reads a process's HTTPS port from its command line.
func portOf(t *testing.T, s *harness.Server, process string) string {
	t.Helper()
	pid, ok := s.Pids(t)[process]
	if !ok {
		t.Fatalf("pids.json has no %s", process)
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		t.Fatal(err)
	}
	arguments := strings.Split(string(line), "\x00")
	if i := slices.Index(arguments, "--secure-port"); i >= 0 && i+1 < len(arguments) {
		return arguments[i+1]
	}
	t.Fatalf("%s has no --secure-port in %q", process, arguments)
	return ""
}

type series struct {
	Metric map[string]string
	Value  [2]any
}

// number is NaN when it cannot be read.
func (s series) number() float64 {
	text, _ := s.Value[1].(string)
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

func query(at, expression string) ([]series, error) {
	response, err := http.PostForm(at+"/api/v1/query", url.Values{"query": {expression}})
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Status, Error string
		Data          struct{ Result json.RawMessage }
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	if answer.Status != "success" {
		return nil, fmt.Errorf("refused: %s", answer.Error)
	}
	var result []series
	return result, json.Unmarshal(answer.Data.Result, &result)
}

// use keeps the fleet busy with a bit of everything until ctx ends: workspaces on both shards, all verbs, an error. It returns the first
// request that failed and should not have.
func use(ctx context.Context, workspaces dynamic.ResourceInterface, configMaps map[string]dynamic.ResourceInterface) error {
	for i := 0; ; i++ {
		for shard, client := range configMaps {
			workspace := &unstructured.Unstructured{Object: object{
				"apiVersion": "tenancy.kcp.io/v1alpha1", "kind": "Workspace", "metadata": object{"name": fmt.Sprintf("w%d-%s", i, shard)},
				"spec": object{"location": object{"selector": object{"matchLabels": object{"name": shard}}}}}}
			if _, err := workspaces.Create(ctx, workspace, metav1.CreateOptions{}); err != nil {
				return err
			}
			for n := range 5 {
				cm := &unstructured.Unstructured{Object: object{"apiVersion": "v1", "kind": "ConfigMap",
					"metadata": object{"name": fmt.Sprintf("c%d-%d", i, n)}, "data": object{"k": "v"}}}
				created, err := client.Create(ctx, cm, metav1.CreateOptions{})
				if err != nil {
					return err
				}
				created.SetLabels(map[string]string{"n": strconv.Itoa(n)})
				if _, err := client.Update(ctx, created, metav1.UpdateOptions{}); err != nil {
					return err
				}
				if _, err := client.Get(ctx, created.GetName(), metav1.GetOptions{}); err != nil {
					return err
				}
				if _, err := client.Get(ctx, "absent", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
					return fmt.Errorf("getting what is not there: %w", err)
				}
				if err := client.Delete(ctx, created.GetName(), metav1.DeleteOptions{}); err != nil {
					return err
				}
			}
			if _, err := client.List(ctx, metav1.ListOptions{}); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(200 * time.Millisecond): // busy, not loaded
		}
	}
}

// Every query of the dashboard is answered by a real Prometheus that scrapes a running fleet, with the labels that its legend names.
func TestDashboardLive(t *testing.T) {
	s := harness.Start(t, "--shards", "2")
	s.CreateWorkspace(t, "root", "used", harness.WorkspaceOptions{Type: "organization"})
	configMaps := map[string]dynamic.ResourceInterface{} // by shard
	for _, shard := range fleetShards {
		name := "used-" + shard
		s.CreateWorkspace(t, "root", name, harness.WorkspaceOptions{Type: "organization", Shard: shard})
		configMaps[shard] = s.Dynamic(t, "base", "root:"+name).Resource(schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}).Namespace("default")
		// A watch that stays open is what the panel of watches shows.
		w, err := configMaps[shard].Watch(harness.Context(t), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Stop()
	}
	at := startPrometheus(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	workspaces := s.Dynamic(t, "base", "root:used").Resource(harness.Workspaces)
	used := make(chan error, 1)
	go func() { used <- use(ctx, workspaces, configMaps) }()
	defer func() {
		cancel()
		if err := <-used; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("using the fleet: %v", err)
		}
	}()

	harness.Eventually(t, 60*time.Second, "every process scraped", func() (bool, string) {
		up, err := query(at, "up")
		if err != nil {
			return false, err.Error()
		}
		good := 0
		for _, one := range up {
			if one.number() == 1 {
				good++
			}
		}
		return good == len(fleetShards)+2, fmt.Sprintf("%d of %d are up: %v", good, len(fleetShards)+2, up)
	})

	substitute := strings.NewReplacer("$__rate_interval", "30s", "$region", ".*", "$instance", ".*")
	legend := regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)
	for _, p := range readBoard(t).Panels {
		for _, target := range p.Targets {
			expression := substitute.Replace(target.Expr)
			t.Run(p.Title+"/"+target.RefID, func(t *testing.T) {
				if why, ok := mayBeEmpty[p.Title]; ok {
					if _, err := query(at, expression); err != nil {
						t.Errorf("%s: %v", expression, err)
					}
					t.Logf("not asked for values: %s", why)
					return
				}
				var result []series
				harness.Eventually(t, 60*time.Second, expression, func() (bool, string) {
					var err error
					if result, err = query(at, expression); err != nil {
						return false, err.Error()
					}
					return slices.ContainsFunc(result, func(s series) bool { return !math.IsNaN(s.number()) && !math.IsInf(s.number(), 0) }), fmt.Sprint(result)
				})
				for _, m := range legend.FindAllStringSubmatch(target.LegendFormat, -1) {
					if !slices.ContainsFunc(result, func(s series) bool { return s.Metric[m[1]] != "" }) {
						t.Errorf("%s: no series has the legend's label %s: %v", expression, m[1], result)
					}
				}
			})
		}
	}

	t.Run("alerts are quiet", func(t *testing.T) {
		// Rules run at an interval of their own: once they have recorded something, the alerts have been looked at, too.
		harness.Eventually(t, 60*time.Second, "recording rules", func() (bool, string) {
			recorded, err := query(at, "atoll:request_error_ratio:rate5m")
			return err == nil && len(recorded) == 1, fmt.Sprint(recorded, err)
		})
		firing, err := query(at, `ALERTS{alertstate="firing"}`)
		if err != nil || len(firing) > 0 {
			t.Errorf("%v, %v", firing, err)
		}
	})
}
