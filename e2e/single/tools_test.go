package single

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"atoll.dev/e2e/harness"
)

// shell runs command line tools with a kubeconfig, a home and a PATH of its own.
type shell struct {
	t    *testing.T
	home string
	env  []string
}

// newShell copies the server's kubeconfig, so that tools may change it, and puts the `atoll` binary in front of PATH under kubectl's plugin names.
func newShell(t *testing.T, s *harness.Server) *shell {
	t.Helper()
	if _, err := exec.LookPath("kubectl"); err != nil {
		t.Skip("no kubectl in PATH")
	}
	sh := &shell{t: t, home: t.TempDir()}
	config, err := os.ReadFile(s.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(sh.home, "config"), config, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, plugin := range []string{"kubectl-ws", "kubectl-create-workspace"} {
		if err := os.Symlink(harness.Binary(t, "atoll"), filepath.Join(sh.home, plugin)); err != nil {
			t.Fatal(err)
		}
	}
	sh.env = append(os.Environ(), "HOME="+sh.home, "KUBECONFIG="+filepath.Join(sh.home, "config"), "PATH="+sh.home+string(os.PathListSeparator)+os.Getenv("PATH"))
	return sh
}

// try runs `kubectl args...` with `input` and returns both outputs.
func (sh *shell) try(input string, args ...string) (stdout, stderr string, err error) {
	sh.t.Helper()
	ctx, cancel := context.WithTimeout(sh.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "kubectl", args...)
	cmd.Env, cmd.Dir = sh.env, sh.home
	if input != "" {
		cmd.Stdin = strings.NewReader(input)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// run must succeed, and its output must contain all of `want`.
func (sh *shell) run(input string, args []string, want ...string) string {
	sh.t.Helper()
	stdout, stderr, err := sh.try(input, args...)
	if err != nil {
		sh.t.Errorf("kubectl %s: %v\n%s%s", strings.Join(args, " "), err, stdout, stderr)
		return stdout
	}
	sh.contains(args, stdout+stderr, want)
	return stdout
}

// fails must fail, and its messages must contain all of `want`.
func (sh *shell) fails(input string, args []string, want ...string) {
	sh.t.Helper()
	stdout, stderr, err := sh.try(input, args...)
	if err == nil {
		sh.t.Errorf("kubectl %s succeeds:\n%s", strings.Join(args, " "), stdout)
		return
	}
	sh.contains(args, stdout+stderr, want)
}

func (sh *shell) contains(args []string, output string, want []string) {
	sh.t.Helper()
	for _, w := range want {
		if !strings.Contains(output, w) {
			sh.t.Errorf("kubectl %s: no %q in:\n%s", strings.Join(args, " "), w, output)
		}
	}
}

// lines is what a running command prints, for tests that wait for a part of it.
type lines struct {
	mu    sync.Mutex
	text  bytes.Buffer
	moved chan struct{}
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	close(l.moved)
	l.moved = make(chan struct{})
	return len(p), nil
}

// await returns when `what` was printed.
func (l *lines) await(t *testing.T, ctx context.Context, what string) {
	t.Helper()
	for {
		l.mu.Lock()
		text, moved := l.text.String(), l.moved
		l.mu.Unlock()
		if strings.Contains(text, what) {
			return
		}
		select {
		case <-moved:
		case <-ctx.Done():
			t.Fatalf("no %q in:\n%s", what, text)
		}
	}
}

// start runs a command until the test ends.
func (sh *shell) start(ctx context.Context, args ...string) *lines {
	sh.t.Helper()
	out := &lines{moved: make(chan struct{})}
	cmd := exec.CommandContext(ctx, "kubectl", args...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = sh.env, sh.home, out, out
	if err := cmd.Start(); err != nil {
		sh.t.Fatal(err)
	}
	sh.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return out
}

// requests counts what a client asks for, by a name that `classify` gives each request; "" is not counted.
type requests struct {
	mu       sync.Mutex
	counts   map[string]int
	classify func(*http.Request) string
}

func (r *requests) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if name := r.classify(req); name != "" {
			r.mu.Lock()
			if r.counts == nil {
				r.counts = map[string]int{}
			}
			r.counts[name]++
			r.mu.Unlock()
		}
		return next.RoundTrip(req)
	})
}

func (r *requests) count(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts[name]
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// listOrWatch tells how an informer asks for ConfigMaps.
func listOrWatch(req *http.Request) string {
	query := req.URL.Query()
	switch {
	case req.Method != http.MethodGet || !strings.HasSuffix(req.URL.Path, "/configmaps"):
		return ""
	case query.Get("sendInitialEvents") == "true":
		return "watch-list"
	case query.Get("watch") != "":
		return "watch"
	default:
		return "list"
	}
}

// raw sends one request and returns the code and the body.
func raw(t *testing.T, client *http.Client, method, url, body string, headers map[string]string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

// tokenFile writes a token file of the users these tests know: alice, who is in the group devs, and bob. A token is the name with "-token".
func tokenFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens.csv")
	text := ""
	for _, u := range []struct{ name, groups string }{{"alice", "devs"}, {"bob", ""}} {
		text += fmt.Sprintf("%s-token,%s,%s-uid,%q\n", u.name, u.name, u.name, u.groups)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
