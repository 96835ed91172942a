package single

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"atoll.dev/e2e/harness"
)

// What controllers and admission do beside the registry: tokens, quotas, aggregated roles, certificate requests, Events that go, marks.
func TestControllers(t *testing.T) {
	s := harness.Start(t, "--event-ttl", "2s", "--token-auth-file", tokenFile(t))
	s.CreateWorkspace(t, "root", "ctl", harness.WorkspaceOptions{Type: "organization"})
	t.Run("TokenSecrets", func(t *testing.T) { testTokenSecrets(t, s) })
	t.Run("IssuerDiscovery", func(t *testing.T) { testIssuerDiscovery(t, s) })
	t.Run("Quota", func(t *testing.T) { testQuota(t, s) })
	t.Run("ClusterQuota", func(t *testing.T) { testClusterQuota(t, s) })
	t.Run("AggregatedRoles", func(t *testing.T) { testAggregatedRoles(t, s) })
	t.Run("CertificateRequests", func(t *testing.T) { testCertificateRequests(t, s) })
	t.Run("EventsExpire", func(t *testing.T) { testEventsExpire(t, s) })
	t.Run("ReplicationMarks", func(t *testing.T) { testReplicationMarks(t, s) })
}

// soon waits until `done`, which says what it saw.
func soon(t *testing.T, what string, done func() (bool, string)) {
	t.Helper()
	harness.Eventually(t, 30*time.Second, what, done)
}

func testTokenSecrets(t *testing.T, s *harness.Server) {
	ctx, admin := harness.Context(t), typed(t, s, "root:ctl")
	if _, err := admin.CoreV1().ServiceAccounts("default").Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "robot"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	secrets := admin.CoreV1().Secrets("default")
	create := func(name, account string) {
		t.Helper()
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{corev1.ServiceAccountNameKey: account}}, Type: corev1.SecretTypeServiceAccountToken}
		if _, err := secrets.Create(ctx, secret, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	create("robot-token", "robot")
	create("ghost-token", "ghost")
	var filled *corev1.Secret
	soon(t, "the token is filled in", func() (bool, string) {
		var err error
		filled, err = secrets.Get(ctx, "robot-token", metav1.GetOptions{})
		return err == nil && len(filled.Data["token"]) > 0, fmt.Sprint(err)
	})
	account, err := admin.CoreV1().ServiceAccounts("default").Get(ctx, "robot", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if string(filled.Data["namespace"]) != "default" || !strings.Contains(string(filled.Data["ca.crt"]), "BEGIN CERTIFICATE") || filled.Annotations[corev1.ServiceAccountUIDKey] != string(account.UID) {
		t.Errorf("the secret is %+v", filled)
	}
	gone := func(name string) {
		t.Helper()
		soon(t, name+" is gone", func() (bool, string) {
			_, err := secrets.Get(ctx, name, metav1.GetOptions{})
			return apierrors.IsNotFound(err), fmt.Sprint(err)
		})
	}
	gone("ghost-token")

	review := func(token string, audiences ...string) authenticationv1.TokenReviewStatus {
		t.Helper()
		r, err := admin.AuthenticationV1().TokenReviews().Create(ctx, &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token, Audiences: audiences}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return r.Status
	}
	legacy := string(filled.Data["token"])
	if status := review(legacy); !status.Authenticated || status.User.Username != "system:serviceaccount:default:robot" || status.User.UID != string(account.UID) || len(status.User.Extra["authentication.kcp.io/cluster-name"]) != 1 {
		t.Errorf("the legacy token is %+v", status)
	}
	soon(t, "the day of its use is noted", func() (bool, string) {
		secret, err := secrets.Get(ctx, "robot-token", metav1.GetOptions{})
		return err == nil && secret.Labels["kubernetes.io/legacy-token-last-used"] == time.Now().UTC().Format("2006-01-02"), fmt.Sprint(err)
	})
	// In-cluster clients name no workspace; the token does.
	bare := &rest.Config{Host: fmt.Sprintf("https://127.0.0.1:%d", s.Port), BearerToken: legacy, TLSClientConfig: rest.TLSClientConfig{Insecure: true}, QPS: -1}
	inCluster, err := kubernetes.NewForConfig(bare)
	if err != nil {
		t.Fatal(err)
	}
	if me, err := whoAmI(t, inCluster); err != nil || me.Username != "system:serviceaccount:default:robot" {
		t.Errorf("without a workspace the account is %+v, %v", me, err)
	}

	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{Audiences: []string{"vault", "x"},
		BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "Secret", APIVersion: "v1", Name: "robot-token", UID: filled.UID}}}
	bound, err := admin.CoreV1().ServiceAccounts("default").CreateToken(ctx, "robot", request, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if status := review(bound.Status.Token, "y", "x"); !status.Authenticated || !reflect.DeepEqual(status.Audiences, []string{"x"}) {
		t.Errorf("the bound token is %+v", status)
	}
	if status := review(bound.Status.Token); status.Authenticated || status.Error != `[invalid bearer token, token audiences ["vault" "x"] is invalid for the target audiences ["https://kcp.default.svc"]]` {
		t.Errorf("for the API the bound token is %+v", status)
	}
	// Both die with the secret, and the secret with the account.
	if err := admin.CoreV1().ServiceAccounts("default").Delete(ctx, "robot", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	gone("robot-token")
	if status := review(legacy); status.Authenticated {
		t.Errorf("after its account the legacy token is %+v", status)
	}
	if status := review(bound.Status.Token, "vault"); status.Authenticated {
		t.Errorf("after its secret the bound token is %+v", status)
	}
}

func testIssuerDiscovery(t *testing.T, s *harness.Server) {
	ctx, admin := harness.Context(t), typed(t, s, "root:ctl")
	configuration, err := admin.RESTClient().Get().AbsPath("/.well-known/openid-configuration").DoRaw(ctx)
	if err != nil || !strings.Contains(string(configuration), `"jwks_uri":"https://`) {
		t.Errorf("configuration: %s, %v", configuration, err)
	}
	keys, err := admin.RESTClient().Get().AbsPath("/openid/v1/jwks").SetHeader("Accept", "application/jwk-set+json").DoRaw(ctx)
	if err != nil || !strings.HasPrefix(string(keys), `{"keys":[{"use":"sig","kty":"RSA"`) {
		t.Errorf("keys: %s, %v", keys, err)
	}
	anonymous := as(t, s, "root:ctl", func(*rest.Config) {})
	if _, err := anonymous.RESTClient().Get().AbsPath("/openid/v1/jwks").DoRaw(ctx); !apierrors.IsForbidden(err) {
		t.Errorf("anonymous: %v", err)
	}
}

func newQuota(name string, hard map[corev1.ResourceName]string) *corev1.ResourceQuota {
	q := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{}}}
	for what, bound := range hard {
		q.Spec.Hard[what] = resource.MustParse(bound)
	}
	return q
}

