// Package harness starts Atoll's real binaries in a directory of the test and waits for them on events: readiness, phases, watch events.
package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Binary returns the path of one of Atoll's binaries (ATOLL_BIN is the folder), or fails the test.
func Binary(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("ATOLL_BIN")
	if dir == "" {
		dir = "../../build/dev/bin"
	}
	path, err := filepath.Abs(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("no binary %s: build first, or set ATOLL_BIN", path)
	}
	return path
}

// FreePort asks the kernel for a port that nobody listens on.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Server is a running `atoll start`.
type Server struct {
	Root       string // root directory
	Port       int
	Kubeconfig string
	Env        []string // added to the environment of the next Launch, "NAME=value"

	cmd    *exec.Cmd
	output *output
	done   chan struct{}
}

// output keeps what a process prints, for a failed test's log.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	b := o.buf.Bytes()
	if len(b) > 16<<10 {
		b = b[len(b)-16<<10:]
	}
	return string(b)
}

// Start runs `atoll start` with the flags in a new root directory and waits until it is ready.
func Start(t testing.TB, flags ...string) *Server {
	t.Helper()
	return StartIn(t, nil, flags...)
}

// StartIn is Start with more in the environment, "NAME=value".
func StartIn(t testing.TB, env []string, flags ...string) *Server {
	t.Helper()
	s := &Server{Root: t.TempDir(), Port: FreePort(t), Env: env}
	s.Run(t, flags...)
	t.Cleanup(func() {
		s.Stop(t)
		if t.Failed() {
			t.Logf("output of atoll start:\n%s", s.output.String())
		}
	})
	return s
}

// Run starts the process in the server's root directory, the first time or again after Kill or Stop, and waits until it is ready.
func (s *Server) Run(t testing.TB, flags ...string) {
	t.Helper()
	s.Launch(t, flags...)
	s.WaitReady(t, 60*time.Second)
}

// Launch is Run without the waiting, for a process that may end before it is ready.
func (s *Server) Launch(t testing.TB, flags ...string) {
	t.Helper()
	args := append([]string{"start", "--root-directory", s.Root, "--bind-address", "127.0.0.1", fmt.Sprintf("--secure-port=%d", s.Port)}, flags...)
	s.cmd = exec.Command(Binary(t, "atoll"), args...)
	s.output = &output{}
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.cmd.Env = append(os.Environ(), s.Env...)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		_ = cmd.Wait()
		close(done)
	}(s.cmd, s.done)
	s.Kubeconfig = filepath.Join(s.Root, "admin.kubeconfig")
}

// Eventually polls until ok answers true; the only waiting loop of these tests, for what offers no event.
func Eventually(t testing.TB, timeout time.Duration, what string, ok func() (bool, string)) {
	t.Helper()
	deadline := time.Now().Add(timeout)
	last := ""
	for {
		good, detail := ok()
		if good {
			return
		}
		last = detail
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s: %s", what, timeout, last)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// WaitReady returns once /readyz says ok.
func (s *Server) WaitReady(t testing.TB, timeout time.Duration) {
	t.Helper()
	Eventually(t, timeout, "ready", func() (bool, string) {
		select {
		case <-s.done:
			t.Fatalf("atoll start ended:\n%s", s.output.String())
		default:
		}
		return s.Ready()
	})
}

// Ready asks /readyz once; if the answer is not ok, it says why.
func (s *Server) Ready() (bool, string) {
	cfg, err := clientcmd.BuildConfigFromFlags("", s.Kubeconfig)
	if err != nil {
		return false, err.Error()
	}
	client, err := rest.HTTPClientFor(cfg)
	if err != nil {
		return false, err.Error()
	}
	defer client.CloseIdleConnections()
	resp, err := client.Get(fmt.Sprintf("https://127.0.0.1:%d/readyz", s.Port))
	if err != nil {
		return false, err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode == http.StatusOK, string(body)
}

// Stop ends it with SIGTERM and waits; it must end within five seconds.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	select {
	case <-s.done:
		return
	default:
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(10 * time.Second):
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		<-s.done
		t.Errorf("atoll start did not stop on SIGTERM:\n%s", s.output.String())
	}
}

// Kill ends the whole process group at once, as a crash does.
func (s *Server) Kill() {
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	<-s.done
}

// Done is closed when the process has ended.
func (s *Server) Done() <-chan struct{} { return s.done }

// Pids are the processes by name, as the server wrote them.
func (s *Server) Pids(t testing.TB) map[string]int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.Root, "pids.json"))
	if err != nil {
		t.Fatal(err)
	}
	pids := map[string]int{}
	if err := json.Unmarshal(data, &pids); err != nil {
		t.Fatal(err)
	}
	return pids
}

// Config is a client configuration for a context of the admin kubeconfig, aimed at a workspace ("" for the base URL).
func (s *Server) Config(t testing.TB, contextName, workspace string) *rest.Config {
	t.Helper()
	return Config(t, s.Kubeconfig, contextName, workspace)
}

// Config reads one context of a kubeconfig.
func Config(t testing.TB, kubeconfig, contextName, workspace string) *rest.Config {
	t.Helper()
	cfg, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: kubeconfig}, &clientcmd.ConfigOverrides{CurrentContext: contextName}).ClientConfig()
	if err != nil {
		t.Fatal(err)
	}
	cfg.QPS, cfg.Burst = -1, -1
	if workspace != "" {
		cfg.Host += "/clusters/" + workspace
	}
	return cfg
}

// Context ends with the test.
func Context(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}
