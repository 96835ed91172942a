// Strategies of the built-in resources, as tables: an object in, what it becomes or what is said of it out.
#include "shard/registry/strategy.h"
#include "shard/registry/managed_fields.h"

#include <catch2/catch.hpp>

#include "common/apply/typed.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "shard/resources/all.h"

namespace atoll::resources {
namespace {

json::Value Json(std::string_view text) {
  auto v = json::Parse(text);
  INFO(text);
  REQUIRE(v.ok());
  return *std::move(v);
}

DefinitionPtr Of(std::string_view group, std::string_view resource, std::string_view version = "") {
  for (const auto& d : BuiltinResources()) {
    if (d->gvr.group == group && d->gvr.resource == resource && (version.empty() || d->gvr.version == version))
      return d;
  }
  FAIL("no definition of " << group << "/" << resource);
  return nullptr;
}

struct Context {
  auth::User user{.name = "alice", .groups = {"system:authenticated"}};
  std::vector<std::string> warnings;
  registry::StrategyContext Sub(std::string_view subresource = "") {
    return {.user = user, .cluster = "c", .ns = "default", .subresource = subresource, .warnings = &warnings};
  }
};

// As the registry prepares a decoded object.
json::Value Decoded(const DefinitionPtr& d, std::string_view text) {
  json::Value v = Json(text);
  if (d->flavor == registry::Flavor::kCustom) {
    schema::Prune(*d->schema, &v);
    schema::ApplyDefaults(*d->schema, &v);
  }
  d->strategy->Default(&v);
  if (d->flavor == registry::Flavor::kTyped) schema::Canonicalize(*d->schema, &v);
  return v;
}

TEST_CASE("created objects") {
  struct Row {
    std::string_view group, resource, in, out;
  } rows[] = {
      {"", "namespaces", R"({"kind":"Namespace","apiVersion":"v1","metadata":{"name":"n"}})",
       R"({"kind":"Namespace","apiVersion":"v1","metadata":{"name":"n","labels":{"kubernetes.io/metadata.name":"n"}},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}})"},
      {"", "secrets", R"({"metadata":{"name":"s"},"stringData":{"password":"hunter2"}})",
       R"({"metadata":{"name":"s"},"data":{"password":"aHVudGVyMg=="},"type":"Opaque"})"},
      {"", "events", R"({"involvedObject":{"name":"a"},"message":"m"})",
       R"({"metadata":{},"involvedObject":{"name":"a"},"message":"m","source":{},"firstTimestamp":null,"lastTimestamp":null,"eventTime":null,"reportingComponent":"","reportingInstance":""})"},
      {"rbac.authorization.k8s.io", "roles", R"({"metadata":{"name":"r"}})",
       R"({"metadata":{"name":"r"},"rules":null})"},
      {"rbac.authorization.k8s.io", "rolebindings",
       R"({"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"u"},{"kind":"ServiceAccount","name":"s","namespace":"n"}]})",
       R"({"metadata":{},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"u"},)"
       R"({"kind":"ServiceAccount","name":"s","namespace":"n"}],"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"}})"},
      {"tenancy.kcp.io", "workspaces", R"({"metadata":{"name":"a"},"status":{"phase":"Ready"}})",
       R"({"metadata":{"name":"a"},"spec":{},"status":{"phase":"Scheduling"}})"},
      {"coordination.k8s.io", "leases", R"({"metadata":{"name":"l"}})", R"({"metadata":{"name":"l"},"spec":{}})"},
  };
  for (const auto& row : rows) {
    INFO(row.resource);
    auto d = Of(row.group, row.resource);
    Context ctx;
    json::Value v = Decoded(d, row.in);
    d->strategy->PrepareForCreate(ctx.Sub(), &v);
    CHECK(v == Json(row.out));
  }
}

