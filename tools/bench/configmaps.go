package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

const atOnce = 32

// Each round creates below names of its own, so the workspace is made anew.
func runCreate(writers, total int, target, cpuTarget float64) func(context.Context, *bench) ([]figure, error) {
	return func(ctx context.Context, b *bench) ([]figure, error) {
		path, err := b.workspace(ctx, fmt.Sprintf("create%d-%d", writers, len(b.made)))
		if err != nil {
			return nil, err
		}
		workers := b.at.workers(writers)
		defer closeWorkers(workers)
		bodies := newBodies(writers)
		collection := configMapsPath(path)
		s, err := b.load(ctx, workers, b.count(total), func(ctx context.Context, w *worker, number, i int) (int64, error) {
			return w.do(ctx, http.MethodPost, collection, "", jsonType, bodies[number].named(i))
		})
		if err != nil {
			return nil, err
		}
		figures := b.figures(s)
		figures[0].target = target
		setTarget(figures, "cpu", cpuTarget)
		return figures, nil
	}
}

const stockCount = 1000

// runEach loads the stock of ConfigMaps, 32 at once, with one request an operation.
func runEach(total int, target float64, method, contentType string, body func(c *configMapBody, i, revision int) []byte) func(context.Context, *bench) ([]figure, error) {
	return func(ctx context.Context, b *bench) ([]figure, error) {
		stock := b.count(stockCount)
		path, err := b.stock(ctx, "stock", stock)
		if err != nil {
			return nil, err
		}
		paths := make([]string, stock)
		for i := range paths {
			paths[i] = configMapPath(path, i)
		}
		workers := b.at.workers(atOnce)
		defer closeWorkers(workers)
		bodies := newBodies(atOnce)
		query := ""
		if contentType == applyType {
			query = "fieldManager=bench&force=true" // the stock was created by another manager
		}
		epoch := int(time.Now().UnixMilli() % 1_000_000) // so that a second round changes something, too
		s, err := b.load(ctx, workers, b.count(total), func(ctx context.Context, w *worker, number, i int) (int64, error) {
			var content []byte
			if body != nil {
				content = body(bodies[number], i%stock, epoch+i)
			}
			return w.do(ctx, method, paths[i%stock], query, contentType, content)
		})
		if err != nil {
			return nil, err
		}
		figures := b.figures(s)
		figures[0].target = target
		return figures, nil
	}
}

const listed = 3000

// runList lists 3,000 ConfigMaps in one answer, one client, and looks at how far the server's memory goes up meanwhile.
func runList(ctx context.Context, b *bench) ([]figure, error) {
	path, err := b.stock(ctx, "list", b.count(listed))
	if err != nil {
		return nil, err
	}
	workers := b.at.workers(1)
	defer closeWorkers(workers)
	collection := configMapsPath(path)
	// The first fills caches and connection buffers; growth is measured against that.
	if _, err := workers[0].do(ctx, http.MethodGet, collection, "", "", nil); err != nil {
		return nil, err
	}
	before, err := b.processes.resident()
	if err != nil {
		return nil, err
	}
	resetErr := b.processes.resetPeak()
	s, err := b.load(ctx, workers, b.count(100), func(ctx context.Context, w *worker, _, _ int) (int64, error) {
		return w.do(ctx, http.MethodGet, collection, "", "", nil)
	})
	if err != nil {
		return nil, err
	}
	figures := append(b.figures(s), figure{name: "throughput", unit: "MB/s", value: float64(s.bytes) / 1e6 / s.elapsed.Seconds(), better: higher, target: 500})
	if len(b.processes) > 0 && resetErr == nil {
		peak, err := b.processes.peakResident()
		if err != nil {
			return nil, err
		}
		figures = append(figures, figure{name: "memory growth", unit: "MiB", value: float64(peak-before) / mib, better: lower, target: 4})
	}
	return figures, nil
}

// runSelect lists by a label that no object has: what looking at an object costs.
func runSelect(ctx context.Context, b *bench) ([]figure, error) {
	count := b.count(listed)
	path, err := b.stock(ctx, "list", count)
	if err != nil {
		return nil, err
	}
	workers := b.at.workers(2)
	defer closeWorkers(workers)
	collection := configMapsPath(path)
	s, err := b.load(ctx, workers, b.count(1000), func(ctx context.Context, w *worker, _, _ int) (int64, error) {
		return w.do(ctx, http.MethodGet, collection, "labelSelector=absent%3Dvalue", "", nil)
	})
	if err != nil {
		return nil, err
	}
	figures := b.figures(s)
	if len(b.processes) > 0 {
		perObject := float64(s.cpu.Nanoseconds()) / 1e3 / float64(s.operations) / float64(count)
		figures = append(figures, figure{name: "cpu each", unit: "us/object", value: perObject, better: lower, target: 0.3})
	}
	return figures, nil
}
