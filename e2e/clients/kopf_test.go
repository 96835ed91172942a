package clients

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"atoll.dev/e2e/harness"
)

const kopfFinalizer = "example.dev/kopf"

// startKopf runs the operator until stop or the end of the test. Peering is off: it would be a custom resource.
func startKopf(t *testing.T, w *workspace) (stop func()) {
	t.Helper()
	python := newProgram(t, w, harness.Tool(t, "python"), "PYTHONDONTWRITEBYTECODE=1")
	ctx, cancel := context.WithCancel(context.Background())
	command := python.command(ctx, "-m", "kopf", "run", "--standalone", "-n", "default", here(t, "python/kopf_operator.py"))
	var log strings.Builder
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	stop = func() {
		if ended {
			return
		}
		ended = true
		cancel()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("kopf:\n%s", log.String())
		}
	}
	t.Cleanup(stop)
	return stop
}

func TestKopf(t *testing.T) {
	everywhere(t, func(t *testing.T, w *workspace) {
		ctx := harness.Context(t)
		maps := w.api.CoreV1().ConfigMaps("default")
		until := func(what string, ok func(o *corev1.ConfigMap) bool) {
			t.Helper()
			harness.Eventually(t, time.Minute, what, func() (bool, string) {
				o, err := maps.Get(ctx, "watched", metav1.GetOptions{})
				if err != nil {
					return false, err.Error()
				}
				return ok(o), fmt.Sprint(o.Data, o.Annotations, o.Finalizers)
			})
		}
		object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "watched", Labels: map[string]string{"kopf": "yes"}}, Data: map[string]string{"input": "a"}}
		if _, err := maps.Create(ctx, object, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		stop := startKopf(t, w)
		until("what was there before is handled, at the second try", func(o *corev1.ConfigMap) bool {
			return o.Data["output"] == "a" && slices.Contains(o.Finalizers, kopfFinalizer) && o.Annotations["kopf.example.dev/last-handled-configuration"] != ""
		})
		if _, err := maps.Patch(ctx, "watched", types.MergePatchType, []byte(`{"data":{"input":"b"}}`), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
		until("a change is handled", func(o *corev1.ConfigMap) bool { return o.Data["output"] == "a, then b" })
		harness.Eventually(t, time.Minute, "the operator's event", func() (bool, string) {
			events, err := w.api.CoreV1().Events("default").List(ctx, metav1.ListOptions{FieldSelector: "reason=Copied"})
			return err == nil && len(events.Items) == 1 && events.Items[0].InvolvedObject.Name == "watched", fmt.Sprint(events, err)
		})

		// What changed while no operator ran is handled when it is back.
		stop()
		if _, err := maps.Patch(ctx, "watched", types.MergePatchType, []byte(`{"data":{"input":"c"}}`), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
		startKopf(t, w)
		until("what changed meanwhile is handled", func(o *corev1.ConfigMap) bool { return o.Data["output"] == "b, then c" && o.Data["resumed"] == "yes" })

		// The finalizer holds it until the operator has cleaned up.
		if err := maps.Delete(ctx, "watched", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		harness.Eventually(t, time.Minute, "it goes", func() (bool, string) {
			_, err := maps.Get(ctx, "watched", metav1.GetOptions{})
			return apierrors.IsNotFound(err), fmt.Sprint(err)
		})
	})
}
