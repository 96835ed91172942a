package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"k8s.io/client-go/rest"

	"atoll.dev/e2e/harness"
)

// object is the part of a ConfigMap that these tests look at.
type object struct {
	APIVersion string            `json:"apiVersion,omitempty"`
	Kind       string            `json:"kind,omitempty"`
	Metadata   metadata          `json:"metadata"`
	Data       map[string]string `json:"data,omitempty"`
}

type metadata struct {
	Name            string            `json:"name"`
	Namespace       string            `json:"namespace,omitempty"`
	UID             string            `json:"uid,omitempty"`
	ResourceVersion string            `json:"resourceVersion,omitempty"`
	Labels          map[string]string `json:"labels,omitempty"`
	Annotations     map[string]string `json:"annotations,omitempty"`
}

type list struct {
	Metadata struct {
		ResourceVersion string `json:"resourceVersion"`
		Continue        string `json:"continue"`
	} `json:"metadata"`
	Items []object `json:"items"`
}

type event struct {
	Type   string          `json:"type"`
	Object json.RawMessage `json:"object"`
}

func (o *object) rv() int64 { return number(o.Metadata.ResourceVersion) }

// key is unique in the shard.
func (o *object) key() string {
	return o.Metadata.Annotations["kcp.io/cluster"] + "/" + o.Metadata.Namespace + "/" + o.Metadata.Name
}

func (o *object) op() string { return o.Data["op"] }

// ours leaves out what the server itself puts into namespaces.
func (o *object) ours() bool { return o.Data["op"] != "" }

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// errViolation is in errors that say which promise an answer breaks.
var errViolation = errors.New("violation")

// statusError is an answer that is not 2xx.
type statusError struct {
	code int
	body string
}

func (e *statusError) Error() string { return fmt.Sprintf("%d: %s", e.code, e.body) }

// client speaks to one run of the server, as shard-admin, whose token outlives runs.
type client struct {
	http *http.Client
	base string
}

func newClient(t testing.TB, s *harness.Server) *client {
	t.Helper()
	cfg := s.Config(t, "shard-base", "")
	cfg.Timeout = 0
	hc, err := rest.HTTPClientFor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &client{http: hc, base: cfg.Host}
}

// do sends `in` as JSON and decodes the answer into `out`. An error that is no *statusError says nothing about what happened.
func (c *client) do(ctx context.Context, method, path, contentType string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	if in != nil {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return &statusError{code: resp.StatusCode, body: string(data)}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(data, out)
}

// snapshot is the answer of a whole list: the objects of these tests by key, at a revision.
type snapshot struct {
	rv      int64
	objects map[string]object
	pages   int
}

// listAll reads a list page by page, and checks that its pages are of one snapshot (I7): one revision, no key twice, nothing newer.
func (c *client) listAll(ctx context.Context, path, query string, limit int) (*snapshot, error) {
	s := &snapshot{objects: map[string]object{}}
	token := ""
	for {
		var page list
		if err := c.do(ctx, http.MethodGet, fmt.Sprintf("%s?limit=%d&continue=%s&%s", path, limit, url.QueryEscape(token), query), "", nil, &page); err != nil {
			return nil, err
		}
		rv := number(page.Metadata.ResourceVersion)
		if s.pages == 0 {
			s.rv = rv
		} else if s.rv != rv {
			return nil, fmt.Errorf("%w: I7: page %d of %s is of revision %d, the first was of %d", errViolation, s.pages, path, rv, s.rv)
		}
		s.pages++
		for _, o := range page.Items {
			if o.rv() > rv {
				return nil, fmt.Errorf("%w: I7: %s at revision %d in a list of revision %d", errViolation, o.key(), o.rv(), rv)
			}
			if !o.ours() {
				continue
			}
			if _, twice := s.objects[o.key()]; twice {
				return nil, fmt.Errorf("%w: I7: %s twice in one list of %s", errViolation, o.key(), path)
			}
			s.objects[o.key()] = o
		}
		if token = page.Metadata.Continue; token == "" {
			return s, nil
		}
	}
}
