package single

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"atoll.dev/e2e/harness"
)

// Deletion and garbage collection as their users see them: end states, in a workspace of each test.
type garbage struct {
	*testing.T
	ctx    context.Context
	client kubernetes.Interface
}

func newGarbage(t *testing.T, s *harness.Server, workspace string) *garbage {
	t.Helper()
	s.CreateWorkspace(t, "root", workspace, harness.WorkspaceOptions{})
	return &garbage{T: t, ctx: harness.Context(t), client: typed(t, s, "root:"+workspace)}
}

func ownedBy(owners ...metav1.OwnerReference) func(*metav1.ObjectMeta) {
	return func(m *metav1.ObjectMeta) { m.OwnerReferences = owners }
}

func heldBy(finalizers ...string) func(*metav1.ObjectMeta) {
	return func(m *metav1.ObjectMeta) { m.Finalizers = finalizers }
}

func ownerOf(c *corev1.ConfigMap, blocks bool) metav1.OwnerReference {
	return metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: c.Name, UID: c.UID, BlockOwnerDeletion: &blocks}
}

func (g *garbage) make(ns, name string, with ...func(*metav1.ObjectMeta)) *corev1.ConfigMap {
	g.Helper()
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
	for _, w := range with {
		w(&object.ObjectMeta)
	}
	made, err := g.client.CoreV1().ConfigMaps(ns).Create(g.ctx, object, metav1.CreateOptions{})
	if err != nil {
		g.Fatal(err)
	}
	return made
}

func (g *garbage) get(name string) (*corev1.ConfigMap, error) {
	return g.client.CoreV1().ConfigMaps("default").Get(g.ctx, name, metav1.GetOptions{})
}

func (g *garbage) remove(name string, policy metav1.DeletionPropagation) {
	g.Helper()
	if err := g.client.CoreV1().ConfigMaps("default").Delete(g.ctx, name, metav1.DeleteOptions{PropagationPolicy: &policy}); err != nil {
		g.Fatal(err)
	}
}

func (g *garbage) release(name string) {
	g.Helper()
	patch := []byte(`{"metadata":{"finalizers":null}}`)
	if _, err := g.client.CoreV1().ConfigMaps("default").Patch(g.ctx, name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		g.Fatal(err)
	}
}

func (g *garbage) gone(names ...string) {
	g.Helper()
	for _, name := range names {
		harness.Eventually(g, 30*time.Second, name+" is gone", func() (bool, string) {
			_, err := g.get(name)
			return apierrors.IsNotFound(err), fmt.Sprint(err)
		})
	}
}

func (g *garbage) stays(names ...string) {
	g.Helper()
	for _, name := range names {
		if o, err := g.get(name); err != nil || o.DeletionTimestamp != nil {
			g.Errorf("%s: %v, %v", name, o, err)
		}
	}
}

