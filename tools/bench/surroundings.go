package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// settle is how long a server is left alone before its idle memory counts.
const settle = 2 * time.Second

// runIdle reports time to ready when the server was started here, and what it uses while nobody asks anything.
func runIdle(ctx context.Context, b *bench) ([]figure, error) {
	if len(b.processes) == 0 {
		return nil, skipped("the server's processes are not known: give --pid")
	}
	var figures []figure
	if b.own != nil {
		ready := figure{name: "to ready", unit: "s", value: b.own.readyIn.Seconds(), better: lower}
		if len(b.processes) == 1 {
			ready.target = 1
		}
		figures = append(figures, ready)
	}
	idle, err := idleFigures(ctx, b.processes)
	return append(figures, idle...), err
}

func idleFigures(ctx context.Context, p processes) ([]figure, error) {
	before, err := p.cpu()
	if err != nil {
		return nil, err
	}
	select {
	case <-time.After(settle):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	after, err := p.cpu()
	if err != nil {
		return nil, err
	}
	rss, err := p.resident()
	if err != nil {
		return nil, err
	}
	memory := figure{name: "memory", unit: "MiB", value: float64(rss) / mib, better: lower}
	switch len(p) {
	case 1:
		memory.target = 60
	case 4, 5: // with or without the one that looks after them
		memory.target = 160
	}
	return []figure{memory, {name: "cpu", unit: "ms/s", value: milliseconds(after-before) / settle.Seconds(), better: lower}}, nil
}

// runFleet starts a front-proxy, two shards and a cache-server beside the subject and reports the same of them.
func runFleet(ctx context.Context, b *bench) ([]figure, error) {
	if b.own == nil {
		return nil, skipped("only for servers that are started here")
	}
	fleet, err := startServer(ctx, 2)
	if err != nil {
		return nil, err
	}
	defer fleet.stop()
	idle, err := idleFigures(ctx, fleet.processes)
	return append([]figure{{name: "to ready", unit: "s", value: fleet.readyIn.Seconds(), better: lower}}, idle...), err
}

// runDisk appends 1 KiB and calls fdatasync, one after the other, on the file system of the server's root directory: what one writer
// could reach at best.
func runDisk(ctx context.Context, b *bench) ([]figure, error) {
	f, err := os.CreateTemp(filepath.Dir(b.config), ".bench-disk-")
	if err != nil {
		return nil, skipped(err.Error())
	}
	defer os.Remove(f.Name())
	defer f.Close()
	block := make([]byte, 1024)
	var latencies []time.Duration
	begin := time.Now()
	for time.Since(begin) < 2*time.Second && ctx.Err() == nil {
		one := time.Now()
		if _, err := f.Write(block); err != nil {
			return nil, err
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			return nil, err
		}
		latencies = append(latencies, time.Since(one))
	}
	elapsed := time.Since(begin)
	slices.Sort(latencies)
	return []figure{
		{name: "fdatasync", unit: "/s", value: float64(len(latencies)) / elapsed.Seconds()},
		{name: "p50", unit: "ms", value: milliseconds(percentile(latencies, 0.5))},
		{name: "p99", unit: "ms", value: milliseconds(percentile(latencies, 0.99))},
	}, nil
}

// runProxy gets one object alternately through the front-proxy and from its shard; the difference of the medians is what the front-proxy
// adds.
func runProxy(ctx context.Context, b *bench) ([]figure, error) {
	if len(b.shards) == 0 {
		return nil, skipped("no kubeconfig of a shard: give --direct, or start with --shards 2")
	}
	path, err := b.stock(ctx, "proxied", 1)
	if err != nil {
		return nil, err
	}
	through := b.at.workers(1)
	defer closeWorkers(through)
	var object struct {
		Metadata struct{ Annotations map[string]string }
	}
	if err := through[0].decode(ctx, http.MethodGet, configMapPath(path, 0), "", nil, &object); err != nil {
		return nil, err
	}
	cluster := object.Metadata.Annotations["kcp.io/cluster"]
	if cluster == "" {
		return nil, fmt.Errorf("the ConfigMap does not say its cluster")
	}
	var direct *worker
	for _, kubeconfig := range b.shards {
		at, err := readKubeconfig(kubeconfig, "shard-base", "base")
		if err != nil {
			return nil, err
		}
		w := at.workers(1)
		if _, err := w[0].do(ctx, http.MethodGet, configMapPath(cluster, 0), "", "", nil); err == nil {
			direct = w[0]
			defer closeWorkers(w)
			break
		}
		closeWorkers(w)
	}
	if direct == nil {
		return nil, fmt.Errorf("none of the shards has cluster %s", cluster)
	}
	get := func(w *worker, path string) (time.Duration, error) {
		begin := time.Now()
		_, err := w.do(ctx, http.MethodGet, path, "", "", nil)
		return time.Since(begin), err
	}
	total := b.count(3000)
	var near, far []time.Duration
	deadline := time.Now().Add(b.limit)
	for i := 0; i < total && time.Now().Before(deadline); i++ {
		n, err := get(direct, configMapPath(cluster, 0))
		if err != nil {
			return nil, err
		}
		f, err := get(through[0], configMapPath(path, 0))
		if err != nil {
			return nil, err
		}
		near, far = append(near, n), append(far, f)
	}
	slices.Sort(near)
	slices.Sort(far)
	micro := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	return []figure{
		{name: "added p50", unit: "us", value: micro(percentile(far, 0.5) - percentile(near, 0.5)), better: lower, target: 150},
		{name: "direct p50", unit: "us", value: micro(percentile(near, 0.5)), better: lower},
		{name: "through p50", unit: "us", value: micro(percentile(far, 0.5)), better: lower},
		{name: "direct p99", unit: "us", value: micro(percentile(near, 0.99)), better: lower},
		{name: "through p99", unit: "us", value: micro(percentile(far, 0.99)), better: lower},
	}, nil
}
