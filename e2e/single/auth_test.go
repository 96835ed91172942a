package single

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"atoll.dev/e2e/harness"
)

// as is a client without credentials but what `set` adds.
func as(t *testing.T, s *harness.Server, workspace string, set func(*rest.Config)) *kubernetes.Clientset {
	t.Helper()
	cfg := rest.AnonymousClientConfig(s.Config(t, "base", workspace))
	cfg.QPS = -1
	set(cfg)
	c, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func token(name string) func(*rest.Config) {
	return func(cfg *rest.Config) { cfg.BearerToken = name + "-token" }
}

func whoAmI(t *testing.T, c *kubernetes.Clientset) (authenticationv1.UserInfo, error) {
	t.Helper()
	review, err := c.AuthenticationV1().SelfSubjectReviews().Create(harness.Context(t), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return authenticationv1.UserInfo{}, err
	}
	return review.Status.UserInfo, nil
}

func forbidden(t *testing.T, err error, want string) {
	t.Helper()
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, wanted a Forbidden with %q", err, want)
	}
}

func TestAuth(t *testing.T) {
	s := harness.Start(t, "--token-auth-file", tokenFile(t))
	org := s.CreateWorkspace(t, "root", "org", harness.WorkspaceOptions{Type: "organization"})
	cluster, _ := org.Object["spec"].(map[string]any)["cluster"].(string)
	t.Run("TokenFile", func(t *testing.T) { testTokenFile(t, s) })
	t.Run("RBAC", func(t *testing.T) { testRBAC(t, s) })
	t.Run("RulesReview", func(t *testing.T) { testRulesReview(t, s) })
	t.Run("Impersonation", func(t *testing.T) { testImpersonation(t, s, cluster) })
	t.Run("ClientCertificates", func(t *testing.T) { testClientCertificates(t, s) })
	t.Run("Anonymous", func(t *testing.T) { testAnonymous(t, s) })
}

func testTokenFile(t *testing.T, s *harness.Server) {
	alice, err := whoAmI(t, as(t, s, "root", token("alice")))
	if err != nil {
		t.Fatal(err)
	}
	if alice.Username != "alice" || alice.UID != "alice-uid" || !slices.Contains(alice.Groups, "devs") || !slices.Contains(alice.Groups, "system:authenticated") {
		t.Errorf("alice is %+v", alice)
	}
	bob, err := whoAmI(t, as(t, s, "root", token("bob")))
	if err != nil {
		t.Fatal(err)
	}
	if bob.Username != "bob" || !slices.Equal(bob.Groups, []string{"system:authenticated"}) {
		t.Errorf("bob is %+v", bob)
	}
	if _, err := whoAmI(t, as(t, s, "root", token("nobody"))); !apierrors.IsUnauthorized(err) {
		t.Errorf("an unknown token: %v", err)
	}
}

// grantAccess lets a subject into a workspace, and nothing more.
func grantAccess(t *testing.T, admin *kubernetes.Clientset, subject rbacv1.Subject) {
	t.Helper()
	binding := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "access-" + subject.Name},
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "system:kcp:workspace:access"}, Subjects: []rbacv1.Subject{subject}}
	if _, err := admin.RbacV1().ClusterRoleBindings().Create(harness.Context(t), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func user(name string) rbacv1.Subject {
	return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}
}

func group(name string) rbacv1.Subject {
	return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: name}
}

