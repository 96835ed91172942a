package clients

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atoll.dev/e2e/harness"
)

// The clients that bring their own test runner: what they did is in their files, one folder each.

func TestPython(t *testing.T) {
	everywhere(t, func(t *testing.T, w *workspace) {
		python := newProgram(t, w, harness.Tool(t, "python"), "PYTHONDONTWRITEBYTECODE=1")
		python.dir = here(t, "python")
		python.run(t, []string{"-m", "unittest", "test_client"}, "OK")
	})
}

func TestNode(t *testing.T) {
	everywhere(t, func(t *testing.T, w *workspace) {
		node := newProgram(t, w, "node")
		// Node looks for packages beside the file that asks.
		if err := os.Symlink(harness.Tool(t, "node"), filepath.Join(node.dir, "node_modules")); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"package.json", "client.test.js"} {
			data, err := os.ReadFile(here(t, "node/"+name))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(node.dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		node.run(t, []string{"--test", "client.test.js"}, "# fail 0")
	})
}

func TestJava(t *testing.T) {
	harness.Slow(t)
	everywhere(t, func(t *testing.T, w *workspace) {
		java := newProgram(t, w, "java")
		out := java.run(t, []string{"-cp", harness.Tool(t, "java") + "/*", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
			"-Dorg.slf4j.simpleLogger.log.io.fabric8.kubernetes.client.dsl.internal=debug", here(t, "java/Client.java")}, "ok watch", "ok any kind")
		// The watch and the informer: fabric8 asks for WebSocket first, and takes plain HTTP only after some refusals.
		if n := strings.Count(out, "WebSocket successfully opened"); n < 2 {
			t.Errorf("%d watches over WebSocket:\n%s", n, out)
		}
	})
}
