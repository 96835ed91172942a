package main

import (
	"encoding/json"
	"testing"
)

type configMap struct {
	Metadata struct{ Name string }
	Data     map[string]string
}

func decodeConfigMap(t *testing.T, body []byte) configMap {
	t.Helper()
	var cm configMap
	if err := json.Unmarshal(body, &cm); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return cm
}

func TestConfigMapBody(t *testing.T) {
	body := newBodies(1)[0]
	first := decodeConfigMap(t, body.named(0))
	later := decodeConfigMap(t, body.named(1234))
	if first.Metadata.Name != "bench-00000000" || later.Metadata.Name != "bench-00001234" {
		t.Errorf("names %q and %q", first.Metadata.Name, later.Metadata.Name)
	}
	changed := decodeConfigMap(t, body.changed(7, 42))
	if changed.Metadata.Name != "bench-00000007" || changed.Data["value"] == later.Data["value"] {
		t.Errorf("%+v", changed)
	}
	for _, cm := range []configMap{first, later, changed} {
		if len(cm.Data["value"]) != dataBytes {
			t.Errorf("%s has %d bytes of data", cm.Metadata.Name, len(cm.Data["value"]))
		}
	}
}

func TestPatchBody(t *testing.T) {
	var patch struct{ Data map[string]string }
	if err := json.Unmarshal(patchBody(nil, 31), &patch); err != nil || patch.Data["counter"] != "31" {
		t.Errorf("%+v, %v", patch, err)
	}
}

func TestEventIsReady(t *testing.T) {
	for _, c := range []struct{ name, line, want, kind string }{
		{"ready", `{"type":"MODIFIED","object":{"metadata":{"name":"a"},"status":{"phase":"Ready"}}}`, "Ready", "MODIFIED"},
		{"not yet", `{"type":"ADDED","object":{"metadata":{"name":"a"},"status":{"phase":"Scheduling"}}}`, "Scheduling", "ADDED"},
		{"no status", `{"type":"ADDED","object":{"metadata":{"name":"a"}}}`, "", "ADDED"},
		{"gone", `{"type":"DELETED","object":{"metadata":{"name":"a"},"status":{"phase":"Deleting"}}}`, "Deleting", "DELETED"},
	} {
		var e workspaceEvent
		if err := json.Unmarshal([]byte(c.line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Type != c.kind || e.Object.Status.Phase != c.want || e.Object.Metadata.Name != "a" {
			t.Errorf("%s: %+v", c.name, e)
		}
	}
}