// inForce waits until the quota's status says `hard`, and that `used` is used.
func inForce(t *testing.T, admin *kubernetes.Clientset, namespace, name string, what corev1.ResourceName, hard, used string) {
	t.Helper()
	soon(t, fmt.Sprintf("quota %s/%s: %s %s/%s", namespace, name, what, used, hard), func() (bool, string) {
		q, err := admin.CoreV1().ResourceQuotas(namespace).Get(harness.Context(t), name, metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		h, u := q.Status.Hard[what], q.Status.Used[what]
		return h.String() == hard && u.String() == used, h.String() + " " + u.String()
	})
}

func testQuota(t *testing.T, s *harness.Server) {
	ctx, admin := harness.Context(t), typed(t, s, "root:ctl")
	const namespace, count = "quota", corev1.ResourceName("count/configmaps")
	if _, err := admin.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	soon(t, "the namespace has its certificate authority", func() (bool, string) {
		_, err := admin.CoreV1().ConfigMaps(namespace).Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
		return err == nil, fmt.Sprint(err)
	})
	quotas := admin.CoreV1().ResourceQuotas(namespace)
	if _, err := quotas.Create(ctx, newQuota("q", map[corev1.ResourceName]string{count: "21", "count/leases.coordination.k8s.io": "1"}), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	inForce(t, admin, namespace, "q", count, "21", "1")

	var created, refused atomic.Int32
	var group sync.WaitGroup
	for i := range 32 {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := range 2 {
				_, err := admin.CoreV1().ConfigMaps(namespace).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("c-%d-%d", i, j)}}, metav1.CreateOptions{})
				switch {
				case err == nil:
					created.Add(1)
				case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=21, limited: count/configmaps=21"):
					refused.Add(1)
				default:
					t.Errorf("creating: %v", err)
				}
			}
		}()
	}
	group.Wait()
	if created.Load() != 20 || refused.Load() != 44 {
		t.Errorf("%d created, %d refused", created.Load(), refused.Load())
	}
	inForce(t, admin, namespace, "q", count, "21", "21")
	if err := admin.CoreV1().ConfigMaps(namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{FieldSelector: "metadata.name!=kube-root-ca.crt"}); err != nil {
		t.Fatal(err)
	}
	inForce(t, admin, namespace, "q", count, "21", "1")

	q, err := quotas.Get(ctx, "q", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	q.Spec.Hard[count] = resource.MustParse("1")
	if _, err := quotas.Update(ctx, q, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	inForce(t, admin, namespace, "q", count, "1", "1")
	_, err = admin.CoreV1().ConfigMaps(namespace).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "one-more"}}, metav1.CreateOptions{})
	forbidden(t, err, `configmaps "one-more" is forbidden: exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=1, limited: count/configmaps=1`)
	for what, bound := range map[corev1.ResourceName]string{"foo": "1", "count/configmaps": "1500m", "pods": "-1"} {
		if _, err := quotas.Create(ctx, newQuota("bad", map[corev1.ResourceName]string{what: bound}), metav1.CreateOptions{}); !apierrors.IsInvalid(err) {
			t.Errorf("%s=%s: %v", what, bound, err)
		}
	}
	if err := quotas.Delete(ctx, "q", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.CoreV1().ConfigMaps(namespace).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "one-more"}}, metav1.CreateOptions{}); err != nil {
		t.Errorf("without the quota: %v", err)
	}
}

