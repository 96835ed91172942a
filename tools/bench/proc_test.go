package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestCPUTicks(t *testing.T) {
	for _, c := range []struct {
		name, stat string
		want       int64
		ok         bool
	}{
		{"plain", "7 (atoll) S 1 7 7 0 -1 4194560 10 0 0 0 250 31 0 0 20 0 5 0 100 1 1", 281, true},
		{"a name with spaces and parentheses", "7 (a) b (c) S 1 7 7 0 -1 4194560 10 0 0 0 3 4 0 0 20 0 5 0", 7, true},
		{"cut", "7 (atoll) S 1 7", 0, false},
		{"empty", "", 0, false},
		{"no number", "7 (atoll) S 1 7 7 0 -1 4194560 10 0 0 0 x 31 0", 0, false},
	} {
		got, err := cpuTicks([]byte(c.stat))
		if (err == nil) != c.ok || got != c.want {
			t.Errorf("%s: %d, %v", c.name, got, err)
		}
	}
}

func TestStatusBytes(t *testing.T) {
	status := []byte("Name:\tatoll\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\nThreads:\t5\n")
	if got, err := statusBytes(status, "VmRSS:"); err != nil || got != 1<<20 {
		t.Errorf("VmRSS: %d, %v", got, err)
	}
	if _, err := statusBytes(status, "VmSwap:"); err == nil {
		t.Error("VmSwap: no error for a field that is not there")
	}
}

func TestProcessesBeside(t *testing.T) {
	dir := t.TempDir()
	kubeconfig := filepath.Join(dir, "admin.kubeconfig")
	if p, err := processesBeside(kubeconfig); err != nil || p != nil {
		t.Errorf("without the file: %v, %v", p, err)
	}
	pids := filepath.Join(dir, "pids.json")
	if err := os.WriteFile(pids, []byte(`{"shard-root": 11, "front-proxy": 12, "cache-server": 11}`), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := processesBeside(kubeconfig)
	slices.Sort(p)
	if err != nil || !slices.Equal(p, processes{11, 12}) {
		t.Errorf("%v, %v", p, err)
	}
	if err := os.WriteFile(pids, []byte(`[]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := processesBeside(kubeconfig); err == nil {
		t.Error("no error for a list")
	}
}

func TestOwnProcess(t *testing.T) {
	p := processes{os.Getpid()}
	if _, err := p.cpu(); err != nil {
		t.Error(err)
	}
	if n, err := p.resident(); err != nil || n == 0 {
		t.Errorf("%d, %v", n, err)
	}
}
