package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	watchers      = 200
	watchedEvents = 1000
	watchedPings  = 50
)

// tally counts events at all watchers and wakes who waits for a number.
type tally struct {
	seen atomic.Int64
	mu   sync.Mutex
	want int64
	wake chan struct{}
}

func (t *tally) add(n int64) {
	if n == 0 {
		return
	}
	seen := t.seen.Add(n)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wake != nil && seen >= t.want {
		close(t.wake)
		t.wake = nil
	}
}

// await returns when so many events in all have been seen.
func (t *tally) await(ctx context.Context, want int64, limit time.Duration) error {
	t.mu.Lock()
	if t.seen.Load() >= want {
		t.mu.Unlock()
		return nil
	}
	t.want, t.wake = want, make(chan struct{})
	wake := t.wake
	t.mu.Unlock()
	select {
	case <-wake:
		return nil
	case <-time.After(limit):
		return fmt.Errorf("the watchers saw %d of %d events within %s", t.seen.Load(), want, limit)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// runWatch has 200 watchers of one namespace. First one change at a time: how long until the last watcher has it. Then changes from eight
// writers: how many deliveries a second. An event is a line; nothing else is looked at.
func runWatch(ctx context.Context, b *bench) ([]figure, error) {
	path, err := b.stock(ctx, "watch", creators)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	writers := b.at.workers(creators)
	defer closeWorkers(writers)
	collection := configMapsPath(path)
	var list workspaceList
	if err := writers[0].decode(ctx, http.MethodGet, collection, "limit=1", nil, &list); err != nil {
		return nil, err
	}

	var seen tally
	var wait sync.WaitGroup
	count := b.count(watchers)
	readers := b.at.workers(count)
	defer closeWorkers(readers)
	for _, w := range readers {
		response, err := w.open(ctx, http.MethodGet, collection, "watch=true&resourceVersion="+list.Metadata.ResourceVersion, "", nil)
		if err != nil {
			cancel(err)
			wait.Wait()
			return nil, err
		}
		wait.Go(func() {
			defer response.Body.Close()
			for {
				n, err := response.Body.Read(w.buffer)
				seen.add(int64(bytes.Count(w.buffer[:n], []byte{'\n'})))
				if err != nil {
					cancel(fmt.Errorf("a watch ended: %w", err))
					return
				}
			}
		})
	}
	defer wait.Wait()
	defer cancel(nil)

	paths := make([]string, creators)
	for i := range paths {
		paths[i] = configMapPath(path, i)
	}
	epoch := int(time.Now().UnixMilli() % 1_000_000)
	patches := make([][]byte, creators)
	change := func(ctx context.Context, w *worker, number, i int) (int64, error) {
		patches[number] = patchBody(patches[number], epoch+i)
		return w.do(ctx, http.MethodPatch, paths[number], "", mergePatchType, patches[number])
	}

	pings := b.count(watchedPings)
	latencies := make([]time.Duration, pings)
	for i := range pings {
		begin := time.Now()
		if _, err := change(ctx, writers[0], 0, i); err != nil {
			return nil, err
		}
		if err := seen.await(ctx, int64((i+1)*count), b.limit); err != nil {
			return nil, err
		}
		latencies[i] = time.Since(begin)
	}
	slices.Sort(latencies)

	cpuBefore, err := b.processes.cpu()
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	s, err := b.load(ctx, writers, b.count(watchedEvents), func(ctx context.Context, w *worker, number, i int) (int64, error) {
		return change(ctx, w, number, pings+i)
	})
	if err != nil {
		return nil, err
	}
	if err := seen.await(ctx, int64((pings+s.operations)*count), b.limit); err != nil {
		return nil, err
	}
	elapsed := time.Since(begin)
	deliveries := float64(s.operations * count)
	figures := []figure{
		{name: "rate", unit: "events/s", value: deliveries / elapsed.Seconds(), better: higher, target: 36000},
		{name: "p50 to the last", unit: "ms", value: milliseconds(percentile(latencies, 0.5)), better: lower},
		{name: "p99 to the last", unit: "ms", value: milliseconds(percentile(latencies, 0.99)), better: lower},
	}
	if len(b.processes) > 0 {
		cpuAfter, err := b.processes.cpu()
		if err != nil {
			return nil, err
		}
		figures = append(figures, figure{name: "cpu", unit: "us/event", value: float64((cpuAfter - cpuBefore).Microseconds()) / deliveries, better: lower})
	}
	return figures, nil
}
