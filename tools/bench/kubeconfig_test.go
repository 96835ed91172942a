package main

import (
	"strings"
	"testing"
)

const sampleKubeconfig = `
apiVersion: v1
kind: Config
current-context: root
clusters:
- {name: base, cluster: {server: "https://127.0.0.1:7443"}}
- {name: root, cluster: {server: "https://127.0.0.1:6443/clusters/root"}}
- {name: plain, cluster: {server: "http://127.0.0.1:6443"}}
contexts:
- {name: base, context: {cluster: base, user: admin}}
- {name: root, context: {cluster: root, user: other}}
- {name: plain, context: {cluster: plain, user: admin}}
- {name: nobody, context: {cluster: base, user: nobody}}
- {name: nowhere, context: {cluster: nowhere, user: admin}}
- {name: half, context: {cluster: base, user: half}}
users:
- {name: admin, user: {token: t1}}
- {name: other, user: {token: t2}}
- {name: half, user: {client-certificate-data: eA==}}
`

func TestParseKubeconfig(t *testing.T) {
	for _, c := range []struct {
		name, data  string
		contexts    []string
		host, token string
		problem     string
	}{
		{name: "wanted context", data: sampleKubeconfig, contexts: []string{"base"}, host: "127.0.0.1:7443", token: "t1"},
		{name: "first that is there", data: sampleKubeconfig, contexts: []string{"shard-base", "base"}, host: "127.0.0.1:7443", token: "t1"},
		{name: "current context", data: sampleKubeconfig, contexts: []string{"absent"}, host: "127.0.0.1:6443", token: "t2"},
		{name: "plain HTTP", data: sampleKubeconfig, contexts: []string{"plain"}, problem: "https"},
		{name: "unknown user", data: sampleKubeconfig, contexts: []string{"nobody"}, problem: `no user "nobody"`},
		{name: "unknown cluster", data: sampleKubeconfig, contexts: []string{"nowhere"}, problem: `no cluster "nowhere"`},
		{name: "certificate without key", data: sampleKubeconfig, contexts: []string{"half"}, problem: "go together"},
		{name: "empty", data: "", contexts: []string{"base"}, problem: "no current one"},
		{name: "no YAML", data: "\t{", contexts: nil, problem: "yaml"},
	} {
		e, err := parseKubeconfig([]byte(c.data), "", c.contexts)
		if c.problem != "" {
			if err == nil || !strings.Contains(err.Error(), c.problem) {
				t.Errorf("%s: %v, want an error with %q", c.name, err, c.problem)
			}
			continue
		}
		if err != nil || e.host != c.host || e.token != c.token {
			t.Errorf("%s: %+v, %v", c.name, e, err)
		}
	}
}