func testRBAC(t *testing.T, s *harness.Server) {
	s.CreateWorkspace(t, "root:org", "rbac", harness.WorkspaceOptions{})
	ctx := harness.Context(t)
	admin, alice, bob := typed(t, s, "root:org:rbac"), as(t, s, "root:org:rbac", token("alice")), as(t, s, "root:org:rbac", token("bob"))
	list := func(c *kubernetes.Clientset, namespace string) error {
		_, err := c.CoreV1().ConfigMaps(namespace).List(ctx, metav1.ListOptions{})
		return err
	}
	const denied = `configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" in the namespace "default": access denied`
	forbidden(t, list(alice, "default"), denied)

	// A role without access to the workspace is worth nothing.
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "reader"}, Rules: []rbacv1.PolicyRule{
		{Verbs: []string{"get", "list"}, APIGroups: []string{""}, Resources: []string{"configmaps"}},
		{Verbs: []string{"update"}, APIGroups: []string{""}, Resources: []string{"configmaps"}, ResourceNames: []string{"mine"}}}}
	if _, err := admin.RbacV1().Roles("default").Create(ctx, role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	binding := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "readers"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "reader"},
		Subjects: []rbacv1.Subject{group("devs")}}
	if _, err := admin.RbacV1().RoleBindings("default").Create(ctx, binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	forbidden(t, list(alice, "default"), denied)
	grantAccess(t, admin, group("devs"))
	harness.Eventually(t, 30*time.Second, "alice may list", func() (bool, string) {
		err := list(alice, "default")
		return err == nil, fmt.Sprint(err)
	})
	forbidden(t, list(bob, "default"), `User "bob" cannot list resource "configmaps"`)
	forbidden(t, list(alice, "kube-system"), `configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" in the namespace "kube-system": access denied`)
	forbidden(t, list(alice, ""), `configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" at the cluster scope: access denied`)

	mine := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "mine"}}
	_, err := alice.CoreV1().ConfigMaps("default").Create(ctx, mine, metav1.CreateOptions{})
	forbidden(t, err, `configmaps is forbidden: User "alice" cannot create resource "configmaps" in API group "" in the namespace "default": access denied`)
	if mine, err = admin.CoreV1().ConfigMaps("default").Create(ctx, mine, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	mine.Data = map[string]string{"by": "alice"}
	if _, err := alice.CoreV1().ConfigMaps("default").Update(ctx, mine, metav1.UpdateOptions{}); err != nil {
		t.Errorf("an update by resource name: %v", err)
	}
	other := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "kube-root-ca.crt"}}
	_, err = alice.CoreV1().ConfigMaps("default").Update(ctx, other, metav1.UpdateOptions{})
	forbidden(t, err, `configmaps "kube-root-ca.crt" is forbidden: User "alice" cannot update resource "configmaps" in API group "" in the namespace "default": access denied`)
	_, err = alice.RbacV1().ClusterRoles().Get(ctx, "cluster-admin", metav1.GetOptions{})
	forbidden(t, err, `clusterroles.rbac.authorization.k8s.io "cluster-admin" is forbidden: User "alice" cannot get resource "clusterroles" in API group "rbac.authorization.k8s.io" at the cluster scope: access denied`)

	review := func(c *kubernetes.Clientset, verb string) authorizationv1.SubjectAccessReviewStatus {
		t.Helper()
		r, err := c.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: "default", Verb: verb, Resource: "configmaps"}}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return r.Status
	}
	if r := review(alice, "list"); !r.Allowed || r.Denied {
		t.Errorf("alice asks whether she may list: %+v", r)
	}
	if r := review(alice, "delete"); r.Allowed || r.Reason != "access denied" {
		t.Errorf("alice asks whether she may delete: %+v", r)
	}

	// Nobody grants more than he has.
	editor := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "rbac-editor"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "rbac-editor"},
		Subjects: []rbacv1.Subject{user("alice")}}
	if _, err := admin.RbacV1().ClusterRoles().Create(ctx, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "rbac-editor"}, Rules: []rbacv1.PolicyRule{
		{Verbs: []string{"create"}, APIGroups: []string{rbacv1.GroupName}, Resources: []string{"roles"}}}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.RbacV1().ClusterRoleBindings().Create(ctx, editor, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	secrets := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "secrets"}, Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"secrets"}}}}
	harness.Eventually(t, 30*time.Second, "alice may create roles, but not beyond what she has", func() (bool, string) {
		_, err := alice.RbacV1().Roles("default").Create(ctx, secrets, metav1.CreateOptions{})
		return apierrors.IsForbidden(err) && strings.Contains(err.Error(), "is attempting to grant RBAC permissions not currently held"), fmt.Sprint(err)
	})

	// What is taken away is gone.
	if err := admin.RbacV1().RoleBindings("default").Delete(ctx, "readers", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	harness.Eventually(t, 30*time.Second, "alice may not list any more", func() (bool, string) {
		err := list(alice, "default")
		return apierrors.IsForbidden(err) && strings.Contains(err.Error(), denied), fmt.Sprint(err)
	})
}