TEST_CASE("refused creations") {
  struct Row {
    std::string_view group, resource, in;
    std::vector<std::string> lines;
  } rows[] = {
      {"",
       "configmaps",
       R"({"data":{"a b":"x"}})",
       {"data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or "
        "'.' (e.g. 'key.name',  or "
        "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"}},
      {"",
       "configmaps",
       R"({"data":{"a":"x"},"binaryData":{"a":"eA=="}})",
       {"data[a]: Invalid value: \"a\": duplicate of key present in binaryData"}},
      {"", "configmaps", R"({"data":{"a":"x"}})", {}},
      {"", "secrets", R"({"type":"kubernetes.io/tls","data":{"tls.crt":"eA=="}})", {"data[tls.key]: Required value"}},
      {"coordination.k8s.io",
       "leases",
       R"({"spec":{"leaseDurationSeconds":-1}})",
       {"spec.leaseDurationSeconds: Invalid value: -1: must be greater than 0"}},
      {"rbac.authorization.k8s.io",
       "roles",
       R"({"rules":[{"apiGroups":[""],"resources":[],"verbs":[]}]})",
       {"rules[0].verbs: Required value: verbs must contain at least one value",
        "rules[0].resources: Required value: resource rules must supply at least one resource"}},
      {"rbac.authorization.k8s.io",
       "rolebindings",
       R"({"roleRef":{"kind":"X"},"subjects":[{"kind":"ServiceAccount","name":"s"}]})",
       {"roleRef.kind: Unsupported value: \"X\": supported values: \"Role\", \"ClusterRole\"",
        "roleRef.name: Required value"}},
      {"rbac.authorization.k8s.io",
       "clusterrolebindings",
       R"({"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"s"},{"kind":"Foo","name":"a"}]})",
       {"subjects[0].namespace: Required value",
        "subjects[1].kind: Unsupported value: \"Foo\": supported values: \"ServiceAccount\", \"User\", \"Group\""}},
      {"",
       "secrets",
       R"({"type":"kubernetes.io/dockercfg","data":{".dockercfg":"WzFd"}})",
       {"data[.dockercfg]: Invalid value: \"<secret contents redacted>\": json: cannot unmarshal array into Go value "
        "of type map[string]interface {}"}},
      {"",
       "resourcequotas",
       R"({"spec":{"hard":{"foo":"1","pods":"1.5","example.com/y":"1.5","cpu":"-1","requests.memory":"1.5"}}})",
       {"spec.hard[cpu]: Invalid value: \"-1\": must be greater than or equal to 0",
        "spec.hard[example.com/y]: Invalid value: \"1500m\": must be an integer",
        "spec.hard[foo]: Invalid value: \"foo\": must be a standard resource type or fully qualified",
        "spec.hard[foo]: Invalid value: \"foo\": must be a standard resource for quota",
        "spec.hard[pods]: Invalid value: \"1500m\": must be an integer"}},
      {"",
       "resourcequotas",
       R"({"spec":{"scopes":["BestEffort","NotBestEffort"],"hard":{"pods":"1","cpu":"1"}}})",
       {"spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: unsupported scope applied to resource",
        "spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: conflicting scopes"}},
      {"",
       "resourcequotas",
       R"({"spec":{"hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In"},{"scopeName":"BestEffort","operator":"Exists","values":["x"]}]}}})",
       {"spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is "
        "'In' or 'NotIn' for scope selector",
        "spec.scopeSelector.matchExpressions.values: Invalid value: [\"x\"]: must be no value when `operator` is "
        "'Exist' or 'DoesNotExist' for scope selector"}},
      {"",
       "events",
       R"({"metadata":{"namespace":"default"},"involvedObject":{"namespace":"default"},"eventTime":"2020-01-01T00:00:00.000000Z"})",
       {"reportingComponent: Required value", "reportingComponent: Invalid value: \"\": name part must be non-empty",
        "reportingComponent: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', "
        "and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex "
        "used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        "reportingInstance: Required value", "action: Required value", "reason: Required value"}},
      {"events.k8s.io",
       "events",
       R"({"metadata":{"namespace":"default"},"regarding":{"namespace":"default"},"type":"Odd","deprecatedCount":1})",
       {"eventTime: Required value", "type: Invalid value: \"\": has invalid value: Odd",
        "count: Invalid value: \"\": needs to be unset"}},
      {"tenancy.kcp.io",
       "workspaces",
       R"({"metadata":{"name":"a.b"}})",
       {"metadata.name: Invalid value: \"a.b\": metadata.name in body should match "
        "'^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'"}},
      {"core.kcp.io",
       "logicalclusters",
       R"({"metadata":{"name":"other"}})",
       {"metadata.name: Unsupported value: \"other\": supported values: \"cluster\""}},
      {"",
       "events",
       R"({"metadata":{"namespace":"default"},"involvedObject":{"namespace":"x"}})",
       {"involvedObject.namespace: Invalid value: \"x\": does not match event.namespace"}},
  };
  for (const auto& row : rows) {
    INFO(row.resource << " " << row.in);
    auto d = Of(row.group, row.resource);
    Context ctx;
    std::vector<std::string> lines;
    for (const auto& e : d->strategy->ValidateCreate(ctx.Sub(), Decoded(d, row.in))) lines.push_back(e.Line());
    CHECK(lines == row.lines);
  }
}

