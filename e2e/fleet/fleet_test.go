// Package fleet tests a front-proxy, two shards and a cache-server as processes of their own.
package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"atoll.dev/e2e/harness"
)

const aliceToken = "alice-token"

func startFleet(t *testing.T) *harness.Server {
	t.Helper()
	tokens := filepath.Join(t.TempDir(), "tokens.csv")
	if err := os.WriteFile(tokens, []byte(aliceToken+",alice,alice-uid,devs\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return harness.Start(t, "--shards", "2", "--token-auth-file", tokens)
}

func typed(t *testing.T, s *harness.Server, workspace string) *kubernetes.Clientset {
	t.Helper()
	c, err := kubernetes.NewForConfig(s.Config(t, "base", workspace))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func shardConfig(t *testing.T, s *harness.Server, shard, workspace string) *rest.Config {
	t.Helper()
	return harness.Config(t, filepath.Join(s.Root, "shards", shard, "admin.kubeconfig"), "shard-base", workspace)
}

func clusterOf(ws *unstructured.Unstructured) string {
	id, _, _ := unstructured.NestedString(ws.Object, "spec", "cluster")
	return id
}

// logicalClusters are the paths of the logical clusters on a shard, by id.
func logicalClusters(t *testing.T, ctx context.Context, s *harness.Server, shard string) (map[string]string, error) {
	t.Helper()
	c, err := dynamic.NewForConfig(shardConfig(t, s, shard, "*"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.Resource(harness.LogicalClusters).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	paths := map[string]string{}
	for _, lc := range list.Items {
		paths[lc.GetAnnotations()["kcp.io/cluster"]] = lc.GetAnnotations()["kcp.io/path"]
	}
	return paths, nil
}

func put(t *testing.T, s *harness.Server, workspace, name string) error {
	t.Helper()
	_, err := typed(t, s, workspace).CoreV1().ConfigMaps("default").Create(harness.Context(t), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	return err
}

func get(t *testing.T, s *harness.Server, workspace, name string) error {
	t.Helper()
	_, err := typed(t, s, workspace).CoreV1().ConfigMaps("default").Get(harness.Context(t), name, metav1.GetOptions{})
	return err
}

// A tree whose neighbours live on different shards, through everything that must not show it.
func TestFleet(t *testing.T) {
	s := startFleet(t)
	on := func(shard string) harness.WorkspaceOptions { return harness.WorkspaceOptions{Shard: shard} }
	harness.Eventually(t, time.Minute, "two shards in root", func() (bool, string) {
		list, err := s.Dynamic(t, "base", "root").Resource(harness.Shards).List(harness.Context(t), metav1.ListOptions{})
		if err != nil {
			return false, err.Error()
		}
		var names []string
		for _, shard := range list.Items {
			names = append(names, shard.GetName())
		}
		return slices.Contains(names, "root") && slices.Contains(names, "shard-1"), fmt.Sprint(names)
	})
	// root (root) > near (root) > far (shard-1) > back (root) > again (shard-1); root > away (shard-1)
	ids := map[string]string{}
	for _, w := range []struct{ parent, name, shard string }{
		{"root", "near", "root"}, {"root:near", "far", "shard-1"}, {"root:near:far", "back", "root"}, {"root:near:far:back", "again", "shard-1"}, {"root", "away", "shard-1"},
	} {
		path := w.parent + ":" + w.name
		ids[path] = clusterOf(s.CreateWorkspace(t, w.parent, w.name, on(w.shard)))
		found, err := logicalClusters(t, harness.Context(t), s, w.shard)
		if err != nil {
			t.Fatal(err)
		}
		if found[ids[path]] != path {
			t.Errorf("%s, cluster %s, is not on shard %s, which has %v", path, ids[path], w.shard, found)
		}
	}

	t.Run("Objects", func(t *testing.T) { testObjects(t, s, ids) })
	t.Run("ForgedHeaders", func(t *testing.T) { testForgedHeaders(t, s) })
	t.Run("Deletion", func(t *testing.T) { testDeletion(t, s, ids) })
	t.Run("Crash", func(t *testing.T) { testShardCrash(t, s) })
}

// Objects through the front-proxy, by path and by cluster id; a watch sees them.
func testObjects(t *testing.T, s *harness.Server, ids map[string]string) {
	ctx := harness.Context(t)
	for path, id := range ids {
		w, err := typed(t, s, path).CoreV1().ConfigMaps("default").Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=here"})
		if err != nil {
			t.Fatal(err)
		}
		if err := put(t, s, path, "here"); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if err := get(t, s, id, "here"); err != nil {
			t.Errorf("%s by its cluster id: %v", path, err)
		}
		select {
		case event := <-w.ResultChan():
			if cm, ok := event.Object.(*corev1.ConfigMap); !ok || cm.Name != "here" || cm.Annotations["kcp.io/cluster"] != id {
				t.Errorf("%s: a watch says %+v", path, event)
			}
		case <-ctx.Done():
			t.Errorf("%s: a watch says nothing", path)
		}
		w.Stop()
	}
}

// Whatever identity a client claims in headers, the front-proxy and the shards go by its credentials.
func testForgedHeaders(t *testing.T, s *harness.Server) {
	const review = "/clusters/root/apis/authentication.k8s.io/v1/selfsubjectreviews"
	forged := map[string]string{"X-Remote-User": "shard-admin", "X-Remote-Group": "system:masters", "X-Remote-Uid": "0", "X-Remote-Extra-Scopes": "cluster:root",
		"x-remote-extra-authentication.kcp.io%2fscopes": "cluster:root"}
	for _, where := range []struct {
		name string
		cfg  *rest.Config
	}{{"front-proxy", s.Config(t, "base", "")}, {"root", shardConfig(t, s, "root", "")}, {"shard-1", shardConfig(t, s, "shard-1", "")}} {
		client, err := rest.HTTPClientFor(rest.AnonymousClientConfig(where.cfg))
		if err != nil {
			t.Fatal(err)
		}
		post := func(path, token string) (int, string) {
			t.Helper()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, where.cfg.Host+path, strings.NewReader(`{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			for name, value := range forged {
				req.Header.Set(name, value)
			}
			if token != "" {
				req.Header.Set("Authorization", "Bearer "+token)
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			return resp.StatusCode, string(body)
		}
		if code, body := post(review, ""); code/100 == 2 || strings.Contains(body, "shard-admin") {
			t.Errorf("%s: forged headers without credentials: %d %s", where.name, code, body)
		}
		if where.name == "shard-1" {
			continue // root's cluster is not there for a token to be asked about
		}
		code, body := post(review, aliceToken)
		var got struct {
			Status struct {
				UserInfo struct {
					Username string
					Groups   []string
					Extra    map[string][]string
				}
			}
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil || code != http.StatusCreated {
			t.Errorf("%s: forged headers beside a token: %d %s", where.name, code, body)
			continue
		}
		user := got.Status.UserInfo
		if user.Username != "alice" || slices.Contains(user.Groups, "system:masters") || len(user.Extra) != 0 {
			t.Errorf("%s: forged headers have an effect: %+v", where.name, user)
		}
	}
}

// A tree over both shards goes with its top.
func testDeletion(t *testing.T, s *harness.Server, ids map[string]string) {
	ctx := harness.Context(t)
	if err := s.Dynamic(t, "base", "root").Resource(harness.Workspaces).Delete(ctx, "near", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	s.WaitGone(t, ctx, "root", "near")
	for _, shard := range []string{"root", "shard-1"} {
		harness.Eventually(t, 30*time.Second, "no logical cluster below root:near on "+shard, func() (bool, string) {
			found, err := logicalClusters(t, ctx, s, shard)
			if err != nil {
				return false, err.Error()
			}
			for _, path := range found {
				if path == "root:near" || strings.HasPrefix(path, "root:near:") {
					return false, path
				}
			}
			return true, ""
		})
	}
	for path, id := range ids {
		if path == "root:away" {
			if err := get(t, s, path, "here"); err != nil {
				t.Errorf("what was not deleted: %v", err)
			}
			continue
		}
		if err := get(t, s, id, "here"); err == nil {
			t.Errorf("%s is still served", path)
		}
	}
}

// One shard is killed: the other's workspaces are served, writes included; the supervisor starts it again, and nothing is lost.
func testShardCrash(t *testing.T, s *harness.Server) {
	ctx := harness.Context(t)
	s.CreateWorkspace(t, "root", "stays", harness.WorkspaceOptions{Shard: "root"})
	if err := put(t, s, "root:away", "before"); err != nil {
		t.Fatal(err)
	}
	pid := func() int {
		for name, pid := range s.Pids(t) {
			if strings.HasSuffix(name, "shard-1") {
				return pid
			}
		}
		return 0
	}
	old := pid()
	if old == 0 {
		t.Fatalf("no shard-1 in %v", s.Pids(t))
	}
	for round := range 3 {
		if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("meanwhile-%d", round)
		if err := put(t, s, "root:stays", name); err != nil {
			t.Errorf("a write to the other shard: %v", err)
		}
		if err := get(t, s, "root:stays", name); err != nil {
			t.Errorf("a read from the other shard: %v", err)
		}
		harness.Eventually(t, time.Minute, "shard-1 is started again", func() (bool, string) {
			now := pid()
			return now != 0 && now != old, fmt.Sprint(s.Pids(t))
		})
		old = pid()
		harness.Eventually(t, time.Minute, "root:away is served again", func() (bool, string) {
			err := get(t, s, "root:away", "before")
			return err == nil, fmt.Sprint(err)
		})
		if err := put(t, s, "root:away", name); err != nil {
			t.Errorf("a write after the restart: %v", err)
		}
		if _, err := logicalClusters(t, ctx, s, "shard-1"); err != nil {
			t.Error(err)
		}
	}
	// The shard takes new workspaces again.
	s.CreateWorkspace(t, "root:away", "below", harness.WorkspaceOptions{Shard: "root"})
	s.CreateWorkspace(t, "root:stays", "below", harness.WorkspaceOptions{Shard: "shard-1"})
	if err := put(t, s, "root:stays:below", "new"); err != nil {
		t.Error(err)
	}
}

// The whole fleet stops on SIGTERM and goes on where it was.
func TestFleetRestart(t *testing.T) {
	s := startFleet(t)
	cluster := clusterOf(s.CreateWorkspace(t, "root", "far", harness.WorkspaceOptions{Shard: "shard-1"}))
	if err := put(t, s, "root:far", "kept"); err != nil {
		t.Fatal(err)
	}
	s.Stop(t)
	s.Run(t, "--shards", "2")
	harness.Eventually(t, time.Minute, "root:far is served", func() (bool, string) {
		err := get(t, s, "root:far", "kept")
		return err == nil, fmt.Sprint(err)
	})
	if err := get(t, s, cluster, "kept"); err != nil {
		t.Errorf("by cluster id: %v", err)
	}
}
