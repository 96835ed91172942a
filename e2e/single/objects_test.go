// Package single tests one process of everything with client-go, controller-runtime and kubectl.
package single

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"atoll.dev/e2e/harness"
)

func typed(t *testing.T, s *harness.Server, workspace string) *kubernetes.Clientset {
	t.Helper()
	client, err := kubernetes.NewForConfig(s.Config(t, "base", workspace))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestObjects(t *testing.T) {
	s := harness.Start(t)
	s.CreateWorkspace(t, "root", "org", harness.WorkspaceOptions{Type: "organization"})
	t.Run("CRUD", func(t *testing.T) { testCRUD(t, s) })
	t.Run("Paging", func(t *testing.T) { testPaging(t, s) })
	t.Run("Watch", func(t *testing.T) { testWatch(t, s) })
	t.Run("Informer", func(t *testing.T) { testInformer(t, s) })
	t.Run("Namespace", func(t *testing.T) { testNamespace(t, s) })
	t.Run("Isolation", func(t *testing.T) { testIsolation(t, s) })
}

func testCRUD(t *testing.T, s *harness.Server) {
	ctx := harness.Context(t)
	cms := typed(t, s, "root:org").CoreV1().ConfigMaps("default")
	made, err := cms.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Data: map[string]string{"k": "v"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if made.UID == "" || made.ResourceVersion == "" || made.CreationTimestamp.IsZero() {
		t.Fatalf("server-owned fields are missing: %+v", made.ObjectMeta)
	}
	if _, err := cms.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a"}}, metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
		t.Fatalf("creating twice: %v", err)
	}
	stale := made.DeepCopy()
	made.Data["k"] = "w"
	updated, err := cms.Update(ctx, made, metav1.UpdateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if updated.ResourceVersion == stale.ResourceVersion {
		t.Fatal("an update kept the resourceVersion")
	}
	if _, err := cms.Update(ctx, stale, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
		t.Fatalf("a stale update: %v", err)
	}
	patched, err := cms.Patch(ctx, "a", types.MergePatchType, []byte(`{"data":{"k":null,"n":"1"}}`), metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(patched.Data) != 1 || patched.Data["n"] != "1" {
		t.Fatalf("after the merge patch: %v", patched.Data)
	}
	again, err := cms.Patch(ctx, "a", types.JSONPatchType, []byte(`[{"op":"replace","path":"/data/n","value":"1"}]`), metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if again.ResourceVersion != patched.ResourceVersion {
		t.Fatal("a patch that changes nothing wrote something")
	}
	if _, err := cms.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "dry"}}, metav1.CreateOptions{DryRun: []string{"All"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := cms.Get(ctx, "dry", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Fatalf("a dry run left something: %v", err)
	}
	if _, err := cms.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "Bad_Name"}}, metav1.CreateOptions{}); !apierrors.IsInvalid(err) {
		t.Fatalf("a bad name: %v", err)
	}
	wrong := types.UID("00000000-0000-4000-8000-000000000000")
	if err := cms.Delete(ctx, "a", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &wrong}}); !apierrors.IsConflict(err) {
		t.Fatalf("a delete with a wrong uid: %v", err)
	}
	if err := cms.Delete(ctx, "a", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := cms.Get(ctx, "a", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Fatalf("after the delete: %v", err)
	}
}

func testPaging(t *testing.T, s *harness.Server) {
	ctx := harness.Context(t)
	cms := typed(t, s, "root:org").CoreV1().ConfigMaps("default")
	for i := range 25 {
		cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("page-%02d", i), Labels: map[string]string{"page": "yes"}}}
		if _, err := cms.Create(ctx, cm, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	token, version := "", ""
	for page := 0; ; page++ {
		list, err := cms.List(ctx, metav1.ListOptions{Limit: 10, LabelSelector: "page=yes", Continue: token})
		if err != nil {
			t.Fatal(err)
		}
		if version == "" {
			version = list.ResourceVersion
		} else if version != list.ResourceVersion {
			t.Fatalf("page %d is of revision %s, the first was of %s", page, list.ResourceVersion, version)
		}
		for _, cm := range list.Items {
			if seen[cm.Name] {
				t.Fatalf("%s twice", cm.Name)
			}
			seen[cm.Name] = true
		}
		// Written between pages: no page shows it.
		late := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("page-99-%d", page), Labels: map[string]string{"page": "yes"}}}
		if _, err := cms.Create(ctx, late, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		if token = list.Continue; token == "" {
			break
		}
	}
	if len(seen) != 25 {
		t.Fatalf("%d of 25 objects over all pages", len(seen))
	}
	if err := cms.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "page=yes"}); err != nil {
		t.Fatal(err)
	}
	rest, err := cms.List(ctx, metav1.ListOptions{LabelSelector: "page=yes"})
	if err != nil || len(rest.Items) != 0 {
		t.Fatalf("after deletecollection: %d objects, %v", len(rest.Items), err)
	}
}

