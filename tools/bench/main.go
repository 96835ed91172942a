// Command bench measures a running Atoll, or any server that speaks the same API, and prints rates, latencies and what the server's
// processes spent on it. README.md lists the scenarios.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type options struct {
	kubeconfig, peer, direct string
	pids, peerPids           string
	only                     string
	list, json, quick        bool
	rounds                   int
	limit                    time.Duration
	workspaces               int
	shards                   int
	flood, floodPath         string // of the process that scenario fairness starts
	floodStock               int
}

func main() {
	var o options
	flag.StringVar(&o.kubeconfig, "kubeconfig", "", "admin kubeconfig of a running server; without it, $ATOLL_BIN/atoll is started in a temporary directory")
	flag.StringVar(&o.peer, "peer", "", "admin kubeconfig of another server to compare with: scenarios alternate, and a ratio is printed")
	flag.StringVar(&o.direct, "direct", "", "kubeconfigs of the shards, comma separated, for the time that the front-proxy adds; default: shards/*/admin.kubeconfig beside --kubeconfig")
	flag.StringVar(&o.pids, "pid", "", "process ids of the server, comma separated; default: pids.json beside --kubeconfig")
	flag.StringVar(&o.peerPids, "peer-pid", "", "the same for --peer")
	flag.StringVar(&o.only, "only", "", "names of scenarios, comma separated; default: all")
	flag.BoolVar(&o.list, "list", false, "print the names of the scenarios and end")
	flag.BoolVar(&o.json, "json", false, "print JSON")
	flag.BoolVar(&o.quick, "quick", false, "a tenth of the counts: shows that everything works, not how fast it is")
	flag.IntVar(&o.rounds, "rounds", 1, "run each scenario so often and report medians")
	flag.DurationVar(&o.limit, "limit", time.Minute, "end a load after this time, whatever was reached")
	flag.IntVar(&o.workspaces, "workspaces", 1000, "workspaces that scenario `workspaces` creates")
	flag.IntVar(&o.shards, "shards", 1, "shards of the server that is started here")
	flag.StringVar(&o.flood, "flood", "", "load --flood-path of --kubeconfig with requests of this method until ended; scenario `fairness` starts it")
	flag.StringVar(&o.floodPath, "flood-path", "", "workspace for --flood")
	flag.IntVar(&o.floodStock, "flood-stock", 1, "ConfigMaps in --flood-path")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if flag.NArg() > 0 {
		return fmt.Errorf("unknown argument %q", flag.Arg(0))
	}
	if o.rounds < 1 || o.workspaces < 8 || o.shards < 1 || o.limit <= 0 {
		return errors.New("--rounds, --shards and --limit must be positive, --workspaces at least 8")
	}
	if o.flood != "" {
		return floodFor(ctx, o.kubeconfig, o.flood, o.floodPath, o.floodStock)
	}
	chosen, err := choose(scenarios, o.only)
	if err != nil {
		return err
	}
	if o.list {
		for _, s := range chosen {
			fmt.Printf("%-16s %s\n", s.name, s.what)
		}
		return nil
	}

	subject, err := subjectOf(ctx, o)
	if err != nil {
		return err
	}
	defer subject.close()
	benches := []*bench{subject}
	if o.peer != "" {
		pids, err := parsePids(o.peerPids)
		if err != nil {
			return fmt.Errorf("--peer-pid: %w", err)
		}
		peer, err := newBench("peer", o.peer, pids, "", o)
		if err != nil {
			return fmt.Errorf("--peer: %w", err)
		}
		defer peer.close()
		benches = append(benches, peer)
	}

	results := newReport(benches)
	failed := 0
	for round := range o.rounds {
		for _, s := range chosen {
			for i := range benches {
				b := benches[(i+round)%len(benches)] // who goes first alternates
				if ctx.Err() != nil {
					return ctx.Err()
				}
				fmt.Fprintf(os.Stderr, "%s: %s\n", b.name, s.name)
				figures, err := s.run(ctx, b)
				var skip skipped
				switch {
				case errors.As(err, &skip):
					results.note(s.name, b.name, "skipped: "+string(skip))
				case err != nil:
					results.note(s.name, b.name, "failed: "+err.Error())
					failed++
				}
				results.add(s.name, b.name, figures)
			}
		}
	}
	if o.json {
		err = results.writeJSON(os.Stdout)
	} else {
		err = results.writeTable(os.Stdout)
	}
	if err == nil && failed > 0 {
		err = fmt.Errorf("%d scenarios failed", failed)
	}
	return err
}

// subjectOf is the server to measure: the one of --kubeconfig, or one started here.
func subjectOf(ctx context.Context, o options) (*bench, error) {
	if o.kubeconfig != "" {
		pids, err := parsePids(o.pids)
		if err != nil {
			return nil, fmt.Errorf("--pid: %w", err)
		}
		return newBench("subject", o.kubeconfig, pids, o.direct, o)
	}
	server, err := startServer(ctx, o.shards)
	if err != nil {
		return nil, err
	}
	b, err := newBench("subject", server.kubeconfig(), nil, o.direct, o)
	if err != nil {
		server.stop()
		return nil, err
	}
	b.own = server
	return b, nil
}

func parsePids(list string) ([]int, error) {
	var pids []int
	for field := range strings.SplitSeq(list, ",") {
		if field == "" {
			continue
		}
		pid, err := strconv.Atoi(field)
		if err != nil || pid <= 0 {
			return nil, fmt.Errorf("%q is no process id", field)
		}
		pids = append(pids, pid)
	}
	return pids, nil
}

// directKubeconfigs are those of --direct, or the ones that a fleet of `atoll start` has beside its admin.kubeconfig.
func directKubeconfigs(flagValue, kubeconfig string) []string {
	if flagValue != "" {
		return strings.Split(flagValue, ",")
	}
	found, _ := filepath.Glob(filepath.Join(filepath.Dir(kubeconfig), "shards", "*", "admin.kubeconfig"))
	return found
}
