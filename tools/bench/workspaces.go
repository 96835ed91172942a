package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

type workspaceEvent struct {
	Type   string
	Object struct {
		Message  string
		Metadata struct{ Name string }
		Status   struct{ Phase string }
	}
}

type workspaceList struct {
	Metadata struct {
		ResourceVersion string `json:"resourceVersion"`
	}
}

func workspaceBody(name, kind string) []byte {
	return fmt.Appendf(nil, `{"apiVersion":"tenancy.kcp.io/v1alpha1","kind":"Workspace","metadata":{"name":%q},"spec":{"type":{"name":%q,"path":"root"}}}`, name, kind)
}

// watchWorkspaces watches the children of `parent` from now on and calls `see` for each event until it says stop, the stream ends or ctx
// does. It returns when the watch stands; the channel gives its end.
func watchWorkspaces(ctx context.Context, w *worker, parent string, see func(*workspaceEvent) (stop bool)) (<-chan error, error) {
	var list workspaceList
	if err := w.decode(ctx, http.MethodGet, workspacesPath(parent), "limit=1", nil, &list); err != nil {
		return nil, err
	}
	response, err := w.open(ctx, http.MethodGet, workspacesPath(parent), "watch=true&resourceVersion="+list.Metadata.ResourceVersion, "", nil)
	if err != nil {
		return nil, err
	}
	end := make(chan error, 1)
	go func() {
		defer response.Body.Close()
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(make([]byte, 0, 64<<10), 4<<20)
		for lines.Scan() {
			var e workspaceEvent
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				end <- err
				return
			}
			if e.Type == "ERROR" {
				end <- fmt.Errorf("watching workspaces in %s: %s", parent, e.Object.Message)
				return
			}
			if see(&e) {
				end <- nil
				return
			}
		}
		if err := lines.Err(); err != nil {
			end <- err
			return
		}
		end <- fmt.Errorf("the watch of the workspaces in %s ended", parent)
	}()
	return end, nil
}

// createAndAwait creates one workspace and returns when it is Ready. In a parent that has just become Ready itself the front door or the
// policy may lag a moment behind: 403 and 404 are asked again until ctx ends.
func createAndAwait(ctx context.Context, w *worker, parent, name, kind string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ready := func(e *workspaceEvent) bool {
		return e.Object.Metadata.Name == name && e.Object.Status.Phase == "Ready"
	}
	end, err := watchWorkspaces(ctx, w, parent, ready)
	for isCode(err, http.StatusForbidden) || isCode(err, http.StatusNotFound) {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
		end, err = watchWorkspaces(ctx, w, parent, ready)
	}
	if err != nil {
		return err
	}
	if _, err := w.do(ctx, http.MethodPost, workspacesPath(parent), "", jsonType, workspaceBody(name, kind)); err != nil {
		return err
	}
	select {
	case err := <-end:
		return err
	case <-ctx.Done():
		return fmt.Errorf("workspace %s:%s: not Ready: %w", parent, name, ctx.Err())
	}
}

// readiness lets creators wait for their workspaces on one watch of the parent.
type readiness struct {
	mu      sync.Mutex
	waiting map[string]chan struct{}
}

func (r *readiness) expect(name string) <-chan struct{} {
	c := make(chan struct{})
	r.mu.Lock()
	r.waiting[name] = c
	r.mu.Unlock()
	return c
}

