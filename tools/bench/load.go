package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// sample is what one load did.
type sample struct {
	operations int
	elapsed    time.Duration
	latencies  []time.Duration // sorted
	cpu        time.Duration   // of the server's processes
	bytes      int64           // of the answers
}

// load runs op from every worker until `total` operations are done, the bench's limit is reached, or one fails. op gets the worker, its
// number, and the operation's number, and returns the bytes of the answer.
func (b *bench) load(ctx context.Context, workers []*worker, total int, op func(ctx context.Context, w *worker, number, i int) (int64, error)) (*sample, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next, answered atomic.Int64
	latencies := make([][]time.Duration, len(workers))
	for i := range latencies {
		latencies[i] = make([]time.Duration, 0, total/len(workers)*2+1)
	}
	before, err := b.processes.cpu()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	deadline := start.Add(b.limit)
	var wait sync.WaitGroup
	for number, w := range workers {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				begin := time.Now()
				if i >= total || begin.After(deadline) || ctx.Err() != nil {
					return
				}
				n, err := op(ctx, w, number, i)
				if err != nil {
					cancel(err)
					return
				}
				latencies[number] = append(latencies[number], time.Since(begin))
				answered.Add(n)
			}
		})
	}
	wait.Wait()
	elapsed := time.Since(start)
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	after, err := b.processes.cpu()
	if err != nil {
		return nil, err
	}
	all := slices.Concat(latencies...)
	slices.Sort(all)
	return &sample{operations: len(all), elapsed: elapsed, latencies: all, cpu: after - before, bytes: answered.Load()}, nil
}

// figures that every load has. CPU only when the processes are known.
func (b *bench) figures(s *sample) []figure {
	out := []figure{
		{name: "rate", unit: "/s", value: float64(s.operations) / s.elapsed.Seconds(), better: higher},
		{name: "p50", unit: "ms", value: milliseconds(percentile(s.latencies, 0.5)), better: lower},
		{name: "p99", unit: "ms", value: milliseconds(percentile(s.latencies, 0.99)), better: lower},
	}
	if len(b.processes) > 0 && s.operations > 0 {
		out = append(out, figure{name: "cpu", unit: "ms/op", value: milliseconds(s.cpu) / float64(s.operations), better: lower})
		if rss, err := b.processes.resident(); err == nil {
			out = append(out, figure{name: "memory after", unit: "MiB", value: float64(rss) / mib, better: lower})
		}
	}
	return out
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

const mib = 1 << 20