TEST_CASE("refused updates") {
  struct Row {
    std::string_view group, resource, old, now;
    std::vector<std::string> lines;
  } rows[] = {
      {"",
       "configmaps",
       R"({"immutable":true,"data":{"k":"v"}})",
       R"({"immutable":true,"data":{"k":"w"}})",
       {"data: Forbidden: field is immutable when `immutable` is set"}},
      {"", "secrets", R"({"type":"a"})", R"({"type":"b"})", {"type: Invalid value: \"b\": field is immutable"}},
      {"rbac.authorization.k8s.io",
       "rolebindings",
       R"({"roleRef":{"kind":"Role","name":"reader"}})",
       R"({"roleRef":{"kind":"ClusterRole","name":"view"}})",
       {"roleRef: Invalid value: "
        "{\"APIGroup\":\"rbac.authorization.k8s.io\",\"Kind\":\"ClusterRole\",\"Name\":\"view\"}: cannot change "
        "roleRef"}},
      {"tenancy.kcp.io",
       "workspaces",
       R"({"spec":{"type":{"name":"universal","path":"root"},"cluster":"a","URL":"u"}})",
       R"({"spec":{"type":{"name":"organization","path":"root"},"cluster":"b"}})",
       {"spec: Invalid value: URL cannot be unset", "spec.cluster: Invalid value: \"b\": cluster is immutable",
        "spec.type: Invalid value: name is immutable"}},
      {"tenancy.kcp.io", "workspaces", R"({"spec":{}})", R"({"spec":{"type":{"name":"universal"}}})", {}},
      {"apis.kcp.io",
       "apibindings",
       R"({"spec":{"reference":{"export":{"name":"a"}}}})",
       R"({"spec":{"reference":{"export":{"name":"b"}}}})",
       {"spec.reference: Invalid value: APIExport reference must not be changed"}},
  };
  for (const auto& row : rows) {
    INFO(row.resource << " " << row.now);
    auto d = Of(row.group, row.resource);
    Context ctx;
    std::vector<std::string> lines;
    for (const auto& e : d->strategy->ValidateUpdate(ctx.Sub(), Decoded(d, row.now), Decoded(d, row.old)))
      lines.push_back(e.Line());
    CHECK(lines == row.lines);
  }
}