// What a user who may only enter a workspace has there.
func testRulesReview(t *testing.T, s *harness.Server) {
	s.CreateWorkspace(t, "root:org", "rules", harness.WorkspaceOptions{})
	ctx := harness.Context(t)
	bob := as(t, s, "root:org:rules", token("bob"))
	review := func() (*authorizationv1.SelfSubjectRulesReview, error) {
		return bob.AuthorizationV1().SelfSubjectRulesReviews().Create(ctx, &authorizationv1.SelfSubjectRulesReview{
			Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: "default"}}, metav1.CreateOptions{})
	}
	_, err := review()
	forbidden(t, err, `selfsubjectrulesreviews.authorization.k8s.io is forbidden: User "bob" cannot create resource "selfsubjectrulesreviews"`)
	grantAccess(t, typed(t, s, "root:org:rules"), user("bob"))
	var got *authorizationv1.SelfSubjectRulesReview
	harness.Eventually(t, 30*time.Second, "bob may ask", func() (bool, string) {
		var err error
		got, err = review()
		return err == nil, fmt.Sprint(err)
	})
	var resources, urls []string
	for _, r := range got.Status.ResourceRules {
		resources = append(resources, fmt.Sprint(r.Verbs, r.APIGroups, r.Resources, r.ResourceNames))
	}
	for _, r := range got.Status.NonResourceRules {
		urls = append(urls, fmt.Sprint(r.Verbs, r.NonResourceURLs))
	}
	slices.Sort(resources)
	slices.Sort(urls)
	wantResources := []string{
		"[create] [authentication.k8s.io] [selfsubjectreviews] []",
		"[create] [authorization.k8s.io] [selfsubjectaccessreviews selfsubjectrulesreviews] []"}
	wantURLs := []string{
		"[access] [/]",
		"[get] [/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/]",
		"[get] [/healthz /livez /readyz /version /version/]"}
	if !slices.Equal(resources, wantResources) {
		t.Errorf("resource rules %q, wanted %q", resources, wantResources)
	}
	if !slices.Equal(urls, wantURLs) {
		t.Errorf("non-resource rules %q, wanted %q", urls, wantURLs)
	}
	if got.Status.Incomplete || got.Status.EvaluationError != "" {
		t.Errorf("incomplete: %+v", got.Status)
	}
}

func testImpersonation(t *testing.T, s *harness.Server, cluster string) {
	ctx := harness.Context(t)
	impersonate := func(workspace string, base func(*rest.Config), i rest.ImpersonationConfig) *kubernetes.Clientset {
		return as(t, s, workspace, func(cfg *rest.Config) {
			base(cfg)
			cfg.Impersonate = i
		})
	}
	admin := func(cfg *rest.Config) { cfg.BearerToken = s.Config(t, "base", "").BearerToken }
	masters := func(cfg *rest.Config) { cfg.BearerToken = s.Config(t, "shard-base", "").BearerToken }

	// Who is impersonated has only what that user has, and only here.
	_, err := impersonate("root:org", admin, rest.ImpersonationConfig{UserName: "alice"}).CoreV1().ConfigMaps("default").List(ctx, metav1.ListOptions{})
	forbidden(t, err, `User "alice" cannot list resource "configmaps"`)
	grantAccess(t, typed(t, s, "root:org"), user("erin"))
	harness.Eventually(t, 30*time.Second, "erin has access", func() (bool, string) {
		erin, err := whoAmI(t, impersonate("root:org", admin, rest.ImpersonationConfig{UserName: "erin", Groups: []string{"crew"}, Extra: map[string][]string{"color": {"red"}}}))
		if err != nil {
			return false, err.Error()
		}
		if erin.Username != "erin" || !slices.Contains(erin.Groups, "crew") || !slices.Contains(erin.Groups, "system:authenticated") || fmt.Sprint(erin.Extra["color"]) != "[red]" {
			t.Errorf("impersonated: %+v", erin)
		}
		if scopes := erin.Extra["authentication.kcp.io/scopes"]; !slices.Equal(scopes, []string{"cluster:" + cluster}) {
			t.Errorf("the scopes of who is impersonated: %v, wanted cluster:%s", scopes, cluster)
		}
		return true, ""
	})
	_, err = whoAmI(t, impersonate("root:org", admin, rest.ImpersonationConfig{UserName: "x", Groups: []string{"system:masters"}}))
	forbidden(t, err, "impersonation is not allowed for the requestor")
	got, err := whoAmI(t, impersonate("root:org", masters, rest.ImpersonationConfig{UserName: "x", Groups: []string{"system:masters"}}))
	if err != nil || got.Username != "x" || !slices.Contains(got.Groups, "system:masters") || len(got.Extra["authentication.kcp.io/scopes"]) != 0 {
		t.Errorf("impersonated by masters: %+v, %v", got, err)
	}
	_, err = whoAmI(t, impersonate("root", token("alice"), rest.ImpersonationConfig{UserName: "bob"}))
	forbidden(t, err, `User "alice" cannot impersonate`)
}

