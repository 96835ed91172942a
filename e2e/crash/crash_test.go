package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"atoll.dev/e2e/harness"
)

const (
	writers       = 64
	watchers      = 32
	workspaces    = 4
	namespaces    = 2                      // in each workspace
	loadMax       = 300 * time.Millisecond // before a random kill
	failpointMax  = 2 * time.Second        // before a kill, if the failpoint was not met
	failpointFrom = 60                     // groups of commits, so that starting and checking get through
	failpointTo   = 400
	trimsFrom     = 20 // trims of the log, of which there are fewer; a check causes less than ten
	trimsTo       = 60
	logFlag       = "--store-log-bytes=1048576" // so little that it is trimmed all the time, and watches that were away too long start anew
)

var selector = url.QueryEscape("shade in (red,all)")

func fromEnv(t testing.TB, name string, fallback uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestCrash kills a server with writers and watchers at work, starts it on what it left, and checks invariants I1 to I7 and I11 from what the
// clients know: a ledger on disk and the watchers' events. ATOLL_CRASH_CYCLES and ATOLL_CRASH_SEED say how often, and repeat a run's choices.
func TestCrash(t *testing.T) {
	cycles := int(fromEnv(t, "ATOLL_CRASH_CYCLES", 50))
	seed := fromEnv(t, "ATOLL_CRASH_SEED", uint64(time.Now().UnixNano()))
	t.Logf("seed %d, %d cycles (ATOLL_CRASH_SEED, ATOLL_CRASH_CYCLES)", seed, cycles)
	r := &rig{t: t, rng: rand.New(rand.NewPCG(seed, 0)), server: harness.Start(t, logFlag)}
	r.setUp(seed)
	for cycle := 1; cycle <= cycles; cycle++ {
		r.load(cycle)
		r.restart(cycle)
		r.check(cycle)
	}
	r.stopWatchers()
	r.report(cycles)
}

// rig is the server under test and everything around it.
type rig struct {
	t      *testing.T
	rng    *rand.Rand
	server *harness.Server
	client *client
	ledger *ledger
	model  model

	places   []place
	keeper   *writer // creates what is shared, and marks the ends
	writers  []*writer
	watchers []*watcher

	stopWatchers func()
	snapshots    []*snapshot // the last check's, then those read since
	highest      int64       // resourceVersion that any client saw
	failpoint    string      // of the run under way

	total      tally
	kills      map[string]int
	lists      int
	restarting time.Duration
	slowest    time.Duration
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 30*time.Second)
}

func (r *rig) setUp(seed uint64) {
	ctx, cancel := r.context()
	defer cancel()
	r.kills = map[string]int{}
	r.ledger = newLedger(r.t, filepath.Join(r.t.TempDir(), "ledger.jsonl"))
	r.client = newClient(r.t, r.server)
	r.server.CreateWorkspace(r.t, "root", "org", harness.WorkspaceOptions{Type: "organization"})
	for i := range workspaces {
		ws := r.server.CreateWorkspace(r.t, "root:org", fmt.Sprintf("ws-%d", i), harness.WorkspaceOptions{})
		cluster, _ := ws.Object["spec"].(map[string]any)["cluster"].(string)
		for j := range namespaces {
			name := fmt.Sprintf("ns-%d", j)
			r.must(r.client.do(ctx, http.MethodPost, "/clusters/"+cluster+"/api/v1/namespaces", "application/json",
				object{APIVersion: "v1", Kind: "Namespace", Metadata: metadata{Name: name}}, nil))
			r.places = append(r.places, place{cluster: cluster, namespace: name})
		}
	}
	start, err := r.client.listAll(ctx, "/clusters/*/api/v1/configmaps", "", 500)
	r.must(err)
	r.model = model{rv: start.rv, state: map[string]version{}}
	r.highest = start.rv

	r.keeper = &writer{id: writers, ledger: r.ledger, rng: rand.New(rand.NewPCG(seed, writers))}
	for i := range writers {
		r.writers = append(r.writers, &writer{id: i, place: r.places[i%len(r.places)], ledger: r.ledger, rng: rand.New(rand.NewPCG(seed, uint64(i)))})
	}
	// Half of the watchers see everything of a namespace, the others everything of a workspace or of the shard, with and without a selector.
	for i := range watchers {
		w := &watcher{rv: start.rv, moved: make(chan struct{}), matches: func(shade string) bool { return shade != "blue" }}
		p := r.places[i%len(r.places)]
		switch {
		case i < 2:
			w.path = "/clusters/*/api/v1/configmaps"
		case i < 8:
			w.path, w.prefix = "/clusters/"+p.cluster+"/api/v1/configmaps", p.cluster+"/"
		default:
			w.path, w.prefix = p.path(), p.key("")
		}
		if i%2 == 1 && i < 8 || i%3 == 1 && i >= 16 {
			w.selector = selector
		}
		r.watchers = append(r.watchers, w)
	}
	for _, p := range r.places {
		for i := range sharedByPlace {
			r.must(r.keep(ctx, p, fmt.Sprintf("shared-%d", i), "create"))
		}
		r.must(r.keep(ctx, p, "fence", "create"))
	}
	r.watch()
	r.check(0)
}

