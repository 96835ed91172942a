package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// bench is one server under measurement, and what the scenarios have made in it.
type bench struct {
	options
	name      string // "subject" or "peer"
	config    string // path of its kubeconfig
	at        *endpoint
	processes processes
	shards    []string // kubeconfigs of its shards, for comparison with the front-proxy
	own       *server  // when it was started here

	home    string // path of the organization that holds everything
	made    map[string]bool
	stocked map[string]int // ConfigMaps in a workspace
}

func newBench(name, kubeconfig string, pids processes, direct string, o options) (*bench, error) {
	at, err := readKubeconfig(kubeconfig, "base")
	if err != nil {
		return nil, err
	}
	if len(pids) == 0 {
		if pids, err = processesBeside(kubeconfig); err != nil {
			return nil, err
		}
	}
	return &bench{options: o, name: name, config: kubeconfig, at: at, processes: pids, shards: directKubeconfigs(direct, kubeconfig),
		made: map[string]bool{}, stocked: map[string]int{}}, nil
}

// close leaves nothing behind: it stops a server of our own, and deletes the organization in any other.
func (b *bench) close() {
	if b.own != nil {
		b.own.stop()
		return
	}
	if b.home == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	w := b.at.workers(1)
	defer closeWorkers(w)
	_, _ = w[0].do(ctx, http.MethodDelete, workspacePath("root", strings.TrimPrefix(b.home, "root:")), "", "", nil)
}

// count is n, or a tenth of it with --quick.
func (b *bench) count(n int) int {
	if b.quick {
		return max(n/10, 1)
	}
	return n
}

// workspace returns the path of a universal workspace of the bench, made when it is first asked for.
func (b *bench) workspace(ctx context.Context, name string) (string, error) {
	w := b.at.workers(1)
	defer closeWorkers(w)
	ctx, cancel := context.WithTimeout(ctx, b.limit)
	defer cancel()
	if b.home == "" {
		org := "bench-" + strconv.FormatInt(time.Now().UnixMilli(), 36)
		if err := createAndAwait(ctx, w[0], "root", org, "organization"); err != nil {
			return "", err
		}
		b.home = "root:" + org
	}
	if name == "" {
		return b.home, nil
	}
	path := b.home + ":" + name
	if !b.made[name] {
		if err := createAndAwait(ctx, w[0], b.home, name, "universal"); err != nil {
			return "", err
		}
		b.made[name] = true
	}
	return path, nil
}

// stock sees to it that the workspace holds ConfigMaps 0 to n-1, and returns its path.
func (b *bench) stock(ctx context.Context, name string, n int) (string, error) {
	path, err := b.workspace(ctx, name)
	if err != nil || b.stocked[name] >= n {
		return path, err
	}
	writers := b.at.workers(32)
	defer closeWorkers(writers)
	bodies := newBodies(len(writers))
	first := b.stocked[name]
	s, err := b.load(ctx, writers, n-first, func(ctx context.Context, w *worker, number, i int) (int64, error) {
		return w.do(ctx, http.MethodPost, configMapsPath(path), "", jsonType, bodies[number].named(first+i))
	})
	if err != nil {
		return "", err
	}
	b.stocked[name] += s.operations
	if b.stocked[name] < n {
		return "", fmt.Errorf("only %d of %d ConfigMaps within --limit", b.stocked[name], n)
	}
	return path, nil
}

// skipped is the reason why a scenario does not apply here.
type skipped string

func (s skipped) Error() string { return string(s) }

func isCode(err error, code int) bool {
	var answer *answerError
	return errors.As(err, &answer) && answer.code == code
}