func TestGarbageCollection(t *testing.T) {
	s := harness.Start(t)

	t.Run("background, along a chain", func(t *testing.T) {
		g := newGarbage(t, s, "chain")
		a := g.make("default", "a")
		b := g.make("default", "b", ownedBy(ownerOf(a, false)))
		g.make("default", "c", ownedBy(ownerOf(b, false)))
		g.make("default", "other")
		g.remove("a", metav1.DeletePropagationBackground)
		g.gone("a", "b", "c")
		g.stays("other")
	})

	t.Run("foreground waits for what blocks", func(t *testing.T) {
		g := newGarbage(t, s, "foreground")
		a := g.make("default", "a")
		g.make("default", "blocks", ownedBy(ownerOf(a, true)), heldBy("e2e.atoll.dev/held"))
		g.make("default", "free", ownedBy(ownerOf(a, false)), heldBy("e2e.atoll.dev/held"))
		g.make("default", "plain", ownedBy(ownerOf(a, true)))
		g.remove("a", metav1.DeletePropagationForeground)
		g.gone("plain")
		harness.Eventually(t, 30*time.Second, "dependents are being deleted", func() (bool, string) {
			blocks, err := g.get("blocks")
			return err == nil && blocks.DeletionTimestamp != nil, fmt.Sprint(err)
		})
		waiting, err := g.get("a")
		if err != nil || waiting.DeletionTimestamp == nil || strings.Join(waiting.Finalizers, ",") != "foregroundDeletion" {
			t.Fatalf("the owner does not wait: %v, %v", waiting, err)
		}
		g.release("blocks")
		g.gone("blocks", "a")
		g.release("free")
		g.gone("free")
	})

	t.Run("foreground goes down a tree, and round a circle", func(t *testing.T) {
		g := newGarbage(t, s, "tree")
		a := g.make("default", "a")
		b := g.make("default", "b", ownedBy(ownerOf(a, true)))
		c := g.make("default", "c", ownedBy(ownerOf(b, true)))
		a.OwnerReferences = []metav1.OwnerReference{ownerOf(c, true)}
		if _, err := g.client.CoreV1().ConfigMaps("default").Update(g.ctx, a, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		g.remove("a", metav1.DeletePropagationForeground)
		g.gone("a", "b", "c")
	})

	t.Run("orphans keep nothing of their owner", func(t *testing.T) {
		g := newGarbage(t, s, "orphan")
		a, other := g.make("default", "a"), g.make("default", "other")
		g.make("default", "one", ownedBy(ownerOf(a, true)))
		g.make("default", "two", ownedBy(ownerOf(a, true), ownerOf(other, false)))
		g.remove("a", metav1.DeletePropagationOrphan)
		g.gone("a")
		g.stays("one", "two", "other")
		one, _ := g.get("one")
		two, _ := g.get("two")
		if len(one.OwnerReferences) != 0 || len(two.OwnerReferences) != 1 || two.OwnerReferences[0].UID != other.UID {
			t.Errorf("owners left: %v, %v", one.OwnerReferences, two.OwnerReferences)
		}
	})

	t.Run("the last of several owners takes the dependent along", func(t *testing.T) {
		g := newGarbage(t, s, "several")
		a, b := g.make("default", "a"), g.make("default", "b")
		g.make("default", "both", ownedBy(ownerOf(a, true), ownerOf(b, true)))
		g.remove("a", metav1.DeletePropagationForeground)
		g.gone("a") // although "both" blocks: it stays for b, so it no longer names a
		both, err := g.get("both")
		if err != nil || len(both.OwnerReferences) != 1 || both.OwnerReferences[0].UID != b.UID {
			t.Fatalf("owners left: %v, %v", both, err)
		}
		g.remove("b", metav1.DeletePropagationBackground)
		g.gone("b", "both")
	})

	t.Run("owners that never were", func(t *testing.T) {
		g := newGarbage(t, s, "never")
		lives := g.make("default", "lives")
		g.make("default", "absent", ownedBy(metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: "x", UID: "x"}))
		g.make("default", "another-uid", ownedBy(metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: lives.Name, UID: "x"}))
		g.make("default", "unknown-kind", ownedBy(metav1.OwnerReference{APIVersion: "e2e.atoll.dev/v1", Kind: "Nothing", Name: "x", UID: "x"}))
		g.gone("absent", "another-uid")
		g.stays("lives", "unknown-kind")
	})

	t.Run("owners count within a namespace, cluster-scoped ones everywhere", func(t *testing.T) {
		g := newGarbage(t, s, "scopes")
		if _, err := g.client.CoreV1().Namespaces().Create(g.ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "far"}}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		far := g.make("far", "far")
		role, err := g.client.RbacV1().ClusterRoles().Create(g.ctx, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "owner"}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		byRole := metav1.OwnerReference{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "ClusterRole", Name: role.Name, UID: role.UID}
		g.make("default", "of-role", ownedBy(byRole))
		g.make("default", "astray", ownedBy(ownerOf(far, true)))
		// A cluster-scoped object with a namespaced owner: nobody can say where that would be.
		lost := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "lost", OwnerReferences: []metav1.OwnerReference{ownerOf(far, true)}}}
		if _, err := g.client.RbacV1().ClusterRoles().Create(g.ctx, lost, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		g.gone("astray")
		g.stays("of-role")
		harness.Eventually(t, 30*time.Second, "an event warns", func() (bool, string) {
			events, err := g.client.CoreV1().Events("default").List(g.ctx, metav1.ListOptions{FieldSelector: "reason=OwnerRefInvalidNamespace"})
			if err != nil || len(events.Items) == 0 {
				return false, fmt.Sprint(err)
			}
			e := events.Items[0]
			want := fmt.Sprintf(`, namespace: default, name: far, uid: %s] does not exist in namespace "default"`, far.UID)
			return e.Type == "Warning" && e.InvolvedObject.Name == "astray" && strings.HasPrefix(e.Message, "ownerRef [v1/ConfigMap, cluster: ") &&
				strings.HasSuffix(e.Message, want) && e.Source.Component == "garbage-collector-controller", e.Message
		})
		if err := g.client.RbacV1().ClusterRoles().Delete(g.ctx, "owner", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		g.gone("of-role")
		if _, err := g.client.RbacV1().ClusterRoles().Get(g.ctx, "lost", metav1.GetOptions{}); err != nil {
			t.Errorf("the cluster-scoped object with a namespaced owner: %v", err)
		}
	})

	t.Run("a namespace waits for its content", func(t *testing.T) {
		g := newGarbage(t, s, "held")
		if _, err := g.client.CoreV1().Namespaces().Create(g.ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "n"}}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		g.make("n", "plain")
		g.make("n", "held", heldBy("e2e.atoll.dev/held"))
		if err := g.client.CoreV1().Namespaces().Delete(g.ctx, "n", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		want := map[corev1.NamespaceConditionType]string{
			corev1.NamespaceDeletionDiscoveryFailure: "False ResourcesDiscovered: All resources successfully discovered",
			corev1.NamespaceDeletionGVParsingFailure: "False ParsedGroupVersions: All legacy kube types successfully parsed",
			corev1.NamespaceDeletionContentFailure:   "False ContentDeleted: All content successfully deleted, may be waiting on finalization",
			corev1.NamespaceContentRemaining:         "True SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances",
			corev1.NamespaceFinalizersRemaining:      "True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: e2e.atoll.dev/held in 1 resource instances",
		}
		harness.Eventually(t, 30*time.Second, "conditions", func() (bool, string) {
			n, err := g.client.CoreV1().Namespaces().Get(g.ctx, "n", metav1.GetOptions{})
			if err != nil || n.Status.Phase != corev1.NamespaceTerminating {
				return false, fmt.Sprint(n, err)
			}
			got := 0
			for _, c := range n.Status.Conditions {
				if fmt.Sprintf("%s %s: %s", c.Status, c.Reason, c.Message) == want[c.Type] {
					got++
				}
			}
			return got == len(want), fmt.Sprint(n.Status.Conditions)
		})
		_, err := g.client.CoreV1().ConfigMaps("n").Create(g.ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "late"}}, metav1.CreateOptions{})
		if !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
			t.Errorf("creating in a terminating namespace: %v", err)
		}
		// The one who takes over after a crash still waits.
		s.Kill()
		s.Run(t)
		g.client = typed(t, s, "root:held")
		if _, err := g.client.CoreV1().ConfigMaps("n").Patch(g.ctx, "held", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
		harness.Eventually(t, 60*time.Second, "the namespace is gone", func() (bool, string) {
			_, err := g.client.CoreV1().Namespaces().Get(g.ctx, "n", metav1.GetOptions{})
			return apierrors.IsNotFound(err), fmt.Sprint(err)
		})
	})
}