// keep writes an object of every shade's watchers.
func (r *rig) keep(ctx context.Context, p place, name, verb string) error {
	k := r.keeper
	prev := int64(-1)
	if verb == "create" {
		prev = 0
	}
	e := k.next(0, p.key(name), verb, prev)
	return k.write(e, func() (int64, error) {
		in, out := k.object(name, e.Op), object{}
		in.Metadata.Labels["shade"] = "all"
		var err error
		if verb == "create" {
			err = r.client.do(ctx, http.MethodPost, p.path(), "application/json", in, &out)
		} else {
			err = r.client.do(ctx, http.MethodPut, p.path()+"/"+name, "application/json", in, &out)
		}
		return out.rv(), err
	})
}

// watch resumes all watchers on the running server.
func (r *rig) watch() {
	ctx, cancel := context.WithCancel(context.Background())
	c := newClient(r.t, r.server)
	var group sync.WaitGroup
	for _, w := range r.watchers {
		group.Go(func() {
			if err := w.run(ctx, c); err != nil {
				r.t.Error(err)
			}
		})
	}
	r.stopWatchers = func() {
		cancel()
		group.Wait()
		c.http.CloseIdleConnections()
	}
}

// load lets the writers write until the server is killed, at a random moment or by its failpoint.
func (r *rig) load(cycle int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var group sync.WaitGroup
	stored := r.snapshots[0].objects
	for _, w := range r.writers {
		group.Go(func() {
			if err := w.run(ctx, r.client, cycle, stored); err != nil {
				r.t.Errorf("cycle %d: writer %d: a write was refused: %v", cycle, w.id, err)
			}
		})
	}
	group.Go(func() { r.readLists(ctx, r.client) })

	limit := time.Duration(r.rng.Int64N(int64(loadMax)))
	how := "at random"
	if r.failpoint != "" {
		limit, how = failpointMax, r.failpoint
	}
	select {
	case <-r.server.Done():
	case <-time.After(limit):
		if r.failpoint != "" {
			how += ", not met"
		}
		r.server.Kill()
	}
	r.kills[how]++
	cancelled := time.AfterFunc(30*time.Second, cancel) // a connection that does not end with its server is a failure below, not a hang
	group.Wait()
	cancelled.Stop()
	r.stopWatchers()
	r.client.http.CloseIdleConnections()
}

// readLists reads the shard's objects in pages while they change.
func (r *rig) readLists(ctx context.Context, c *client) {
	for ctx.Err() == nil {
		s, err := c.listAll(ctx, "/clusters/*/api/v1/configmaps", "", 37)
		if err != nil {
			var refusal *statusError
			if errors.As(err, &refusal) || errors.Is(err, errViolation) {
				r.t.Errorf("a list under load: %v", err)
			}
			return
		}
		r.snapshots = append(r.snapshots, s)
	}
}

// restart starts the server on what it left, sometimes armed to kill itself.
func (r *rig) restart(cycle int) {
	r.failpoint, r.server.Env = "", nil
	if name := []string{"", "", "before-wal", "after-wal", "before-ack", "in-trim"}[r.rng.IntN(6)]; name != "" {
		r.failpoint = name
		nth := failpointFrom + r.rng.IntN(failpointTo-failpointFrom)
		if name == "in-trim" {
			nth = trimsFrom + r.rng.IntN(trimsTo-trimsFrom)
		}
		r.server.Env = []string{fmt.Sprintf("ATOLL_FAILPOINT=%s:%d", name, nth)}
	}
	began := time.Now()
	r.server.Run(r.t, logFlag)
	took := time.Since(began)
	r.restarting += took
	r.slowest = max(r.slowest, took)
	r.client = newClient(r.t, r.server)
	r.watch()
}

