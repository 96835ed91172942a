package harness

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Shell runs command line tools with a kubeconfig, a home and a PATH of its own.
type Shell struct {
	t       *testing.T
	kubectl string
	home    string
	env     []string
}

// InstalledKubectl is the kubectl of the machine; a machine without one skips the test.
func InstalledKubectl(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("no kubectl in PATH")
	}
	return path
}

// NewShell copies the server's kubeconfig, so that tools may change it, and puts the `atoll` binary in front of PATH under kubectl's plugin names.
func NewShell(t *testing.T, s *Server, kubectl string) *Shell {
	t.Helper()
	sh := &Shell{t: t, kubectl: kubectl, home: t.TempDir()}
	config, err := os.ReadFile(s.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(sh.home, "config"), config, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, plugin := range []string{"kubectl-ws", "kubectl-create-workspace"} {
		if err := os.Symlink(Binary(t, "atoll"), filepath.Join(sh.home, plugin)); err != nil {
			t.Fatal(err)
		}
	}
	sh.env = append(os.Environ(), "HOME="+sh.home, "KUBECONFIG="+filepath.Join(sh.home, "config"), "PATH="+sh.home+string(os.PathListSeparator)+os.Getenv("PATH"))
	return sh
}

// For is the same shell in a sub-test, which is blamed for what goes wrong in it.
func (sh *Shell) For(t *testing.T) *Shell {
	other := *sh
	other.t = t
	return &other
}

// Try runs `kubectl args...` with `input` and returns both outputs.
func (sh *Shell) Try(input string, args ...string) (stdout, stderr string, err error) {
	sh.t.Helper()
	ctx, cancel := context.WithTimeout(sh.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, sh.kubectl, args...)
	cmd.Env, cmd.Dir = sh.env, sh.home
	if input != "" {
		cmd.Stdin = strings.NewReader(input)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// Run must succeed, and its output must contain all of `want`.
func (sh *Shell) Run(input string, args []string, want ...string) string {
	sh.t.Helper()
	stdout, stderr, err := sh.Try(input, args...)
	if err != nil {
		sh.t.Errorf("kubectl %s: %v\n%s%s", strings.Join(args, " "), err, stdout, stderr)
		return stdout
	}
	sh.contains(args, stdout+stderr, want)
	return stdout
}

// Fails must fail, and its messages must contain all of `want`.
func (sh *Shell) Fails(input string, args []string, want ...string) {
	sh.t.Helper()
	stdout, stderr, err := sh.Try(input, args...)
	if err == nil {
		sh.t.Errorf("kubectl %s succeeds:\n%s", strings.Join(args, " "), stdout)
		return
	}
	sh.contains(args, stdout+stderr, want)
}

func (sh *Shell) contains(args []string, output string, want []string) {
	sh.t.Helper()
	for _, w := range want {
		if !strings.Contains(output, w) {
			sh.t.Errorf("kubectl %s: no %q in:\n%s", strings.Join(args, " "), w, output)
		}
	}
}

// Lines is what a running command prints, for tests that wait for a part of it.
type Lines struct {
	mu    sync.Mutex
	text  bytes.Buffer
	moved chan struct{}
}

func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	close(l.moved)
	l.moved = make(chan struct{})
	return len(p), nil
}

// Await returns when `what` was printed.
func (l *Lines) Await(t *testing.T, ctx context.Context, what string) {
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

// Start runs a command until the test ends.
func (sh *Shell) Start(ctx context.Context, args ...string) *Lines {
	sh.t.Helper()
	out := &Lines{moved: make(chan struct{})}
	cmd := exec.CommandContext(ctx, sh.kubectl, args...)
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