TEST_CASE("spec and status go through their own doors") {
  auto d = Of("tenancy.kcp.io", "workspaces");
  Context ctx;
  const json::Value old =
      Json(R"({"metadata":{"name":"a","labels":{"l":"1"}},"spec":{"cluster":"x"},"status":{"phase":"Ready"}})");
  json::Value main =
      Json(R"({"metadata":{"name":"a"},"spec":{"cluster":"x","URL":"u"},"status":{"phase":"Deleting"}})");
  json::Value status = main;
  d->strategy->PrepareForUpdate(ctx.Sub(), &main, old);
  CHECK(main == Json(R"({"metadata":{"name":"a"},"spec":{"cluster":"x","URL":"u"},"status":{"phase":"Ready"}})"));
  CHECK(d->strategy->BumpsGeneration(main, old));
  d->strategy->PrepareForUpdate(ctx.Sub("status"), &status, old);
  CHECK(status ==
        Json(R"({"metadata":{"name":"a","labels":{"l":"1"}},"spec":{"cluster":"x"},"status":{"phase":"Deleting"}})"));
  CHECK_FALSE(d->strategy->BumpsGeneration(status, old));
}

TEST_CASE("a deleted namespace is held until it is empty") {
  auto d = Of("", "namespaces");
  json::Value v = Json(
      R"({"metadata":{"deletionGracePeriodSeconds":0},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}})");
  CHECK(d->strategy->HoldsDeletion(v));
  d->strategy->PrepareForDelete(&v);
  CHECK(v.At({"metadata", "deletionGracePeriodSeconds"}) == nullptr);
  CHECK(v.StringAt({"status", "phase"}) == "Terminating");
  CHECK_FALSE(d->strategy->HoldsDeletion(Json(R"({"spec":{}})")));
}

TEST_CASE("managed fields of creations are those of the reference") {
  struct Row {
    std::string_view group, resource, body, fields;
  } rows[] = {
      {"", "configmaps", R"({"metadata":{"labels":{"tier":"x"}},"data":{"k":"v"}})",
       R"({"f:data":{".":{},"f:k":{}},"f:metadata":{"f:labels":{".":{},"f:tier":{}}}})"},
      {"", "configmaps", R"({"data":{"k":"v"},"immutable":true})", R"({"f:data":{".":{},"f:k":{}},"f:immutable":{}})"},
      {"", "secrets", R"({"stringData":{"password":"hunter2"}})", R"({"f:data":{".":{},"f:password":{}},"f:type":{}})"},
      {"", "serviceaccounts", R"({"imagePullSecrets":[{"name":"x"}],"secrets":[{"name":"one"},{"name":"two"}]})",
       R"({"f:imagePullSecrets":{},"f:secrets":{".":{},"k:{\"name\":\"one\"}":{},"k:{\"name\":\"two\"}":{}}})"},
      {"", "events", R"({"involvedObject":{"kind":"ConfigMap"},"message":"hello","reason":"Testing","type":"Normal"})",
       R"({"f:involvedObject":{},"f:message":{},"f:reason":{},"f:type":{}})"},
      {"coordination.k8s.io", "leases", R"({"spec":{"holderIdentity":"me","leaseDurationSeconds":15}})",
       R"({"f:spec":{"f:holderIdentity":{},"f:leaseDurationSeconds":{}}})"},
      {"rbac.authorization.k8s.io", "rolebindings",
       R"({"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"u"}]})",
       R"({"f:roleRef":{},"f:subjects":{}})"},
      {"authorization.k8s.io", "selfsubjectaccessreviews",
       R"({"spec":{"resourceAttributes":{"namespace":"d","verb":"list"}}})",
       R"({"f:spec":{"f:resourceAttributes":{".":{},"f:namespace":{},"f:verb":{}}}})"},
      {"tenancy.kcp.io", "workspaces", R"({"spec":{"type":{"name":"project","path":"root"}}})",
       R"({"f:spec":{".":{},"f:type":{".":{},"f:name":{},"f:path":{}}}})"},
      {"apis.kcp.io", "apiresourceschemas",
       R"({"spec":{"group":"g","versions":[{"name":"v1","schema":{"type":"object"},"subresources":{"status":{}}}]}})",
       R"({"f:spec":{".":{},"f:group":{},"f:nameValidation":{},"f:versions":{".":{},)"
       R"("k:{\"name\":\"v1\"}":{".":{},"f:name":{},"f:schema":{},"f:served":{},"f:subresources":{".":{},"f:status":{}}}}}})"},
  };
  for (const auto& row : rows) {
    INFO(row.resource);
    auto d = Of(row.group, row.resource);
    const auto created =
        apply::Compare(apply::TypeView(d->schema.get()), registry::NewObject(*d), Decoded(d, row.body));
    const auto none_of = apply::FieldSet::OfMembers({{"status"}});
    // The node of metadata itself is never owned; its fields are.
    const json::Value fields = created.added.Union(created.modified)
                                   .Without(none_of)
                                   .Difference(apply::FieldSet::OfMembers({{"metadata"}}))
                                   .ToFieldsV1();
    INFO(json::Write(fields));
    CHECK(fields == Json(row.fields));
  }
}

