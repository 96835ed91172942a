package harness

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// Tool is the path that tools/dev-tool.sh prints for a client of a pinned version, fetched once when it is not there. A machine that cannot
// fetch it fails the test. Tests run two folders below the repository's root.
func Tool(t testing.TB, name string) string {
	t.Helper()
	fetch, _ := tools.LoadOrStore(name, sync.OnceValues(func() (string, string) {
		command := exec.Command("../../tools/dev-tool.sh", name)
		var stderr bytes.Buffer
		command.Stderr = &stderr
		out, err := command.Output()
		if err != nil {
			return "", err.Error() + ": " + stderr.String()
		}
		return strings.TrimSpace(string(out)), ""
	}))
	path, failed := fetch.(func() (string, string))()
	if failed != "" {
		t.Fatalf("tools/dev-tool.sh %s: %s", name, failed)
	}
	return path
}

var tools sync.Map // name → func() (path, error text)

// Slow skips a test that takes minutes, or whose client does, unless ATOLL_E2E_ALL is set: `tools/dev e2e --all` sets it.
func Slow(t testing.TB) {
	t.Helper()
	if os.Getenv("ATOLL_E2E_ALL") == "" {
		t.Skip("takes minutes: tools/dev e2e --all runs it")
	}
}
