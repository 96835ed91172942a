package single

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"atoll.dev/e2e/harness"
)

const protobufType = "application/vnd.kubernetes.protobuf"

// One object of each kind that is stored, with as many fields as it has.
var oneOfEach = []struct{ collection, body string }{
	{"/api/v1/namespaces/default/configmaps", `{"metadata":{"name":"a","labels":{"l":"v"},"annotations":{"h":"<&>","k":"\"\\\n\u00e9"},"finalizers":["example.com/f"],` +
		`"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"o","uid":"u","controller":true,"blockOwnerDeletion":false}]},"data":{"b":"2","a":"","c":"\u0001"},"binaryData":{"z":"AP8=","y":""},"immutable":false}`},
	{"/api/v1/namespaces/default/secrets", `{"metadata":{"name":"a"},"data":{"x":"AAE="},"stringData":{"y":"z"},"type":"example.com/t"}`},
	{"/api/v1/namespaces/default/serviceaccounts", `{"metadata":{"name":"a"},"secrets":[{"name":"s"}],"imagePullSecrets":[{"name":"p"}],"automountServiceAccountToken":false}`},
	{"/api/v1/namespaces/default/resourcequotas", `{"metadata":{"name":"a"},"spec":{"hard":{"pods":"1","cpu":"1.5","memory":"1024Mi"},"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In","values":["x"]}]}}}`},
	{"/api/v1/namespaces/default/events", `{"metadata":{"name":"a"},"involvedObject":{"kind":"ConfigMap","namespace":"default","name":"a","apiVersion":"v1","uid":"u","fieldPath":"f","resourceVersion":"1"},` +
		`"reason":"R","message":"m","source":{"component":"c","host":"h"},"firstTimestamp":"2020-01-01T00:00:00Z","lastTimestamp":"2020-01-02T00:00:00Z","count":3,"type":"Normal","related":{"kind":"X"}}`},
	{"/apis/events.k8s.io/v1/namespaces/default/events", `{"metadata":{"name":"b"},"eventTime":"2020-01-01T00:00:00.123456Z","regarding":{"namespace":"default","kind":"X"},"note":"n","reason":"R","action":"A",` +
		`"reportingController":"c/d","reportingInstance":"i","type":"Warning","series":{"count":2,"lastObservedTime":"2020-01-01T00:00:01.000000Z"}}`},
	{"/api/v1/namespaces", `{"metadata":{"name":"n"},"spec":{"finalizers":["example.com/f"]}}`},
	{"/apis/coordination.k8s.io/v1/namespaces/default/leases", `{"metadata":{"name":"a"},"spec":{"holderIdentity":"h","leaseDurationSeconds":15,"acquireTime":"2020-01-01T00:00:00.000001Z","renewTime":"2020-01-01T00:00:00.000000Z","leaseTransitions":0}}`},
	{"/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", `{"metadata":{"name":"a:b"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["configmaps"],"resourceNames":["x"]}]}`},
	{"/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", `{"metadata":{"name":"a"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"a:b"},"subjects":[{"kind":"User","name":"u"},{"kind":"ServiceAccount","name":"s","namespace":"default"}]}`},
	{"/apis/rbac.authorization.k8s.io/v1/clusterroles", `{"metadata":{"name":"a"},"rules":[{"verbs":["get"],"nonResourceURLs":["/x"]}]}`},
	{"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", `{"metadata":{"name":"a"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"a"},"subjects":[{"kind":"Group","name":"g"}]}`},
}

// wire sends bytes and answers with bytes; no codec of the client is in between.
type wire struct {
	client *http.Client
	base   string
}

func newWire(t *testing.T, config *rest.Config) wire {
	t.Helper()
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	return wire{client: client, base: config.Host}
}