// A server that is killed while it collects goes on when it is back, whatever it was doing.
func TestGarbageCollectionSurvivesKills(t *testing.T) {
	const dependents = 200
	s := harness.Start(t)
	for _, policy := range []metav1.DeletionPropagation{metav1.DeletePropagationBackground, metav1.DeletePropagationForeground, metav1.DeletePropagationOrphan} {
		t.Run(string(policy), func(t *testing.T) {
			workspace := "kill-" + strings.ToLower(string(policy))
			g := newGarbage(t, s, workspace)
			owner := g.make("default", "owner")
			var group sync.WaitGroup
			for worker := range 8 {
				group.Go(func() {
					for i := worker; i < dependents; i += 8 {
						object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("d-%d", i),
							Labels: map[string]string{"of": "owner"}, OwnerReferences: []metav1.OwnerReference{ownerOf(owner, true)}}}
						if _, err := g.client.CoreV1().ConfigMaps("default").Create(g.ctx, object, metav1.CreateOptions{}); err != nil {
							t.Error(err)
						}
					}
				})
			}
			group.Wait()
			g.remove("owner", policy)
			for range 3 {
				s.Kill()
				s.Run(t)
			}
			g.client = typed(t, s, "root:"+workspace)
			g.gone("owner")
			harness.Eventually(t, 60*time.Second, "dependents are collected or orphaned", func() (bool, string) {
				list, err := g.client.CoreV1().ConfigMaps("default").List(g.ctx, metav1.ListOptions{LabelSelector: "of=owner"})
				if err != nil {
					return false, err.Error()
				}
				if policy != metav1.DeletePropagationOrphan {
					return len(list.Items) == 0, fmt.Sprintf("%d left", len(list.Items))
				}
				owned := 0
				for _, item := range list.Items {
					owned += len(item.OwnerReferences)
				}
				return len(list.Items) == dependents && owned == 0, fmt.Sprintf("%d, %d with an owner", len(list.Items), owned)
			})
		})
	}
}
