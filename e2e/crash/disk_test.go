package crash

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"atoll.dev/e2e/harness"
)

const diskWriters = 16

// faultyServer is a server whose disk does what a file says (common/store/kv/rocksdb/fault_file_system.h), and what was acknowledged by it.
type faultyServer struct {
	*harness.Server
	fault string // the file

	client  *client
	place   place
	mu      sync.Mutex
	written map[string]bool // by name; false: refused
	next    int
}

func startFaulty(t *testing.T) *faultyServer {
	t.Helper()
	s := &faultyServer{fault: filepath.Join(t.TempDir(), "fault"), written: map[string]bool{}}
	s.Server = harness.StartIn(t, []string{"ATOLL_DISK_FAULT=" + s.fault})
	ws := s.CreateWorkspace(t, "root", "ws", harness.WorkspaceOptions{})
	cluster, _ := ws.Object["spec"].(map[string]any)["cluster"].(string)
	s.client, s.place = newClient(t, s.Server), place{cluster: cluster, namespace: "default"}
	return s
}

func (s *faultyServer) disk(t *testing.T, fault string) {
	t.Helper()
	if err := os.WriteFile(s.fault, []byte(fault), 0o600); err != nil {
		t.Fatal(err)
	}
}

// write creates one more object.
func (s *faultyServer) write(ctx context.Context) error {
	s.mu.Lock()
	s.next++
	name := fmt.Sprintf("object-%d", s.next)
	s.mu.Unlock()
	in := object{APIVersion: "v1", Kind: "ConfigMap", Metadata: metadata{Name: name}, Data: map[string]string{"op": name, "padding": padding}}
	err := s.client.do(ctx, http.MethodPost, s.place.path(), "application/json", in, nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written[name] = err == nil
	return err
}

// writeUntilRefused writes with all writers at once until each met its refusal.
func (s *faultyServer) writeUntilRefused(ctx context.Context, meanwhile func()) []error {
	refusals := make([]error, diskWriters)
	var group sync.WaitGroup
	for i := range refusals {
		group.Go(func() {
			for refusals[i] == nil && ctx.Err() == nil {
				refusals[i] = s.write(ctx)
			}
		})
	}
	meanwhile()
	group.Wait()
	return refusals
}

// probe returns the code and the body of a health endpoint.
func (s *faultyServer) probe(t *testing.T, path string) (int, string) {
	t.Helper()
	resp, err := s.client.http.Get(s.client.base + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body := make([]byte, 4096)
	n, _ := resp.Body.Read(body)
	return resp.StatusCode, string(body[:n])
}

// reads must go on: an object, all objects, and a watch from the first on. They show what was acknowledged, and nothing that was refused.
func (s *faultyServer) reads(t *testing.T, ctx context.Context, when string) {
	t.Helper()
	all, err := s.client.listAll(ctx, s.place.path(), "", 100)
	if err != nil {
		t.Fatalf("%s: a list: %v", when, err)
	}
	if err := s.client.do(ctx, http.MethodGet, s.place.path()+"/object-1", "", nil, &object{}); err != nil {
		t.Errorf("%s: a get: %v", when, err)
	}
	first, last := all.objects[s.place.key("object-1")], int64(0)
	for _, o := range all.objects {
		last = max(last, o.rv())
	}
	w := &watcher{path: s.place.path(), prefix: s.place.key(""), rv: first.rv(), moved: make(chan struct{}), matches: func(string) bool { return true }}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go func() { _ = w.once(watching, s.client) }()
	if err := w.reach(ctx, last); err != nil {
		t.Errorf("%s: a watch: %v", when, err)
	}
	for name, acknowledged := range s.written {
		if _, there := all.objects[s.place.key(name)]; there != acknowledged {
			t.Errorf("%s: %s: acknowledged: %t, there: %t", when, name, acknowledged, there)
		}
	}
}

func checkRefusals(t *testing.T, refusals []error, code int, reason, message string) {
	t.Helper()
	for _, err := range refusals {
		var refusal *statusError
		if !errors.As(err, &refusal) {
			t.Errorf("a write ends in %v", err)
			continue
		}
		var status struct{ Kind, Reason, Message string }
		if err := json.Unmarshal([]byte(refusal.body), &status); err != nil || refusal.code != code || status.Kind != "Status" || status.Reason != reason ||
			!strings.Contains(status.Message, message) {
			t.Errorf("a write is refused with %v", refusal)
		}
	}
}

// A full disk refuses writes in words while reads go on; with space again, so do the writes.
func TestDiskFull(t *testing.T) {
	s := startFaulty(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for round := range 3 {
		for range 20 {
			if err := s.write(ctx); err != nil {
				t.Fatal(err)
			}
		}
		when := fmt.Sprintf("round %d, full", round)
		refusals := s.writeUntilRefused(ctx, func() { s.disk(t, "full") })
		checkRefusals(t, refusals, http.StatusServiceUnavailable, "ServiceUnavailable", "the store's disk is full")
		if code, body := s.probe(t, "/readyz"); code != http.StatusInternalServerError || !strings.Contains(body, "[-]store-space failed") {
			t.Errorf("%s: readyz says %d %s", when, code, body)
		}
		if code, body := s.probe(t, "/readyz/store-space"); code != http.StatusInternalServerError || !strings.Contains(body, "the disk is full") {
			t.Errorf("%s: readyz/store-space says %d %s", when, code, body)
		}
		if code, body := s.probe(t, "/livez"); code != http.StatusOK {
			t.Errorf("%s: livez says %d %s", when, code, body)
		}
		s.reads(t, ctx, when)
		s.disk(t, "")
		s.WaitReady(t, 30*time.Second)
	}
	if err := s.write(ctx); err != nil {
		t.Errorf("with space again: %v", err)
	}
	s.reads(t, ctx, "with space again")
	s.restart(t, ctx)
}

// A failed sync is never tried again: no write is accepted until a restart, and then nothing acknowledged is missing.
func TestFailedSync(t *testing.T) {
	s := startFaulty(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for range 20 {
		if err := s.write(ctx); err != nil {
			t.Fatal(err)
		}
	}
	refusals := s.writeUntilRefused(ctx, func() { s.disk(t, "sync") })
	checkRefusals(t, refusals, http.StatusInternalServerError, "InternalError", "the store's disk has failed; it accepts no more writes")
	s.disk(t, "")
	checkRefusals(t, []error{s.write(ctx)}, http.StatusInternalServerError, "InternalError", "the store's disk has failed; it accepts no more writes")
	for _, endpoint := range []string{"/readyz", "/livez"} {
		if code, body := s.probe(t, endpoint); code != http.StatusInternalServerError || !strings.Contains(body, "[-]store failed") {
			t.Errorf("%s says %d %s", endpoint, code, body)
		}
	}
	s.reads(t, ctx, "after a failed sync")
	s.restart(t, ctx)
}

// restart kills the server and starts it on a disk that works. What was acknowledged is there; what was refused may be.
func (s *faultyServer) restart(t *testing.T, ctx context.Context) {
	t.Helper()
	s.Kill()
	s.Run(t)
	s.client = newClient(t, s.Server)
	all, err := s.client.listAll(ctx, s.place.path(), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for name, acknowledged := range s.written {
		if _, there := all.objects[s.place.key(name)]; acknowledged && !there {
			t.Errorf("after the restart: %s is lost", name)
		}
	}
	if err := s.write(ctx); err != nil {
		t.Errorf("after the restart: %v", err)
	}
}