func (r wire) do(t *testing.T, method, path, contentType, accept string, body []byte) (int, http.Header, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(harness.Context(t), method, r.base+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	request.Header.Set("Accept", accept)
	response, err := r.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var out bytes.Buffer
	if _, err := out.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, out.Bytes()
}

func decoded(t *testing.T, body []byte) runtime.Object {
	t.Helper()
	object, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
	if err != nil {
		t.Fatalf("client-go cannot read %q: %v", body, err)
	}
	return object
}

// What an object says of its own type is not part of its protobuf message.
func withoutKind(o runtime.Object) runtime.Object {
	o = o.DeepCopyObject()
	o.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	return o
}

func TestEncodings(t *testing.T) {
	s := harness.Start(t)
	s.CreateWorkspace(t, "root", "org", harness.WorkspaceOptions{Type: "organization"})
	config := s.Config(t, "base", "root:org")
	api := newWire(t, config)
	for _, row := range oneOfEach {
		t.Run(strings.TrimPrefix(row.collection, "/"), func(t *testing.T) { testRoundTrip(t, api, row.collection, row.body) })
	}
	t.Run("Accept", func(t *testing.T) { testAccept(t, api) })
	t.Run("YAML", func(t *testing.T) { testYAML(t, api) })
	t.Run("OpenAPI", func(t *testing.T) { testOpenAPI(t, config) })
	t.Run("TypedProtobufClient", func(t *testing.T) { testProtobufClient(t, config) })
}

// JSON in, protobuf out, protobuf in, JSON out: nothing is lost, as client-go's own codecs judge.
func testRoundTrip(t *testing.T, api wire, collection, body string) {
	code, _, created := api.do(t, "POST", collection, "application/json", "application/json", []byte(body))
	if code != http.StatusCreated {
		t.Fatalf("create: %d %s", code, created)
	}
	object := decoded(t, created)
	accessor, err := meta.Accessor(object)
	if err != nil {
		t.Fatal(err)
	}
	path := collection + "/" + accessor.GetName()
	// Controllers may write to what is new; then the same is asked again of the newer object.
	harness.Eventually(t, 10*time.Second, "a round trip between two writes of others", func() (bool, string) {
		return roundTrip(t, api, path)
	})

	code, header, list := api.do(t, "GET", collection, "", protobufType+",application/json", nil)
	if code != http.StatusOK || header.Get("Content-Type") != protobufType {
		t.Fatalf("list in protobuf: %d %s", code, header.Get("Content-Type"))
	}
	code, _, plain := api.do(t, "GET", collection, "", "application/json", nil)
	if code != http.StatusOK {
		t.Fatalf("list: %d %s", code, plain)
	}
	if got, want := decoded(t, list), decoded(t, plain); listVersion(t, got) == listVersion(t, want) && !apiequality.Semantic.DeepEqual(withoutKind(got), withoutKind(want)) {
		t.Fatalf("lists in protobuf and JSON differ:\n%#v\n%#v", got, want)
	}
}

// roundTrip reports whether nobody else has written meanwhile; what differs otherwise fails the test.
func roundTrip(t *testing.T, api wire, path string) (bool, string) {
	t.Helper()
	code, _, plain := api.do(t, "GET", path, "", "application/json", nil)
	if code != http.StatusOK {
		t.Fatalf("get: %d %s", code, plain)
	}
	object := decoded(t, plain)
	code, header, bytesOfIt := api.do(t, "GET", path, "", protobufType+",application/json", nil)
	if code != http.StatusOK || header.Get("Content-Type") != protobufType {
		t.Fatalf("get in protobuf: %d %s", code, header.Get("Content-Type"))
	}
	got := decoded(t, bytesOfIt)
	if version(t, got) != version(t, object) {
		return false, "it was written between two reads"
	}
	if !apiequality.Semantic.DeepEqual(withoutKind(got), withoutKind(object)) {
		t.Fatalf("protobuf and JSON differ:\n%#v\n%#v", got, object)
	}
	var again bytes.Buffer
	if err := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme).Encode(object, &again); err != nil {
		t.Fatal(err)
	}
	code, _, put := api.do(t, "PUT", path, protobufType, "application/json", again.Bytes())
	if code == http.StatusConflict {
		return false, "it was written before the update"
	}
	if code != http.StatusOK {
		t.Fatalf("update in protobuf: %d %s", code, put)
	}
	if updated := decoded(t, put); !apiequality.Semantic.DeepEqual(updated, object) {
		t.Fatalf("an update of what is there changed it:\n%#v\n%#v", updated, object)
	}
	return true, ""
}

func listVersion(t *testing.T, list runtime.Object) string {
	t.Helper()
	accessor, err := meta.ListAccessor(list)
	if err != nil {
		t.Fatal(err)
	}
	return accessor.GetResourceVersion()
}

func version(t *testing.T, object runtime.Object) string {
	t.Helper()
	accessor, err := meta.Accessor(object)
	if err != nil {
		t.Fatal(err)
	}
	return accessor.GetResourceVersion()
}

func testAccept(t *testing.T, api wire) {
	const maps = "/api/v1/namespaces/default/configmaps"
	partial := ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
	for _, row := range []struct{ path, accept, answered string }{
		{maps, "application/json," + protobufType, "application/json"},
		{maps, protobufType + ";q=0.5,application/json", "application/json"},
		{maps, "application/json;q=0.5," + protobufType, protobufType},
		{maps, "application/cbor,application/json", "application/json"},
		{maps, protobufType + partial, protobufType},
		{"/apis/tenancy.kcp.io/v1alpha1/workspaces", protobufType + partial, protobufType},
		{"/apis/tenancy.kcp.io/v1alpha1/workspaces", protobufType + ",application/json", "application/json"},
		{maps + "?watch=1&timeoutSeconds=1", protobufType + ";stream=watch", protobufType + ";stream=watch"},
		{maps + "?watch=1&timeoutSeconds=1", protobufType + ",application/json", protobufType + ";stream=watch"},
		{maps + "/none", protobufType, protobufType},
	} {
		_, header, body := api.do(t, "GET", row.path, "", row.accept, nil)
		if header.Get("Content-Type") != row.answered {
			t.Errorf("%s as %s: %s: %.200s", row.path, row.accept, header.Get("Content-Type"), body)
		}
	}
	code, _, body := api.do(t, "GET", maps, "", "application/cbor", nil)
	if code != http.StatusNotAcceptable {
		t.Errorf("CBOR alone: %d %s", code, body)
	}
	code, _, body = api.do(t, "POST", maps, "application/cbor", "application/json", []byte{0xd9, 0xd9, 0xf7, 0xa0})
	if code != http.StatusUnsupportedMediaType {
		t.Errorf("a body in CBOR: %d %s", code, body)
	}
	// A refusal in protobuf is a Status that client-go reads.
	_, _, refusal := api.do(t, "GET", maps+"/none", "", protobufType, nil)
	if status, ok := decoded(t, refusal).(*metav1.Status); !ok || status.Reason != metav1.StatusReasonNotFound || status.Code != 404 {
		t.Errorf("a refusal in protobuf: %q", refusal)
	}
}