func testClusterQuota(t *testing.T, s *harness.Server) {
	s.CreateWorkspace(t, "root:ctl", "bounded", harness.WorkspaceOptions{})
	ctx, admin := harness.Context(t), typed(t, s, "root:ctl:bounded")
	if _, err := admin.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "admin"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	soon(t, "the namespace has its certificate authority", func() (bool, string) {
		_, err := admin.CoreV1().ConfigMaps("admin").Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
		return err == nil, fmt.Sprint(err)
	})
	const count = corev1.ResourceName("count/configmaps")
	quota := newQuota("all", map[corev1.ResourceName]string{count: "4", "count/clusterroles.rbac.authorization.k8s.io": "0"})
	quota.Annotations = map[string]string{"experimental.quota.kcp.io/cluster-scoped": "true"}
	if _, err := admin.CoreV1().ResourceQuotas("admin").Create(ctx, quota, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	inForce(t, admin, "admin", "all", count, "4", "3")
	if _, err := admin.CoreV1().ConfigMaps("default").Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	_, err := admin.CoreV1().ConfigMaps("kube-system").Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "b"}}, metav1.CreateOptions{})
	forbidden(t, err, "exceeded quota: all, requested: count/configmaps=1, used: count/configmaps=4, limited: count/configmaps=4")
	_, err = admin.RbacV1().ClusterRoles().Create(ctx, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "r"}}, metav1.CreateOptions{})
	forbidden(t, err, "exceeded quota: all")
}

func testAggregatedRoles(t *testing.T, s *harness.Server) {
	ctx, roles := harness.Context(t), typed(t, s, "root:ctl").RbacV1().ClusterRoles()
	part := func(name, what string, labels map[string]string) {
		t.Helper()
		role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}, Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{what}}}}
		if _, err := roles.Create(ctx, role, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	whole := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "whole"}, AggregationRule: &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{"part": "1"}}}}}
	if _, err := roles.Create(ctx, whole, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	is := func(want ...string) {
		t.Helper()
		soon(t, fmt.Sprintf("the rules are %v", want), func() (bool, string) {
			role, err := roles.Get(ctx, "whole", metav1.GetOptions{})
			if err != nil {
				return false, err.Error()
			}
			var got []string
			for _, rule := range role.Rules {
				got = append(got, rule.Resources...)
			}
			return reflect.DeepEqual(got, want), fmt.Sprint(got)
		})
	}
	part("b", "secrets", map[string]string{"part": "1"})
	part("a", "configmaps", map[string]string{"part": "1"})
	part("c", "events", nil)
	is("configmaps", "secrets")
	role, err := roles.Get(ctx, "whole", metav1.GetOptions{})
	if err != nil || len(role.ManagedFields) == 0 || role.ManagedFields[0].Manager != "clusterrole-aggregation-controller" || role.ManagedFields[0].Operation != metav1.ManagedFieldsOperationApply {
		t.Errorf("who manages the rules: %+v, %v", role.ManagedFields, err)
	}
	role.Rules = nil
	if _, err := roles.Update(ctx, role, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	is("configmaps", "secrets")
	a, err := roles.Get(ctx, "a", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	a.Labels = nil
	if _, err := roles.Update(ctx, a, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	is("secrets")
	if err := roles.Delete(ctx, "b", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	is()
}

func newRequest(t *testing.T, name string, organization string) *certificatesv1.CertificateSigningRequest {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "joe", Organization: []string{organization}}}, key)
	if err != nil {
		t.Fatal(err)
	}
	return &certificatesv1.CertificateSigningRequest{ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: certificatesv1.CertificateSigningRequestSpec{Request: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}),
			SignerName: certificatesv1.KubeAPIServerClientSignerName, Usages: []certificatesv1.KeyUsage{certificatesv1.UsageClientAuth}}}
}

