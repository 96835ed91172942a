package single

import (
	"context"
	"fmt"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	clientfeatures "k8s.io/client-go/features"
	featurestesting "k8s.io/client-go/features/testing"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"atoll.dev/e2e/harness"
)

const (
	leaseName = "reconciler"
	finalizer = "example.dev/cleanup"
)

var configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

// reconciler says in each ConfigMap with the label who keeps it, and keeps it until it has cleaned up.
type reconciler struct {
	client   client.Client
	recorder events.EventRecorder
	name     string
}

func (r *reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	cm := &corev1.ConfigMap{}
	if err := r.client.Get(ctx, req.NamespacedName, cm); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if cm.Labels["reconcile"] != "yes" {
		return ctrl.Result{}, nil
	}
	if !cm.DeletionTimestamp.IsZero() {
		if controllerutil.RemoveFinalizer(cm, finalizer) {
			return ctrl.Result{}, r.client.Update(ctx, cm)
		}
		return ctrl.Result{}, nil
	}
	before := cm.DeepCopy()
	added := controllerutil.AddFinalizer(cm, finalizer)
	if cm.Data == nil {
		cm.Data = map[string]string{}
	}
	if !added && cm.Data["keeper"] != "" {
		return ctrl.Result{}, nil
	}
	cm.Data["keeper"] = r.name
	if err := r.client.Patch(ctx, cm, client.MergeFrom(before)); err != nil {
		return ctrl.Result{}, err
	}
	r.recorder.Eventf(cm, nil, corev1.EventTypeNormal, "Kept", "Keep", "kept by %s", r.name)
	return ctrl.Result{}, nil
}

// runManager starts a manager with the reconciler and leader election; stop ends it and waits.
func runManager(t *testing.T, s *harness.Server, name string) (mgr manager.Manager, stop func()) {
	t.Helper()
	mgr, err := ctrl.NewManager(s.Config(t, "base", "root:org"), manager.Options{
		Logger: klog.Background().WithName(name), Metrics: server.Options{BindAddress: "0"},
		LeaderElection: true, LeaderElectionID: leaseName, LeaderElectionNamespace: "default", LeaderElectionReleaseOnCancel: true,
		LeaseDuration: ptr.To(6 * time.Second), RenewDeadline: ptr.To(4 * time.Second), RetryPeriod: ptr.To(200 * time.Millisecond),
		Controller: config.Controller{SkipNameValidation: ptr.To(true)},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &reconciler{client: mgr.GetClient(), recorder: mgr.GetEventRecorder("keeper"), name: name}
	if err := ctrl.NewControllerManagedBy(mgr).Named("keeper").For(&corev1.ConfigMap{}).Complete(r); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	ended := false
	stop = func() {
		if ended {
			return
		}
		ended = true
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("manager %s: %v", name, err)
			}
		case <-time.After(time.Minute):
			t.Errorf("manager %s does not stop", name)
		}
	}
	t.Cleanup(stop)
	return mgr, stop
}