TEST_CASE("events turn into core events and back") {
  auto d = Of("events.k8s.io", "events");
  json::Value v = Json(
      R"({"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{"name":"e"},"regarding":{"name":"a"},"note":"n",
                           "reportingController":"c"})");
  d->to_stored(&v);
  CHECK(v.StringAt({"apiVersion"}) == "v1");
  CHECK(v.StringAt({"involvedObject", "name"}) == "a");
  CHECK(v.StringAt({"message"}) == "n");
  CHECK(v.StringAt({"reportingComponent"}) == "c");
  d->from_stored(&v);
  CHECK(v.StringAt({"apiVersion"}) == "events.k8s.io/v1");
  CHECK(v.StringAt({"regarding", "name"}) == "a");
  CHECK(v.StringAt({"note"}) == "n");
}

TEST_CASE("table cells") {
  struct Row {
    std::string_view group, resource, object, column, cell;
  } rows[] = {
      {"", "configmaps", R"({"data":{"a":"1"},"binaryData":{"b":"eA=="}})", "Data", "2"},
      {"", "namespaces", R"({"status":{"phase":"Active"}})", "Status", R"("Active")"},
      {"", "resourcequotas", R"({"status":{"hard":{"pods":"2","limits.cpu":"1"},"used":{"pods":"1"}}})", "Request",
       R"("pods: 1/2")"},
      {"rbac.authorization.k8s.io", "rolebindings", R"({"roleRef":{"kind":"Role","name":"r"}})", "Role", R"("Role/r")"},
      {"rbac.authorization.k8s.io", "rolebindings",
       R"({"subjects":[{"kind":"ServiceAccount","name":"s","namespace":"n"}]})", "ServiceAccounts", R"("n/s")"},
      {"certificates.k8s.io", "certificatesigningrequests",
       R"({"status":{"conditions":[{"type":"Approved"}],"certificate":"x"}})", "Condition", R"("Approved,Issued")"},
      {"tenancy.kcp.io", "workspaces", R"({"metadata":{"labels":{"region":"eu"}}})", "Region", R"("eu")"},
      {"tenancy.kcp.io", "workspaces", R"({})", "Region", "null"},
      {"", "events", R"({"involvedObject":{"kind":"ConfigMap","name":"a"}})", "Object", R"("configmap/a")"},
  };
  for (const auto& row : rows) {
    INFO(row.resource << " " << row.column);
    auto d = Of(row.group, row.resource);
    const registry::Column* found = nullptr;
    for (const auto& c : d->columns) {
      if (c.name == row.column) found = &c;
    }
    REQUIRE(found != nullptr);
    CHECK(json::Write(found->cell(Json(row.object))) == row.cell);
  }
}

}  // namespace
}  // namespace atoll::resources
