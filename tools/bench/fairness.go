package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	floodAtOnce = 256
	floodNice   = 10 // the flood is there to load the server, not the machine's other clients
	pacedEvery  = 2 * time.Millisecond
)

// runFairness measures one client of a quiet workspace, alone and while 256 requests of another workspace are under way all the time. The
// flood comes from a process of its own: in this one it would delay the measuring, not the server.
func runFairness(method string) func(context.Context, *bench) ([]figure, error) {
	return func(ctx context.Context, b *bench) ([]figure, error) {
		stock := b.count(stockCount)
		quiet, err := b.stock(ctx, "quiet", stock)
		if err != nil {
			return nil, err
		}
		flooded, err := b.stock(ctx, "flooded", stock)
		if err != nil {
			return nil, err
		}
		alone, err := b.paced(ctx, method, quiet, stock)
		if err != nil {
			return nil, err
		}
		stop, err := b.flood(ctx, method, flooded, stock)
		if err != nil {
			return nil, err
		}
		beside, err := b.paced(ctx, method, quiet, stock)
		if failed := stop(); err == nil {
			err = failed
		}
		if err != nil {
			return nil, err
		}
		p99 := func(s *sample) float64 { return milliseconds(percentile(s.latencies, 0.99)) }
		p50 := func(s *sample) float64 { return milliseconds(percentile(s.latencies, 0.5)) }
		return []figure{
			{name: "p50 alone", unit: "ms", value: p50(alone), better: lower},
			{name: "p99 alone", unit: "ms", value: p99(alone), better: lower},
			{name: "p50 beside a flood", unit: "ms", value: p50(beside), better: lower},
			{name: "p99 beside a flood", unit: "ms", value: p99(beside), better: lower},
			{name: "ratio of p99", unit: "", value: p99(beside) / p99(alone), better: lower, target: 2},
		}, nil
	}
}

// paced is one client with pauses, as people and controllers are.
func (b *bench) paced(ctx context.Context, method, path string, stock int) (*sample, error) {
	workers := b.at.workers(1)
	defer closeWorkers(workers)
	body := newBodies(1)[0]
	pause := time.NewTicker(pacedEvery)
	defer pause.Stop()
	epoch := int(time.Now().UnixMilli() % 1_000_000_000)
	var latencies []time.Duration
	s, err := b.load(ctx, workers, b.count(4000), func(ctx context.Context, w *worker, _, i int) (int64, error) {
		<-pause.C
		begin := time.Now()
		n, err := oneOf(ctx, w, method, path, body, i%stock, epoch+i)
		latencies = append(latencies, time.Since(begin))
		return n, err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(latencies)
	s.latencies = latencies // without the pauses
	return s, nil
}

// oneOf reads or patches a ConfigMap.
func oneOf(ctx context.Context, w *worker, method, path string, body *configMapBody, i, unique int) (int64, error) {
	if method == http.MethodPatch {
		return w.do(ctx, method, configMapPath(path, i), "", mergePatchType, patchBody(body.json, unique))
	}
	return w.do(ctx, method, configMapPath(path, i), "", "", nil)
}

// flood starts this program again as the other workspace's clients. The function it returns ends them; an error is why they ended before.
func (b *bench) flood(ctx context.Context, method, path string, stock int) (func() error, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, program, "--flood", method, "--flood-path", path, "--flood-stock", strconv.Itoa(stock), "--kubeconfig", b.config)
	command.Stderr = os.Stderr
	started, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	if _, err := started.Read(make([]byte, 1)); err != nil {
		return nil, errors.Join(fmt.Errorf("the flood did not begin: %w", err), command.Wait())
	}
	return func() error {
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			return fmt.Errorf("the flood ended early: %w", err)
		}
		_ = command.Wait() // by the signal
		return nil
	}, nil
}

// floodFor is the other process: requests from 256 workers until it is killed. Refusals are part of a flood.
func floodFor(ctx context.Context, kubeconfig, method, path string, stock int) error {
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, floodNice); err != nil {
		return err
	}
	at, err := readKubeconfig(kubeconfig, "base")
	if err != nil {
		return err
	}
	workers := at.workers(floodAtOnce)
	bodies := newBodies(floodAtOnce)
	begun := sync.OnceFunc(func() { fmt.Print(".") })
	var wait sync.WaitGroup
	epoch := int(time.Now().UnixMilli() % 1_000_000)
	for number, w := range workers {
		wait.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				_, err := oneOf(ctx, w, method, path, bodies[number], (i+number)%stock, epoch+i)
				if ctx.Err() != nil {
					return
				}
				if err != nil && !isCode(err, http.StatusTooManyRequests) {
					fmt.Fprintln(os.Stderr, "flood:", err)
					return
				}
				begun()
			}
		})
	}
	wait.Wait()
	return nil
}
