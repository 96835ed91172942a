// Package clients uses Atoll with the ecosystem's clients, each as its own users do: helm, Python and kopf, JavaScript, Java, OpenTofu, kubectl.
package clients

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"atoll.dev/e2e/harness"
)

// workspace is a fresh one, as its user sees it: a kubeconfig whose only context is the workspace.
type workspace struct {
	server     *harness.Server
	path       string
	shard      string // "" when there is one process
	kubeconfig string
	api        *kubernetes.Clientset
}

// everywhere runs a test in a workspace of one process, and in one of a fleet, through the front-proxy, on a shard that is not the root's.
func everywhere(t *testing.T, test func(t *testing.T, w *workspace)) {
	t.Helper()
	t.Run("OneProcess", func(t *testing.T) {
		test(t, newWorkspace(t, harness.Start(t), "org", ""))
	})
	t.Run("Fleet", func(t *testing.T) {
		test(t, newWorkspace(t, harness.Start(t, "--shards", "2"), "org", "shard-1"))
	})
}

func newWorkspace(t *testing.T, s *harness.Server, name, shard string) *workspace {
	t.Helper()
	s.CreateWorkspace(t, "root", name, harness.WorkspaceOptions{Type: "organization", Shard: shard})
	w := &workspace{server: s, path: "root:" + name, shard: shard, kubeconfig: filepath.Join(t.TempDir(), "kubeconfig")}
	config, err := clientcmd.LoadFromFile(s.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.CurrentContext = "base"
	if err := clientcmdapi.MinifyConfig(config); err != nil {
		t.Fatal(err)
	}
	config.Clusters[config.Contexts["base"].Cluster].Server += "/clusters/" + w.path
	if err := clientcmd.WriteToFile(*config, w.kubeconfig); err != nil {
		t.Fatal(err)
	}
	if w.api, err = kubernetes.NewForConfig(s.Config(t, "base", w.path)); err != nil {
		t.Fatal(err)
	}
	return w
}

// program is a command of a client, in a home of its own.
type program struct {
	w    *workspace
	path string
	dir  string   // where it runs
	env  []string // more of its environment
}

func newProgram(t *testing.T, w *workspace, path string, env ...string) *program {
	t.Helper()
	home := t.TempDir()
	return &program{w: w, path: path, dir: home, env: append([]string{"HOME=" + home, "KUBECONFIG=" + w.kubeconfig}, env...)}
}

func (p *program) command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, p.path, args...)
	command.Dir, command.Env = p.dir, append(os.Environ(), p.env...)
	return command
}

// try returns all that the command prints.
func (p *program) try(t *testing.T, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	out, err := p.command(ctx, args...).CombinedOutput()
	return string(out), err
}

// run must succeed, and what is printed must contain all of `want`.
func (p *program) run(t *testing.T, args []string, want ...string) string {
	t.Helper()
	out, err := p.try(t, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(p.path), strings.Join(args, " "), err, out)
	}
	p.contains(t, args, out, want)
	return out
}

// fails must fail, and what is printed must contain all of `want`.
func (p *program) fails(t *testing.T, args []string, want ...string) {
	t.Helper()
	out, err := p.try(t, args...)
	if err == nil {
		t.Errorf("%s %s succeeds:\n%s", filepath.Base(p.path), strings.Join(args, " "), out)
	}
	p.contains(t, args, out, want)
}

func (p *program) contains(t *testing.T, args []string, out string, want []string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(out, w) {
			t.Errorf("%s %s: no %q in:\n%s", filepath.Base(p.path), strings.Join(args, " "), w, out)
		}
	}
}

// here is the path of a file of this folder.
func here(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
