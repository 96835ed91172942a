package single

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"atoll.dev/e2e/harness"
)

// clusterIDs are all logical clusters by path.
func clusterIDs(t *testing.T, s *harness.Server) map[string]string {
	t.Helper()
	list, err := s.Dynamic(t, "shard-base", "*").Resource(harness.LogicalClusters).List(harness.Context(t), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, lc := range list.Items {
		ids[lc.GetAnnotations()["kcp.io/path"]] = lc.GetAnnotations()["kcp.io/cluster"]
	}
	return ids
}

// A stop by SIGTERM and a start in the same directory: everything is as it was, and clients that keep a resourceVersion go on from there.
func TestRestart(t *testing.T) {
	s := harness.Start(t)
	s.CreateWorkspace(t, "root", "org", harness.WorkspaceOptions{Type: "organization"})
	s.CreateWorkspace(t, "root:org", "team", harness.WorkspaceOptions{})
	ctx := harness.Context(t)
	admin := s.Config(t, "shard-base", "root:org:team") // before the restart
	asked := &requests{classify: listOrWatch}
	watched := rest.CopyConfig(admin)
	watched.Wrap(asked.wrap)
	client, err := kubernetes.NewForConfig(watched)
	if err != nil {
		t.Fatal(err)
	}
	cms := client.CoreV1().ConfigMaps("default")
	ids := clusterIDs(t, s)

	names := make(chan string, 100)
	informerContext, stopInformer := context.WithCancel(ctx)
	defer stopInformer()
	informer := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace("default")).Core().V1().ConfigMaps().Informer()
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { names <- "add " + o.(*corev1.ConfigMap).Name },
		UpdateFunc: func(_, o any) { names <- "update " + o.(*corev1.ConfigMap).Name },
	}); err != nil {
		t.Fatal(err)
	}
	go informer.RunWithContext(informerContext)
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		t.Fatal("the informer did not sync")
	}
	made, err := cms.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "kept"}, Data: map[string]string{"k": "v"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// A watch that ends without an event within a second makes client-go list again: it shall have one.
	for got := ""; got != "add kept"; {
		select {
		case got = <-names:
		case <-ctx.Done():
			t.Fatal("the informer does not say \"add kept\"")
		}
	}
	listed := asked.count("list") + asked.count("watch-list")

	for round := range 2 {
		s.Stop(t)
		s.Run(t)
		again, err := kubernetes.NewForConfig(admin)
		if err != nil {
			t.Fatal(err)
		}
		got, err := again.CoreV1().ConfigMaps("default").Get(ctx, "kept", metav1.GetOptions{})
		if err != nil {
			t.Fatalf("with shard-admin's token of before: %v", err)
		}
		if got.UID != made.UID || got.ResourceVersion != made.ResourceVersion || got.Data["k"] != "v" {
			t.Errorf("after the restart %+v, before %+v", got, made)
		}
		if now := clusterIDs(t, s); fmt.Sprint(now) != fmt.Sprint(ids) {
			t.Errorf("cluster ids after the restart %v, before %v", now, ids)
		}
		if _, err := typed(t, s, "root:org:team").CoreV1().ConfigMaps("default").Get(ctx, "kept", metav1.GetOptions{}); err != nil {
			t.Errorf("with the new admin.kubeconfig: %v", err)
		}
		name := fmt.Sprintf("round-%d", round)
		next, err := again.CoreV1().ConfigMaps("default").Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		before, _ := strconv.ParseInt(made.ResourceVersion, 10, 64)
		if after, _ := strconv.ParseInt(next.ResourceVersion, 10, 64); after <= before {
			t.Errorf("resourceVersion %d after the restart, %d before", after, before)
		}
		select {
		case got := <-names:
			if got != "add "+name {
				t.Errorf("the informer says %q, wanted only %q", got, "add "+name)
			}
		case <-time.After(time.Minute):
			t.Fatal("the informer does not come back")
		}
	}
	if now := asked.count("list") + asked.count("watch-list"); now != listed {
		t.Errorf("the informer listed %d times again", now-listed)
	}

	// A plain watch from an old resourceVersion has everything since, in order.
	w, err := cms.Watch(ctx, metav1.ListOptions{ResourceVersion: made.ResourceVersion})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	var seen []string
	for event := range w.ResultChan() {
		if seen = append(seen, event.Object.(*corev1.ConfigMap).Name); len(seen) == 2 {
			break
		}
	}
	if want := []string{"round-0", "round-1"}; !slices.Equal(seen, want) {
		t.Errorf("a watch over restarts has %v, wanted %v", seen, want)
	}
}