func testWatch(t *testing.T, s *harness.Server) {
	ctx := harness.Context(t)
	cms := typed(t, s, "root:org").CoreV1().ConfigMaps("default")
	list, err := cms.List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := cms.Watch(ctx, metav1.ListOptions{ResourceVersion: list.ResourceVersion, LabelSelector: "color=red"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	cm, err := cms.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "w", Labels: map[string]string{"color": "blue"}}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, color := range []string{"red", "red", "blue"} {
		cm.Labels["color"] = color
		cm.Data = map[string]string{"n": cm.Data["n"] + "x"}
		if cm, err = cms.Update(ctx, cm, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	// Into the selector, within it, out of it.
	for _, want := range []watch.EventType{watch.Added, watch.Modified, watch.Deleted} {
		select {
		case event := <-w.ResultChan():
			if event.Type != want {
				t.Fatalf("got %s, wanted %s: %v", event.Type, want, event.Object)
			}
		case <-ctx.Done():
			t.Fatalf("no %s event", want)
		}
	}
	if err := cms.Delete(ctx, "w", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	old, err := cms.Watch(ctx, metav1.ListOptions{ResourceVersion: "99999999999"})
	if err == nil {
		defer old.Stop()
		event := <-old.ResultChan()
		if event.Type != watch.Error {
			t.Fatalf("a watch from the future: %v", event)
		}
	}
}

func testInformer(t *testing.T, s *harness.Server) {
	ctx := harness.Context(t)
	client := typed(t, s, "root:org")
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace("default"))
	informer := factory.Core().V1().ConfigMaps().Informer()
	added := make(chan string, 100)
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: func(o any) { added <- o.(*corev1.ConfigMap).Name }})
	if err != nil {
		t.Fatal(err)
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		t.Fatal("the informer did not sync")
	}
	if _, err := client.CoreV1().ConfigMaps("default").Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "informed"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for {
		select {
		case name := <-added:
			if name == "informed" {
				return
			}
		case <-ctx.Done():
			t.Fatal("the informer did not see the new object")
		}
	}
}

func testNamespace(t *testing.T, s *harness.Server) {
	ctx := harness.Context(t)
	client := typed(t, s, "root:org")
	if _, err := client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "n1"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	harness.Eventually(t, 30*time.Second, "default content of a namespace", func() (bool, string) {
		_, err := client.CoreV1().ServiceAccounts("n1").Get(ctx, "default", metav1.GetOptions{})
		if err == nil {
			_, err = client.CoreV1().ConfigMaps("n1").Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
		}
		return err == nil, fmt.Sprint(err)
	})
	held := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "held", Finalizers: []string{"example.dev/hold"}}}
	if _, err := client.CoreV1().ConfigMaps("n1").Create(ctx, held, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := client.CoreV1().Namespaces().Delete(ctx, "n1", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	harness.Eventually(t, 30*time.Second, "the namespace says what holds it", func() (bool, string) {
		ns, err := client.CoreV1().Namespaces().Get(ctx, "n1", metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		for _, c := range ns.Status.Conditions {
			if c.Type == corev1.NamespaceFinalizersRemaining && c.Status == corev1.ConditionTrue {
				return ns.Status.Phase == corev1.NamespaceTerminating, string(ns.Status.Phase)
			}
		}
		return false, fmt.Sprint(ns.Status)
	})
	if _, err := client.CoreV1().ConfigMaps("n1").Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "late"}}, metav1.CreateOptions{}); !apierrors.IsForbidden(err) {
		t.Fatalf("creating in a terminating namespace: %v", err)
	}
	if _, err := client.CoreV1().ConfigMaps("n1").Patch(ctx, "held", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	harness.Eventually(t, 30*time.Second, "the namespace goes", func() (bool, string) {
		_, err := client.CoreV1().Namespaces().Get(ctx, "n1", metav1.GetOptions{})
		return apierrors.IsNotFound(err), fmt.Sprint(err)
	})
}

// What one workspace holds, another does not see (I8, in its plainest form).
func testIsolation(t *testing.T, s *harness.Server) {
	ctx := harness.Context(t)
	s.CreateWorkspace(t, "root:org", "one", harness.WorkspaceOptions{})
	s.CreateWorkspace(t, "root:org", "two", harness.WorkspaceOptions{})
	one, two := typed(t, s, "root:org:one"), typed(t, s, "root:org:two")
	if _, err := one.CoreV1().ConfigMaps("default").Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "mine"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := two.CoreV1().ConfigMaps("default").Get(ctx, "mine", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Fatalf("a ConfigMap of another workspace: %v", err)
	}
	list, err := two.CoreV1().ConfigMaps("").List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, cm := range list.Items {
		if cm.Name == "mine" {
			t.Fatal("a list shows another workspace's object")
		}
	}
}