func testCertificateRequests(t *testing.T, s *harness.Server) {
	ctx, admin := harness.Context(t), typed(t, s, "root:ctl")
	requests := admin.CertificatesV1().CertificateSigningRequests()
	_, err := requests.Create(ctx, newRequest(t, "masters", "system:masters"), metav1.CreateOptions{})
	forbidden(t, err, "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed")
	request, err := requests.Create(ctx, newRequest(t, "devs", "devs"), metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	request.Status.Conditions = []certificatesv1.CertificateSigningRequestCondition{{Type: certificatesv1.CertificateApproved, Status: corev1.ConditionTrue, Reason: "test"}}
	if _, err := requests.UpdateStatus(ctx, request, metav1.UpdateOptions{}); !apierrors.IsInvalid(err) {
		t.Errorf("approving through status: %v", err)
	}

	// The right to approve requests is not yet the right to approve for this signer.
	grantAccess(t, admin, user("alice"))
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "approver"}, Rules: []rbacv1.PolicyRule{{APIGroups: []string{"certificates.k8s.io"},
		Resources: []string{"certificatesigningrequests", "certificatesigningrequests/approval"}, Verbs: []string{"*"}}}}
	if _, err := admin.RbacV1().ClusterRoles().Create(ctx, role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	binding := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "approver"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "approver"}, Subjects: []rbacv1.Subject{user("alice")}}
	if _, err := admin.RbacV1().ClusterRoleBindings().Create(ctx, binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	alice := as(t, s, "root:ctl", token("alice")).CertificatesV1().CertificateSigningRequests()
	soon(t, "alice may come as far as admission", func() (bool, string) {
		_, err := alice.UpdateApproval(ctx, "devs", request, metav1.UpdateOptions{})
		return err != nil && strings.Contains(err.Error(), `user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"`), fmt.Sprint(err)
	})
	approved, err := requests.UpdateApproval(ctx, "devs", request, metav1.UpdateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if c := approved.Status.Conditions; len(c) != 1 || c[0].LastUpdateTime.IsZero() || c[0].LastTransitionTime.IsZero() {
		t.Errorf("conditions are %+v", c)
	}
	approved.Status.Conditions = append(approved.Status.Conditions, certificatesv1.CertificateSigningRequestCondition{Type: certificatesv1.CertificateDenied, Status: corev1.ConditionTrue})
	if _, err := requests.UpdateApproval(ctx, "devs", approved, metav1.UpdateOptions{}); !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "mutually exclusive") {
		t.Errorf("denied as well: %v", err)
	}
}

func testEventsExpire(t *testing.T, s *harness.Server) {
	ctx, cancel := context.WithTimeout(harness.Context(t), time.Minute)
	defer cancel()
	events := typed(t, s, "root:ctl").CoreV1().Events("default")
	w, err := events.Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=short"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	event := &corev1.Event{ObjectMeta: metav1.ObjectMeta{Name: "short"}, InvolvedObject: corev1.ObjectReference{Kind: "ConfigMap", Namespace: "default", Name: "x"}, Reason: "Test", Type: "Normal"}
	if _, err := events.Create(ctx, event, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	var seen []watch.EventType
	for e := range w.ResultChan() {
		if seen = append(seen, e.Type); e.Type == watch.Deleted {
			break
		}
	}
	if !reflect.DeepEqual(seen, []watch.EventType{watch.Added, watch.Deleted}) {
		t.Errorf("watched %v", seen)
	}
	if _, err := events.Get(ctx, "short", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("afterwards: %v", err)
	}
}

func testReplicationMarks(t *testing.T, s *harness.Server) {
	ctx, admin := harness.Context(t), typed(t, s, "root:ctl")
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "use"}, Rules: []rbacv1.PolicyRule{{APIGroups: []string{"tenancy.kcp.io"}, Resources: []string{"workspacetypes"}, Verbs: []string{"use"}}}}
	if _, err := admin.RbacV1().ClusterRoles().Create(ctx, role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	binding := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "use"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "use"}, Subjects: []rbacv1.Subject{group("devs")}}
	if _, err := admin.RbacV1().ClusterRoleBindings().Create(ctx, binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	marked := func(want string) {
		t.Helper()
		soon(t, fmt.Sprintf("role and binding are marked %q", want), func() (bool, string) {
			r, err := admin.RbacV1().ClusterRoles().Get(ctx, "use", metav1.GetOptions{})
			b, err2 := admin.RbacV1().ClusterRoleBindings().Get(ctx, "use", metav1.GetOptions{})
			if err != nil || err2 != nil {
				return false, fmt.Sprint(err, err2)
			}
			const mark = "internal.kcp.io/replicate"
			return r.Annotations[mark] == want && b.Annotations[mark] == want, r.Annotations[mark] + " " + b.Annotations[mark]
		})
	}
	marked("tenancy.kcp.io")
	r, err := admin.RbacV1().ClusterRoles().Get(ctx, "use", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r.Rules = nil
	if _, err := admin.RbacV1().ClusterRoles().Update(ctx, r, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	marked("")
}