// check brings all watchers to a common end, and compares what everybody saw since the last one.
func (r *rig) check(cycle int) {
	ctx, cancel := r.context()
	defer cancel()
	all := "/clusters/*/api/v1/configmaps"
	first, err := r.client.listAll(ctx, all, "", 500)
	r.must(err)

	ops := r.ledger.Take(r.t)
	for _, op := range ops {
		r.highest = max(r.highest, op.RV)
	}
	for _, s := range r.snapshots {
		r.highest = max(r.highest, s.rv)
	}
	if first.rv < r.highest {
		r.t.Errorf("cycle %d: I4: a list of revision %d after %d", cycle, first.rv, r.highest)
	}
	for _, p := range r.places {
		r.must(r.keep(ctx, p, "fence", "update"))
	}
	fences := r.ledger.Take(r.t)
	for _, f := range fences {
		if f.RV <= r.highest {
			r.t.Errorf("cycle %d: I4: a write at revision %d after %d", cycle, f.RV, r.highest)
		}
		r.highest = f.RV
	}
	for _, w := range r.watchers {
		last := int64(0)
		for _, f := range fences {
			if len(f.Key) >= len(w.prefix) && f.Key[:len(w.prefix)] == w.prefix {
				last = max(last, f.RV)
			}
		}
		if err := w.reach(ctx, last); err != nil {
			r.t.Fatalf("cycle %d: %v", cycle, err)
		}
	}
	after, err := r.client.listAll(ctx, all, "", 500)
	r.must(err)
	counts, wrong := r.model.advance(evidence{ops: append(ops, fences...), watchers: r.watchers, snapshots: append(r.snapshots, first), after: after})
	wrong = append(wrong, r.indexes(ctx, after)...)
	for i, w := range wrong {
		if i == 20 {
			r.t.Errorf("cycle %d: and %d more", cycle, len(wrong)-i)
			break
		}
		r.t.Errorf("cycle %d: %s", cycle, w)
	}
	if r.t.Failed() {
		r.report(cycle)
		r.t.FailNow()
	}
	r.total.events += counts.events
	r.total.acked += counts.acked
	r.total.refused += counts.refused
	r.total.unknownDone += counts.unknownDone
	r.total.unknownLost += counts.unknownLost
	r.lists += len(r.snapshots)
	r.snapshots = []*snapshot{after}
}

// indexes compares lists that take different ways to the same objects (I11): the shard, each workspace, each namespace, and by label.
func (r *rig) indexes(ctx context.Context, all *snapshot) []string {
	var wrong []string
	byCluster, byPlace := map[string]version{}, map[string]version{}
	read := func(into map[string]version, path, query string) {
		s, err := r.client.listAll(ctx, path, query, 500)
		r.must(err)
		for key, v := range versions(s) {
			into[key] = v
		}
	}
	for i, p := range r.places {
		if i%namespaces == 0 {
			read(byCluster, "/clusters/"+p.cluster+"/api/v1/configmaps", "")
		}
		read(byPlace, p.path(), "")
	}
	want := versions(all)
	wrong = append(wrong, differences("I11: the lists of workspaces", all.rv, want, byCluster)...)
	wrong = append(wrong, differences("I11: the lists of namespaces", all.rv, want, byPlace)...)
	selected := map[string]version{}
	read(selected, "/clusters/*/api/v1/configmaps", "labelSelector="+selector)
	for key, v := range want {
		if v.shade == "blue" {
			delete(want, key)
		}
	}
	return append(wrong, differences("I11: the list by label", all.rv, want, selected)...)
}

func (r *rig) report(cycles int) {
	resumes, expired, bookmarks, clashes := 0, 0, 0, 0
	for _, w := range r.watchers {
		resumes, expired, bookmarks = resumes+w.resumes, expired+w.expired, bookmarks+w.bookmarks
	}
	for _, w := range r.writers {
		clashes += w.clashes
	}
	r.t.Logf("%d cycles, kills %v; writes: %d acknowledged, %d refused (%d conflicts), without an answer %d there and %d not; %d events in the log, %d lists; "+
		"watches: %d starts, %d expired, %d bookmarks; restart to ready: %s on average, %s at most; revision %d",
		cycles, r.kills, r.total.acked, r.total.refused, clashes, r.total.unknownDone, r.total.unknownLost, r.total.events, r.lists, resumes, expired, bookmarks,
		(r.restarting / time.Duration(max(cycles, 1))).Round(time.Millisecond), r.slowest.Round(time.Millisecond), r.highest)
}