// authority signs client certificates.
type authority struct {
	certificate *x509.Certificate
	key         any
}

func readAuthority(t *testing.T, certificate, key string) authority {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return authority{certificate: parsed, key: pair.PrivateKey}
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "another authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{certificate: parsed, key: key}
}

// issue puts a client certificate into a client's configuration.
func (a authority) issue(t *testing.T, name string, groups []string, from, to time.Time) func(*rest.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: groups}, NotBefore: from, NotAfter: to,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return func(cfg *rest.Config) {
		cfg.CertData = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
		cfg.KeyData = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	}
}

func testClientCertificates(t *testing.T, s *harness.Server) {
	ca := readAuthority(t, filepath.Join(s.Root, "client-ca.crt"), filepath.Join(s.Root, "client-ca.key"))
	if info, err := os.Stat(filepath.Join(s.Root, "client-ca.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the authority's key: %v, %v", info.Mode(), err)
	}
	now := time.Now()
	carol, err := whoAmI(t, as(t, s, "root", ca.issue(t, "carol", []string{"devs", "ops"}, now.Add(-time.Hour), now.Add(time.Hour))))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(carol.Groups)
	if carol.Username != "carol" || !slices.Equal(carol.Groups, []string{"devs", "ops", "system:authenticated"}) {
		t.Errorf("carol is %+v", carol)
	}
	boss := as(t, s, "root:org", ca.issue(t, "boss", []string{"system:kcp:admin"}, now.Add(-time.Hour), now.Add(time.Hour)))
	if _, err := boss.CoreV1().ConfigMaps("default").List(harness.Context(t), metav1.ListOptions{}); err != nil {
		t.Errorf("an admin by certificate: %v", err)
	}
	// A certificate that does not prove anything must not pass, whether TLS or the server refuses it.
	for what, set := range map[string]func(*rest.Config){
		"expired":        ca.issue(t, "carol", nil, now.Add(-2*time.Hour), now.Add(-time.Hour)),
		"of another CA":  newAuthority(t).issue(t, "carol", []string{"system:masters"}, now.Add(-time.Hour), now.Add(time.Hour)),
		"not valid yet":  ca.issue(t, "carol", nil, now.Add(time.Hour), now.Add(2*time.Hour)),
		"masters forged": newAuthority(t).issue(t, "shard-admin", []string{"system:masters"}, now.Add(-time.Hour), now.Add(time.Hour)),
	} {
		if who, err := whoAmI(t, as(t, s, "root", set)); err == nil {
			t.Errorf("a certificate %s passes as %+v", what, who)
		}
	}
}

func testAnonymous(t *testing.T, s *harness.Server) {
	cfg := rest.AnonymousClientConfig(s.Config(t, "base", ""))
	client, err := rest.HTTPClientFor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/healthz", "/livez", "/readyz", "/clusters/root/readyz"} {
		if code, body := raw(t, client, http.MethodGet, cfg.Host+path, "", nil); code != http.StatusOK || body != "ok" {
			t.Errorf("%s: %d %q", path, code, body)
		}
	}
	for _, headers := range []map[string]string{nil, {"X-Remote-User": "admin", "X-Remote-Group": "system:masters"}} {
		code, body := raw(t, client, http.MethodGet, cfg.Host+"/clusters/root/api", "", headers)
		if code != http.StatusForbidden || !strings.Contains(body, `forbidden: User \"system:anonymous\" cannot get path \"/api\": access denied`) {
			t.Errorf("/api with headers %v: %d %s", headers, code, body)
		}
	}
	if code, body := raw(t, client, http.MethodGet, cfg.Host+"/clusters/root/api", "", map[string]string{"Authorization": "Bearer nobody"}); code != http.StatusUnauthorized || !strings.Contains(body, `"reason": "Unauthorized"`) && !strings.Contains(body, `"reason":"Unauthorized"`) {
		t.Errorf("/api with an unknown token: %d %s", code, body)
	}
	_, err = as(t, s, "root:org", func(*rest.Config) {}).CoreV1().ConfigMaps("default").List(harness.Context(t), metav1.ListOptions{})
	forbidden(t, err, `configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" in API group "" in the namespace "default": access denied`)
}
