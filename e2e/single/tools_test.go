package single

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// requests counts what a client asks for, by a name that `classify` gives each request; "" is not counted.
type requests struct {
	mu       sync.Mutex
	counts   map[string]int
	classify func(*http.Request) string
}

func (r *requests) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if name := r.classify(req); name != "" {
			r.mu.Lock()
			if r.counts == nil {
				r.counts = map[string]int{}
			}
			r.counts[name]++
			r.mu.Unlock()
		}
		return next.RoundTrip(req)
	})
}

func (r *requests) count(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts[name]
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// listOrWatch tells how an informer asks for ConfigMaps.
func listOrWatch(req *http.Request) string {
	query := req.URL.Query()
	switch {
	case req.Method != http.MethodGet || !strings.HasSuffix(req.URL.Path, "/configmaps"):
		return ""
	case query.Get("sendInitialEvents") == "true":
		return "watch-list"
	case query.Get("watch") != "":
		return "watch"
	default:
		return "list"
	}
}

// raw sends one request and returns the code and the body.
func raw(t *testing.T, client *http.Client, method, url, body string, headers map[string]string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

// tokenFile writes a token file of the users these tests know: alice, who is in the group devs, and bob. A token is the name with "-token".
func tokenFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens.csv")
	text := ""
	for _, u := range []struct{ name, groups string }{{"alice", "devs"}, {"bob", ""}} {
		text += fmt.Sprintf("%s-token,%s,%s-uid,%q\n", u.name, u.name, u.name, u.groups)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