func TestControllerRuntime(t *testing.T) {
	ctrl.SetLogger(klog.Background())
	s := harness.Start(t)
	s.CreateWorkspace(t, "root", "org", harness.WorkspaceOptions{Type: "organization"})
	ctx := harness.Context(t)
	clients := typed(t, s, "root:org")
	cms := clients.CoreV1().ConfigMaps("default")
	kept := func(name, by string) {
		t.Helper()
		harness.Eventually(t, 30*time.Second, name+" is kept by "+by, func() (bool, string) {
			cm, err := cms.Get(ctx, name, metav1.GetOptions{})
			if err != nil {
				return false, err.Error()
			}
			return cm.Data["keeper"] == by && controllerutil.ContainsFinalizer(cm, finalizer), fmt.Sprint(cm.Data, cm.Finalizers)
		})
	}
	create := func(name string) {
		t.Helper()
		if _, err := cms.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"reconcile": "yes"}}}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}

	create("early")
	first, stopFirst := runManager(t, s, "first")
	<-first.Elected()
	kept("early", "first")
	create("late")
	kept("late", "first")
	harness.Eventually(t, 30*time.Second, "the event", func() (bool, string) {
		list, err := clients.EventsV1().Events("default").List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err.Error()
		}
		for _, e := range list.Items {
			if e.Reason == "Kept" && e.Regarding.Name == "late" && e.Note == "kept by first" {
				return true, ""
			}
		}
		return false, fmt.Sprintf("%d events", len(list.Items))
	})

	// The cache, once synced, answers reads and follows.
	var cached corev1.ConfigMapList
	if err := first.GetClient().List(ctx, &cached, client.InNamespace("default"), client.MatchingLabels{"reconcile": "yes"}); err != nil || len(cached.Items) != 2 {
		t.Errorf("the manager's cache has %d objects: %v", len(cached.Items), err)
	}

	// The finalizer holds a deleted object until the reconciler has let it go.
	if err := cms.Delete(ctx, "late", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	harness.Eventually(t, 30*time.Second, "late goes", func() (bool, string) {
		_, err := cms.Get(ctx, "late", metav1.GetOptions{})
		return apierrors.IsNotFound(err), fmt.Sprint(err)
	})

	// The second manager waits while the first holds the lease: it renews several times meanwhile.
	lease := func() *coordinationv1.Lease {
		l, err := clients.CoordinationV1().Leases("default").Get(ctx, leaseName, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	second, _ := runManager(t, s, "second")
	held := lease()
	harness.Eventually(t, 30*time.Second, "the lease is renewed", func() (bool, string) {
		now := lease()
		return now.Spec.RenewTime.Sub(held.Spec.RenewTime.Time) > time.Second, now.Spec.RenewTime.String()
	})
	select {
	case <-second.Elected():
		t.Error("two leaders")
	default:
	}
	if now := lease(); *now.Spec.HolderIdentity != *held.Spec.HolderIdentity {
		t.Errorf("the lease went from %s to %s", *held.Spec.HolderIdentity, *now.Spec.HolderIdentity)
	}
	stopFirst()
	select {
	case <-second.Elected():
	case <-ctx.Done():
		t.Fatal("the second manager is not elected after the first has stopped")
	}
	create("after")
	kept("after", "second")
	if transitions := lease().Spec.LeaseTransitions; transitions == nil || *transitions < 1 {
		t.Errorf("lease transitions: %v", transitions)
	}
}

// Typed, dynamic and metadata informers, with the streamed initial list and with list and watch.
func TestInformers(t *testing.T) {
	s := harness.Start(t)
	s.CreateWorkspace(t, "root", "org", harness.WorkspaceOptions{Type: "organization"})
	for _, watchList := range []bool{true, false} {
		t.Run(fmt.Sprintf("WatchList=%t", watchList), func(t *testing.T) {
			featurestesting.SetFeatureDuringTest(t, clientfeatures.WatchListClient, watchList)
			for _, kind := range []string{"typed", "dynamic", "metadata"} {
				t.Run(kind, func(t *testing.T) { testInformerKind(t, s, kind, watchList) })
			}
		})
	}
}

func testInformerKind(t *testing.T, s *harness.Server, kind string, watchList bool) {
	ctx := harness.Context(t)
	cfg := s.Config(t, "base", "root:org")
	plain, err := dynamic.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	cms := plain.Resource(configMaps).Namespace("default")
	name := fmt.Sprintf("%s-%t", kind, watchList)
	object := func(name string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap",
			"metadata": map[string]any{"name": name, "labels": map[string]any{"step": "1"}}, "data": map[string]any{"k": "v"}}}
	}
	for i := range 20 {
		if _, err := cms.Create(ctx, object(fmt.Sprintf("%s-before-%02d", name, i)), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}

	asked := &requests{classify: listOrWatch}
	cfg.Wrap(asked.wrap)
	var informer cache.SharedIndexInformer
	switch kind {
	case "typed":
		c, err := kubernetes.NewForConfig(cfg)
		if err != nil {
			t.Fatal(err)
		}
		informer = informers.NewSharedInformerFactoryWithOptions(c, 0, informers.WithNamespace("default")).Core().V1().ConfigMaps().Informer()
	case "dynamic":
		c, err := dynamic.NewForConfig(cfg)
		if err != nil {
			t.Fatal(err)
		}
		informer = dynamicinformer.NewFilteredDynamicSharedInformerFactory(c, 0, "default", nil).ForResource(configMaps).Informer()
	case "metadata":
		c, err := metadata.NewForConfig(cfg)
		if err != nil {
			t.Fatal(err)
		}
		informer = metadatainformer.NewFilteredSharedInformerFactory(c, 0, "default", nil).ForResource(configMaps).Informer()
	}
	steps := make(chan string, 1000)
	tell := func(what string, o any) {
		if tombstone, ok := o.(cache.DeletedFinalStateUnknown); ok {
			o = tombstone.Obj
		}
		if m, ok := o.(metav1.Object); ok && m.GetName() == name {
			steps <- what + " " + m.GetLabels()["step"]
		}
	}
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(o any) { tell("add", o) }, UpdateFunc: func(_, o any) { tell("update", o) }, DeleteFunc: func(o any) { tell("delete", o) },
	}); err != nil {
		t.Fatal(err)
	}
	go informer.RunWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		t.Fatal("the informer did not sync")
	}
	if watchList {
		if asked.count("watch-list") != 1 || asked.count("list") != 0 {
			t.Errorf("with WatchList: %v", asked.counts)
		}
	} else if asked.count("watch-list") != 0 || asked.count("list") != 1 {
		t.Errorf("without WatchList: %v", asked.counts)
	}
	// The store has what a list has, nothing else.
	list, err := cms.List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(informer.GetStore().List()) != len(list.Items) {
		t.Errorf("%d objects in the informer, %d in a list", len(informer.GetStore().List()), len(list.Items))
	}

	if _, err := cms.Create(ctx, object(name), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := cms.Patch(ctx, name, "application/merge-patch+json", []byte(`{"metadata":{"labels":{"step":"2"}}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := cms.Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"add 1", "update 2", "delete 2"} {
		select {
		case got := <-steps:
			if got != want {
				t.Fatalf("the informer says %q, wanted %q", got, want)
			}
		case <-ctx.Done():
			t.Fatalf("the informer does not say %q", want)
		}
	}
}

// The metadata client reads and changes what it does not know the rest of.
func TestMetadataClient(t *testing.T) {
	s := harness.Start(t)
	s.CreateWorkspace(t, "root", "org", harness.WorkspaceOptions{Type: "organization"})
	ctx := harness.Context(t)
	c, err := metadata.NewForConfig(s.Config(t, "base", "root:org"))
	if err != nil {
		t.Fatal(err)
	}
	cms := c.Resource(configMaps).Namespace("default")
	got, err := cms.Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got.UID == "" || got.Annotations["kcp.io/cluster"] == "" {
		t.Errorf("partial metadata: %+v", got)
	}
	list, err := cms.List(ctx, metav1.ListOptions{})
	if err != nil || len(list.Items) != 1 || list.Items[0].UID != got.UID {
		t.Errorf("a list of metadata: %+v, %v", list, err)
	}
	patched, err := cms.Patch(ctx, got.Name, "application/merge-patch+json", []byte(`{"metadata":{"labels":{"a":"b"}}}`), metav1.PatchOptions{})
	if err != nil || patched.Labels["a"] != "b" {
		t.Errorf("a patch of metadata: %+v, %v", patched, err)
	}
	full, err := typed(t, s, "root:org").CoreV1().ConfigMaps("default").Get(ctx, got.Name, metav1.GetOptions{})
	if err != nil || full.Data["ca.crt"] == "" || full.Labels["a"] != "b" {
		t.Errorf("after a patch of metadata: %+v, %v", full, err)
	}
}
