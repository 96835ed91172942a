package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// scenario is a row of the table below: to add one, write its function and its row.
type scenario struct {
	name, what string
	run        func(context.Context, *bench) ([]figure, error)
}

// scenarios in the order in which they run: memory while idle comes before anything has been asked for.
var scenarios = []scenario{
	{"idle", "time to ready, memory and CPU of a server that nobody uses", runIdle},
	{"fleet", "the same of a front-proxy, two shards and a cache-server", runFleet},
	{"disk", "fdatasync of the disk, for reference", runDisk},
	{"workspaces", "workspaces created to Ready, 8 at once; memory each", runWorkspaces},
	{"create-1", "ConfigMaps of 1 KiB created by one writer", runCreate(1, 2000, 0, 0)},
	{"create-32", "ConfigMaps of 1 KiB created, 32 at once", runCreate(32, 40000, 8000, 0.1)},
	{"get", "ConfigMaps of 1 KiB read, 32 at once", runEach(60000, 15000, http.MethodGet, "", nil)},
	{"update", "ConfigMaps of 1 KiB replaced, 32 at once", runEach(20000, 0, http.MethodPut, jsonType,
		func(c *configMapBody, i, revision int) []byte { return c.changed(i, revision) })},
	{"patch", "ConfigMaps of 1 KiB merge-patched, 32 at once", runEach(20000, 5000, http.MethodPatch, mergePatchType,
		func(c *configMapBody, _, revision int) []byte { return patchBody(c.json, revision) })},
	{"apply", "ConfigMaps of 1 KiB applied with a change, 32 at once", runEach(20000, 5000, http.MethodPatch, applyType,
		func(c *configMapBody, i, revision int) []byte { return c.changed(i, revision) })},
	{"apply-same", "the same applied again and again", runEach(20000, 5000, http.MethodPatch, applyType,
		func(c *configMapBody, i, _ int) []byte { return c.named(i) })},
	{"list", "3,000 ConfigMaps of 1 KiB in one answer", runList},
	{"select", "3,000 ConfigMaps of 1 KiB of which a label selector matches none", runSelect},
	{"watch", "200 watchers of one namespace", runWatch},
	{"fairness", "one client's reads beside 256 of another workspace", runFairness(http.MethodGet)},
	{"fairness-write", "the same, with merge patches", runFairness(http.MethodPatch)},
	{"tree", "a tree of 80 workspaces deleted", runTree},
	{"proxy", "what the front-proxy adds to a get", runProxy},
}

// choose returns the scenarios with these names, in the table's order; all without names.
func choose(all []scenario, names string) ([]scenario, error) {
	if names == "" {
		return all, nil
	}
	wanted := map[string]bool{}
	for name := range strings.SplitSeq(names, ",") {
		wanted[name] = true
	}
	var out []scenario
	for _, s := range all {
		if wanted[s.name] {
			out = append(out, s)
			delete(wanted, s.name)
		}
	}
	for name := range wanted {
		return nil, fmt.Errorf("--only: no scenario %q (--list shows them)", name)
	}
	return out, nil
}