func (r *readiness) see(e *workspaceEvent) bool {
	if e.Object.Status.Phase != "Ready" || e.Type == "DELETED" {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if c, ok := r.waiting[e.Object.Metadata.Name]; ok {
		close(c)
		delete(r.waiting, e.Object.Metadata.Name)
	}
	return false
}

const creators = 8

// runWorkspaces creates universal workspaces in one organization, eight at once, each awaited until Ready, and fits a line through memory
// against the number that exists.
func runWorkspaces(ctx context.Context, b *bench) ([]figure, error) {
	home, err := b.workspace(ctx, "")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := b.at.workers(creators)
	defer closeWorkers(workers)
	watcher := b.at.workers(1)
	defer closeWorkers(watcher)
	r := &readiness{waiting: map[string]chan struct{}{}}
	end, err := watchWorkspaces(ctx, watcher[0], home, r.see)
	if err != nil {
		return nil, err
	}

	total := b.count(b.options.workspaces)
	every := max(total/40, 1)
	round := len(b.made) // names of earlier rounds are taken
	b.made[fmt.Sprintf("many-%d", round)] = true
	var ready atomic.Int64
	var mu sync.Mutex
	var memory []point
	s, err := b.load(ctx, workers, total, func(ctx context.Context, w *worker, _, i int) (int64, error) {
		name := fmt.Sprintf("w%d-%d", round, i)
		is := r.expect(name)
		n, err := w.do(ctx, http.MethodPost, workspacesPath(home), "", jsonType, workspaceBody(name, "universal"))
		if err != nil {
			return 0, err
		}
		select {
		case <-is:
		case err := <-end:
			return 0, err
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(b.limit):
			return 0, fmt.Errorf("workspace %s was not Ready within %s", name, b.limit)
		}
		if done := ready.Add(1); done%int64(every) == 0 && len(b.processes) > 0 {
			rss, err := b.processes.resident()
			if err != nil {
				return 0, err
			}
			mu.Lock()
			memory = append(memory, point{float64(done), float64(rss) / 1024})
			mu.Unlock()
		}
		return n, nil
	})
	if err != nil {
		return nil, err
	}
	figures := b.figures(s)
	figures[0].target = 300
	if len(b.processes) > 0 {
		setTarget(figures, "cpu", 5)
	}
	if k, ok := slope(memory); ok {
		figures = append(figures, figure{name: "memory each", unit: "KiB", value: k, better: lower, target: 40})
	}
	return append(figures, figure{name: "created", unit: "", value: float64(s.operations)}), nil
}

// runTree deletes a workspace with eight children, which have nine each but the last, with eight less: 80 in all.
func runTree(ctx context.Context, b *bench) ([]figure, error) {
	home, err := b.workspace(ctx, "")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*b.limit)
	defer cancel()
	name := fmt.Sprintf("tree-%d", len(b.made))
	top, err := b.workspace(ctx, name)
	if err != nil {
		return nil, err
	}
	const children, total = 8, 80
	leaves := total - 1 - children
	workers := b.at.workers(children)
	defer closeWorkers(workers)
	var wait sync.WaitGroup
	failures := make(chan error, children)
	for i, w := range workers {
		wait.Go(func() {
			child := fmt.Sprintf("c%d", i)
			if err := createAndAwait(ctx, w, top, child, "universal"); err != nil {
				failures <- err
				return
			}
			for leaf := i; leaf < leaves; leaf += children {
				if err := createAndAwait(ctx, w, top+":"+child, fmt.Sprintf("l%d", leaf), "universal"); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	wait.Wait()
	close(failures)
	if err := <-failures; err != nil {
		return nil, fmt.Errorf("making the tree: %w", err)
	}

	end, err := watchWorkspaces(ctx, workers[0], home, func(e *workspaceEvent) bool {
		return e.Type == "DELETED" && e.Object.Metadata.Name == name
	})
	if err != nil {
		return nil, err
	}
	before, err := b.processes.cpu()
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	if _, err := workers[1].do(ctx, http.MethodDelete, workspacePath(home, name), "", "", nil); err != nil {
		return nil, err
	}
	if err := <-end; err != nil {
		return nil, fmt.Errorf("waiting until the tree was gone: %w", err)
	}
	took := time.Since(begin)
	figures := []figure{{name: "time", unit: "s", value: took.Seconds(), better: lower, target: 1}}
	if after, err := b.processes.cpu(); err == nil && len(b.processes) > 0 {
		figures = append(figures, figure{name: "cpu", unit: "ms/op", value: milliseconds(after-before) / total, better: lower})
	}
	return figures, nil
}