func testYAML(t *testing.T, api wire) {
	const maps = "/api/v1/namespaces/default/configmaps"
	code, header, body := api.do(t, "POST", maps, "application/yaml", "application/yaml", []byte("metadata:\n  name: yaml\ndata:\n  a: |\n    x\n    y\n  b: \"yes\"\n"))
	if code != http.StatusCreated || header.Get("Content-Type") != "application/yaml" {
		t.Fatalf("create: %d %s %s", code, header.Get("Content-Type"), body)
	}
	var object struct{ Data map[string]string }
	if err := yaml.Unmarshal(body, &object); err != nil || object.Data["a"] != "x\ny\n" || object.Data["b"] != "yes" {
		t.Fatalf("%v: %s", err, body)
	}
	code, _, body = api.do(t, "DELETE", maps+"/yaml", "application/yaml", "application/json", []byte("preconditions:\n  uid: other\n"))
	if code != http.StatusConflict {
		t.Fatalf("options in YAML: %d %s", code, body)
	}
	options := &metav1.DeleteOptions{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "DeleteOptions"}, DryRun: []string{"All"}}
	var wire bytes.Buffer
	if err := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme).Encode(options, &wire); err != nil {
		t.Fatal(err)
	}
	code, _, body = api.do(t, "DELETE", maps+"/yaml", protobufType, "application/json", wire.Bytes())
	if code != http.StatusOK {
		t.Fatalf("options in protobuf: %d %s", code, body)
	}
	if code, _, _ = api.do(t, "GET", maps+"/yaml", "", "application/json", nil); code != http.StatusOK {
		t.Fatal("a dry run deleted something")
	}
}

// What clients of before OpenAPI 3 read, in the gnostic library's own messages.
func testOpenAPI(t *testing.T, config *rest.Config) {
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	document, err := client.OpenAPISchema()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, definition := range document.GetDefinitions().GetAdditionalProperties() {
		if definition.GetName() != "io.k8s.api.core.v1.ConfigMap" {
			continue
		}
		found = true
		members := map[string]bool{}
		for _, property := range definition.GetValue().GetProperties().GetAdditionalProperties() {
			members[property.GetName()] = true
		}
		if !members["data"] || !members["binaryData"] || !members["metadata"] {
			t.Errorf("members of a ConfigMap: %v", members)
		}
		kinds := ""
		for _, extension := range definition.GetValue().GetVendorExtension() {
			if extension.GetName() == "x-kubernetes-group-version-kind" {
				kinds = extension.GetValue().GetYaml()
			}
		}
		var list []map[string]string
		if err := yaml.Unmarshal([]byte(kinds), &list); err != nil || len(list) != 1 || list[0]["kind"] != "ConfigMap" {
			t.Errorf("kinds: %v %q", err, kinds)
		}
	}
	if !found {
		t.Error("no definition of a ConfigMap")
	}
	if paths := document.GetPaths().GetPath(); len(paths) < 50 {
		t.Errorf("%d paths", len(paths))
	}
	groups, resources, err := client.ServerGroupsAndResources()
	if err != nil || len(groups) < 10 || len(resources) < 10 {
		t.Errorf("discovery: %v, %d groups", err, len(groups))
	}
}

// A typed client that speaks protobuf alone, as controllers do.
func testProtobufClient(t *testing.T, config *rest.Config) {
	config = rest.CopyConfig(config)
	config.ContentType, config.AcceptContentTypes = protobufType, protobufType
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx := harness.Context(t)
	list, err := client.CoreV1().ConfigMaps("default").List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil || len(list.Items) != 1 || list.ResourceVersion == "" || list.Continue == "" {
		t.Fatalf("%v: %+v", err, list)
	}
	watcher, err := client.CoreV1().ConfigMaps("default").Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=a"})
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Stop()
	event := <-watcher.ResultChan()
	if fmt.Sprintf("%T", event.Object) != "*v1.ConfigMap" || event.Type != "ADDED" {
		t.Fatalf("%s %T", event.Type, event.Object)
	}
}
