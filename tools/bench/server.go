package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// server is an `atoll start` of our own, in a temporary directory, on loopback.
type server struct {
	root      string
	port      int
	readyIn   time.Duration
	command   *exec.Cmd
	ended     chan struct{}
	logFile   *os.File
	processes processes
}

func (s *server) kubeconfig() string { return filepath.Join(s.root, "admin.kubeconfig") }

// startServer returns once /readyz says ok.
func startServer(ctx context.Context, shards int) (*server, error) {
	bin := os.Getenv("ATOLL_BIN")
	if bin == "" {
		return nil, fmt.Errorf("ATOLL_BIN is not set: set it to the folder of the binaries, or give --kubeconfig")
	}
	root, err := os.MkdirTemp("", "atoll-bench-")
	if err != nil {
		return nil, err
	}
	s := &server{root: root, ended: make(chan struct{})}
	if s.port, err = freePort(); err != nil {
		return nil, err
	}
	if s.logFile, err = os.Create(filepath.Join(root, "bench.log")); err != nil {
		return nil, err
	}
	args := []string{"start", "--root-directory", root, "--bind-address", "127.0.0.1", fmt.Sprintf("--secure-port=%d", s.port)}
	if shards > 1 {
		args = append(args, fmt.Sprintf("--shards=%d", shards))
	}
	s.command = exec.Command(filepath.Join(bin, "atoll"), args...)
	s.command.Stdout, s.command.Stderr = s.logFile, s.logFile
	s.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	begin := time.Now()
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.command.Wait()
		close(s.ended)
	}()
	if err := s.awaitReady(ctx, time.Minute); err != nil {
		log, _ := os.ReadFile(s.logFile.Name())
		s.stop()
		return nil, fmt.Errorf("%w; its output:\n%s", err, log[max(0, len(log)-4096):])
	}
	s.readyIn = time.Since(begin)
	if s.processes, err = processesBeside(s.kubeconfig()); err != nil {
		s.stop()
		return nil, err
	}
	if len(s.processes) == 0 {
		s.processes = processes{s.command.Process.Pid}
	}
	return s, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// awaitReady asks every 5 ms. Who answers is not checked: nothing but a health word is exchanged before the kubeconfig is there.
func (s *server) awaitReady(ctx context.Context, limit time.Duration) error {
	client := &http.Client{Timeout: limit, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	deadline := time.After(limit)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	last := "no answer"
	for {
		if response, err := client.Get(fmt.Sprintf("https://127.0.0.1:%d/readyz", s.port)); err == nil {
			body, _ := io.ReadAll(response.Body)
			response.Body.Close()
			last = response.Status + ": " + string(body)
			if response.StatusCode == http.StatusOK {
				// A fleet's front-proxy may be ready a moment before the kubeconfig is written.
				if _, err := os.Stat(s.kubeconfig()); err == nil {
					return nil
				}
				last = "ready, but there is no admin.kubeconfig"
			}
		}
		select {
		case <-tick.C:
		case <-s.ended:
			return fmt.Errorf("atoll start ended before it was ready")
		case <-deadline:
			return fmt.Errorf("atoll start was not ready within %s: %s", limit, last)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// stop ends the process and removes its directory.
func (s *server) stop() {
	_ = s.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(10 * time.Second):
		_ = syscall.Kill(-s.command.Process.Pid, syscall.SIGKILL)
		<-s.ended
	}
	s.logFile.Close()
	_ = os.RemoveAll(s.root)
}
