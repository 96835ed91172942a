// The whole path of a request, and the words of its answers.
#include "shard/endpoints/handle.h"

#include <catch2/catch.hpp>

#include "common/api/errors.h"
#include "common/api/protobuf/codec.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "shard/endpoints/harness.h"
#include "shard/resources/all.h"

namespace atoll::endpoints {
namespace {

using testing::Answer;
using testing::ApiHarness;

constexpr const char* kMaps = "/clusters/c1/api/v1/namespaces/default/configmaps";
const ApiHarness::HeaderList kJson = {{"content-type", "application/json"}};

std::string Map(std::string_view name, std::string_view data = R"({"k":"v"})") {
  return Cat(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")", name,
             R"(","labels":{"tier":"x"}},"data":)", data, "}");
}

TEST_CASE("create, get, list, update, patch, delete", "[endpoints]") {
  ApiHarness api;
  Answer created = api.Post(kMaps, Map("a"), kJson);
  REQUIRE(created.code == 201);
  CHECK(created.headers.Get("content-type") == "application/json");
  CHECK(created.headers.Get("cache-control") == "no-cache, private");
  CHECK_FALSE(created.headers.Get("audit-id").empty());
  CHECK(created.body.starts_with(R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a")"));
  CHECK(created.body.ends_with("}\n"));
  CHECK(created.Json().StringAt({"metadata", "annotations", "kcp.io/cluster"}) == "c1");
  CHECK_FALSE(created.Json().StringAt({"metadata", "resourceVersion"}).empty());

  Answer got = api.Get(Cat(kMaps, "/a"));
  CHECK(got.code == 200);
  CHECK(got.body == created.body);
  CHECK(api.Get("/clusters/root:here/api/v1/namespaces/default/configmaps/a").body == created.body);

  Answer list = api.Get(kMaps);
  REQUIRE(list.code == 200);
  CHECK(list.body.starts_with(R"({"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":")"));
  REQUIRE(list.Json().Find("items")->array().size() == 1);
  CHECK(list.Json().Find("items")->array()[0].Find("kind") == nullptr);

  Answer updated = api.Do("PUT", Cat(kMaps, "/a"), Map("a", R"({"k":"w"})"), kJson);
  CHECK(updated.code == 200);
  Answer patched =
      api.Do("PATCH", Cat(kMaps, "/a"), R"({"data":{"n":"1"}})", {{"content-type", "application/merge-patch+json"}});
  REQUIRE(patched.code == 200);
  CHECK(patched.Json().StringAt({"data", "k"}) == "w");
  CHECK(patched.Json().StringAt({"data", "n"}) == "1");

  Answer deleted = api.Do("DELETE", Cat(kMaps, "/a"));
  CHECK(deleted.code == 200);
  CHECK(deleted.Json().StringAt({"status"}) == "Success");
  CHECK(deleted.Json().StringAt({"details", "kind"}) == "configmaps");
  Answer gone = api.Get(Cat(kMaps, "/a"));
  CHECK(gone.code == 404);
  CHECK(
      gone.body ==
      R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"configmaps \"a\" not found","reason":"NotFound","details":{"name":"a","kind":"configmaps"},"code":404})"
      "\n");
}

TEST_CASE("protobuf in and out", "[endpoints]") {
  ApiHarness api;
  const ApiHarness::HeaderList protobuf = {{"content-type", "application/vnd.kubernetes.protobuf"},
                                           {"accept", "application/vnd.kubernetes.protobuf"}};
  const std::string body = *api::protobuf::EncodeObject(Map("a"));
  Answer created = api.Post(kMaps, body, protobuf);
  REQUIRE(created.code == 201);
  CHECK(created.headers.Get("content-type") == "application/vnd.kubernetes.protobuf");
  auto envelope = api::protobuf::OpenEnvelope(created.body);
  REQUIRE(envelope.ok());
  CHECK(envelope->kind == "ConfigMap");
  auto object = api::protobuf::DecodeMessage(*api::protobuf::FindMessage({"", "v1", "ConfigMap"}), envelope->raw);
  REQUIRE(object.ok());
  json::Value stored = api.Get(Cat(kMaps, "/a")).Json();
  CHECK(stored.StringAt({"data", "k"}) == "v");
  stored.Remove({"kind"});
  stored.Remove({"apiVersion"});
  CHECK(*object == stored);

  Answer exists = api.Post(kMaps, body, protobuf);
  CHECK(exists.code == 409);
  CHECK(api::protobuf::OpenEnvelope(exists.body)->kind == "Status");
  Answer list = api.Get(kMaps, {{"accept", "application/vnd.kubernetes.protobuf"}});
  CHECK(list.code == 200);
  CHECK(api::protobuf::OpenEnvelope(list.body)->kind == "ConfigMapList");
  Answer watch =
      api.Do("GET", Cat(kMaps, "?watch=1"), "", {{"accept", "application/vnd.kubernetes.protobuf;stream=watch"}}, 1);
  CHECK(watch.headers.Get("content-type") == "application/vnd.kubernetes.protobuf;stream=watch");
  const std::string event = api::protobuf::WatchFrame(
      "ADDED", api.Get(Cat(kMaps, "/a"), {{"accept", "application/vnd.kubernetes.protobuf"}}).body);
  CHECK(watch.body.starts_with(event));

  Answer secret = api.Post("/clusters/c1/api/v1/namespaces/default/secrets", body, protobuf);
  CHECK(secret.code == 400);
  Answer cut = api.Post(kMaps, body.substr(0, body.size() - 5), protobuf);
  CHECK(cut.code == 400);
  Answer custom = api.Post("/clusters/c1/apis/apis.kcp.io/v1alpha2/apiexports", body,
                           {{"content-type", "application/vnd.kubernetes.protobuf"}});
  CHECK(custom.code == 415);
  CHECK(custom.Message() ==
        "the body of the request was in an unknown format - accepted media types include: application/json, "
        "application/yaml");

  // k8s\0, {1: {1: "v1", 2: "DeleteOptions"}, 2: {2: {1: "other"}}}: a precondition that does not hold.
  std::string options(
      "k8s\0\x0a\x13\x0a\x02v1\x12\x0d"
      "DeleteOptions"
      "\x12\x09\x12\x07\x0a\x05"
      "other",
      36);
  CHECK(api.Do("DELETE", Cat(kMaps, "/a"), options, protobuf).code == 409);
  CHECK(api.Do("DELETE", Cat(kMaps, "/a"), options.substr(0, 30), protobuf).code == 400);
  options = std::string(
      "k8s\0\x0a\x13\x0a\x02v1\x12\x0d"
      "DeleteOptions"
      "\x12\x00",
      27);
  CHECK(api.Do("DELETE", Cat(kMaps, "/a"), options, protobuf).code == 200);
}

TEST_CASE("every compiled-in kind has a protobuf message", "[endpoints]") {
  for (const auto& definition : resources::BuiltinResources()) {
    if (definition->flavor != registry::Flavor::kTyped || definition->gvr.group == "apiextensions.k8s.io")
      continue;  // its clients send JSON
    INFO(definition->gvr.resource);
    CHECK(api::protobuf::CanEncode(definition->gvk()));
    for (const registry::Subresource& sub : definition->subresources) {
      if (!sub.kind.kind.empty()) CHECK(api::protobuf::CanEncode(sub.kind));
    }
  }
}

TEST_CASE("errors, word for word", "[endpoints]") {
  ApiHarness api;
  REQUIRE(api.Post(kMaps, Map("a"), kJson).code == 201);
  struct Case {
    const char* name;
    const char* method;
    std::string target;
    std::string body;
    ApiHarness::HeaderList headers;
    int code;
    const char* message;
  };
  const Case cases[] = {
      {"exists", "POST", kMaps, Map("a"), kJson, 409, "configmaps \"a\" already exists"},
      {"wrong kind", "POST", kMaps, R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"b"}})", kJson, 400,
       "Secret in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown "
       "conversion"},
      {"wrong version", "POST", kMaps, R"({"apiVersion":"v2","kind":"ConfigMap"})", kJson, 400,
       "the API version in the data (v2) does not match the expected API version (v1)"},
      {"broken JSON", "POST", kMaps, R"({"apiVersion": "v1", )", kJson, 400,
       "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: "
       "unexpected end of JSON "
       "input ({\"apiVersion\": \"v1\", )"},
      {"YAML boolean",
       "POST",
       kMaps,
       "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: y\n",
       {{"content-type", "application/yaml"}},
       400,
       "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal bool into Go struct field "
       "ObjectMeta.metadata.name of type string"},
      {"media type",
       "POST",
       kMaps,
       "x",
       {{"content-type", "text/plain"}},
       415,
       "the body of the request was in an unknown format - accepted media types include: application/json, "
       "application/yaml, "
       "application/vnd.kubernetes.protobuf"},
      {"protobuf",
       "POST",
       kMaps,
       "x",
       {{"content-type", "application/vnd.kubernetes.protobuf"}},
       400,
       "the object provided is unrecognized (must be of type ConfigMap): provided data does not appear to be a "
       "protobuf message, expected prefix "
       "[107 56 115 0] (78)"},
      {"accept",
       "GET",
       Cat(kMaps, "/a"),
       "",
       {{"accept", "text/plain"}},
       406,
       "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, "
       "application/vnd.kubernetes.protobuf"},
      {"dry run", "POST", Cat(kMaps, "?dryRun=Some"), Map("d"), kJson, 422,
       "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Some\"]: supported values: \"All\""},
      {"unknown member, strict", "POST", Cat(kMaps, "?fieldValidation=Strict"),
       R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"u2","nope":1},"wrong":1})", kJson, 400,
       "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field "
       "\"metadata.nope\", unknown field "
       "\"wrong\""},
      {"repeated member, strict", "POST", Cat(kMaps, "?fieldValidation=Strict"),
       R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"u3","name":"u4"}})", kJson, 400,
       "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: duplicate field "
       "\"metadata.name\""},
      {"wrong type", "POST", kMaps, Map("t", R"({"k":5})"), kJson, 400,
       "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct "
       "field ConfigMap.data of type "
       "string"},
      {"label selector",
       "GET",
       Cat(kMaps, "?labelSelector=a%20b%20c"),
       "",
       {},
       400,
       "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"},
      {"exact without version",
       "GET",
       Cat(kMaps, "?resourceVersionMatch=Exact"),
       "",
       {},
       422,
       "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden "
       "unless resourceVersion is "
       "provided"},
      {"watch from nowhere",
       "GET",
       Cat(kMaps, "?watch=1&resourceVersion=abc"),
       "",
       {},
       500,
       "resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax"},
      {"method", "POST", Cat(kMaps, "/a"), "{}", kJson, 405,
       "the server does not allow this method on the requested resource"},
      {"put to a collection", "PUT", kMaps, "{}", kJson, 405,
       "the server does not allow this method on the requested resource"},
      {"patch to a collection", "PATCH", kMaps, "{}", kJson, 405,
       "the server does not allow this method on the requested resource"},
      {"a name with NUL", "GET", Cat(kMaps, "/a%00b"), "", {}, 404, R"(configmaps "a\x00b" not found)"},
      {"a namespace with NUL",
       "GET",
       "/clusters/c1/api/v1/namespaces/default%00a/configmaps",
       "",
       {},
       404,
       R"(namespaces "default\x00a" not found)"},
      {"the Namespace with NUL",
       "DELETE",
       "/clusters/c1/api/v1/namespaces/%00",
       "",
       {},
       404,
       R"(namespaces "\x00" not found)"},
      {"a namespace through another",
       "GET",
       "/clusters/c1/api/v1/namespaces/other/namespaces/default",
       "",
       {},
       404,
       "the server could not find the requested resource"},
      {"namespaces within one",
       "GET",
       "/clusters/c1/api/v1/namespaces/other/namespaces",
       "",
       {},
       404,
       "the server could not find the requested resource"},
      {"unknown resource",
       "GET",
       "/clusters/c1/api/v1/namespaces/default/pods",
       "",
       {},
       404,
       "the server could not find the requested resource"},
      {"unknown subresource",
       "GET",
       Cat(kMaps, "/a/status"),
       "",
       {},
       404,
       "the server could not find the requested resource"},
      {"patch type", "PATCH", Cat(kMaps, "/a"), "{}", kJson, 415, "415: Unsupported Media Type"},
      {"JSON patch",
       "PATCH",
       Cat(kMaps, "/a"),
       R"({"op":"remove"})",
       {{"content-type", "application/json-patch+json"}},
       400,
       "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"},
      {"apply without manager",
       "PATCH",
       Cat(kMaps, "/a"),
       "{}",
       {{"content-type", "application/apply-patch+yaml"}},
       422,
       "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch"},
      {"force without apply",
       "PATCH",
       Cat(kMaps, "/a?force=true"),
       "{}",
       {{"content-type", "application/merge-patch+json"}},
       422,
       "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch"},
      {"timeout",
       "GET",
       Cat(kMaps, "?timeout=x"),
       "",
       {},
       400,
       "invalid timeout specified in the request URL - time: invalid duration \"x\""},
      {"malformed path",
       "GET",
       "/clusters/root:UPPER_case/api",
       "",
       {},
       400,
       "invalid cluster: \"root:UPPER_case\" does not match the regex"},
      {"unknown path",
       "GET",
       "/clusters/root:nothing:here/api",
       "",
       {},
       404,
       "workspaces.tenancy.kcp.io \"root:nothing:here\" not found"},
      {"credentials", "GET", kMaps, "", {{"x-test-user", "bad"}}, 401, "Unauthorized"},
      {"wildcard write", "POST", "/clusters/*/api/v1/namespaces/default/configmaps", Map("w"), kJson, 405,
       "create is not supported on resources of kind \"configmaps\" in the `*` logical cluster"},
      {"too large", "POST", kMaps, std::string(4 << 20, ' '), kJson, 413, "Request entity too large: limit is 3145728"},
      {"table of what",
       "GET",
       Cat(kMaps, "?includeObject=All"),
       "",
       {{"accept", "application/json;as=Table;g=meta.k8s.io;v=v1"}},
       400,
       "Unable to convert to Table as requested: includeObject: Invalid value: \"All\": must be 'Metadata', 'Object', "
       "'None', or empty"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      Answer answer = api.Do(c.method, c.target, c.body, c.headers);
      CHECK(answer.code == c.code);
      CHECK(answer.Message() == c.message);
      CHECK(answer.Json().IntAt({"code"}) == c.code);
    }
  }
}

TEST_CASE("plain text answers", "[endpoints]") {
  ApiHarness api;
  Answer unknown = api.Get("/clusters/c1/apis/nope.example.dev/v1/things");
  CHECK(unknown.code == 404);
  CHECK(unknown.body == "404 page not found\n");
  CHECK(unknown.headers.Get("content-type") == "text/plain; charset=utf-8");
  CHECK(unknown.headers.Get("x-content-type-options") == "nosniff");
  Answer elsewhere = api.Get("/clusters/root:there/api");
  CHECK(elsewhere.code == 429);
  CHECK(elsewhere.headers.Get("retry-after") == "1");
  CHECK(api.Get("/clusters/root:away/api").code == 503);
  CHECK(api.Get("/clusters/root/metrics").code == 501);
  CHECK(api.Get("/services/none/x").code == 403);
  CHECK(api.Get("/clusters/c1/clusters/c2/api").code == 404);
}

TEST_CASE("who may", "[endpoints]") {
  ApiHarness api;
  Answer forbidden = api.Do("POST", kMaps, Map("a"), {{"content-type", "application/json"}, {"x-test-user", "reader"}});
  CHECK(forbidden.code == 403);
  CHECK(forbidden.headers.Get("x-content-type-options") == "nosniff");
  CHECK(forbidden.Message().starts_with(
      "configmaps is forbidden: User \"reader\" cannot create resource \"configmaps\""));
  // Routing comes after authorization.
  CHECK(api.Get("/clusters/c1/api/v1/namespaces/default/pods", {{"x-test-user", "nobody"}}).code == 403);
  CHECK(api.Get("/readyz", {{"x-test-user", "anonymous"}}).code == 200);
  CHECK(api.Get("/clusters/root/readyz", {{"x-test-user", "anonymous"}}).code == 200);
  CHECK(api.Get("/readyz/ping", {{"x-test-user", "anonymous"}}).code == 403);
}

TEST_CASE("an inactive cluster answers nobody", "[endpoints]") {
  ApiHarness api;
  auto cluster = json::Parse(
      R"({"metadata":{"name":"cluster","annotations":{"core.kcp.io/inactive":"true"}},"status":{"phase":"Ready"}})");
  api.clusters().Put(LogicalClusterId("c1"), *cluster);
  Answer answer = api.Get(kMaps);
  CHECK(answer.code == 403);
  CHECK(answer.Message() == "logicalclusters.core.kcp.io \"c1\" is forbidden: logical cluster is marked inactive");
  CHECK(api.Get("/clusters/c1/openapi/v3").code == 200);
}

TEST_CASE("warnings", "[endpoints]") {
  ApiHarness api;
  Answer answer =
      api.Post(kMaps, R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"u1"},"wrong":1})", kJson);
  CHECK(answer.code == 201);
  CHECK(answer.headers.GetAll("warning") == std::vector<std::string_view>{R"(299 - "unknown field \"wrong\"")"});
  CHECK(answer.Json().Find("wrong") == nullptr);
}

TEST_CASE("representations", "[endpoints]") {
  ApiHarness api;
  REQUIRE(api.Post(kMaps, Map("a"), kJson).code == 201);
  const std::string table = "application/json;as=Table;g=meta.k8s.io;v=v1";
  json::Value one = api.Get(Cat(kMaps, "/a"), {{"accept", table}}).Json();
  CHECK(one.StringAt({"kind"}) == "Table");
  CHECK(one.Find("columnDefinitions")->array().size() == 3);
  const json::Value& row = one.Find("rows")->array()[0];
  CHECK(row.Find("cells")->array()[0].string() == "a");
  CHECK(row.Find("cells")->array()[1].int_value() == 1);
  CHECK(row.StringAt({"object", "kind"}) == "PartialObjectMetadata");
  json::Value many = api.Get(Cat(kMaps, "?includeObject=None"), {{"accept", table}}).Json();
  CHECK(many.Find("rows")->array()[0].Find("object")->is_null());

  json::Value partial =
      api.Get(Cat(kMaps, "/a"), {{"accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}}).Json();
  CHECK(partial.StringAt({"apiVersion"}) == "meta.k8s.io/v1");
  CHECK(partial.Find("data") == nullptr);
  json::Value partials =
      api.Get(kMaps, {{"accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}}).Json();
  CHECK(partials.Find("items")->array()[0].StringAt({"metadata", "name"}) == "a");
  CHECK(api.Get(kMaps, {{"accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}}).code == 406);

  Answer yaml = api.Get(Cat(kMaps, "/a"), {{"accept", "application/yaml"}});
  CHECK(yaml.headers.Get("content-type") == "application/yaml");
  CHECK(yaml.body.starts_with("apiVersion: v1\ndata:\n  k: v\nkind: ConfigMap\n"));
  Answer pretty = api.Get(Cat(kMaps, "/a?pretty=true"));
  CHECK(pretty.body.starts_with("{\n  \"kind\": \"ConfigMap\",\n  \"apiVersion\": \"v1\",\n"));
  CHECK(pretty.Json() == api.Get(Cat(kMaps, "/a")).Json());
}

TEST_CASE("a long list streams, pages and compresses", "[endpoints]") {
  ApiHarness api;
  const std::string big(20'000, 'x');
  for (int i = 0; i < 40; ++i)
    REQUIRE(api.Post(kMaps, Map(Cat("m", i), Cat(R"({"k":")", big, "\"}")), kJson).code == 201);
  Answer all = api.Get(kMaps);
  CHECK(all.ended);
  CHECK(all.body.size() > 800'000);
  CHECK(all.Json().Find("items")->array().size() == 40);
  Answer pretty = api.Get(Cat(kMaps, "?pretty=1"));
  CHECK(pretty.Json() == all.Json());
  Answer packed = api.Get(kMaps, {{"accept-encoding", "gzip"}});
  CHECK(packed.headers.Get("content-encoding") == "gzip");
  CHECK(packed.body.size() < 100'000);
  CHECK(api.Get(kMaps, {{"accept-encoding", "gzip;q=0"}}).body == all.body);

  // In protobuf its length stands in front, whatever number of pieces it leaves in.
  Answer encoded = api.Get(kMaps, {{"accept", "application/vnd.kubernetes.protobuf"}});
  CHECK(encoded.ended);
  CHECK(encoded.body.size() > 800'000);
  CHECK(encoded.body == api::protobuf::EncodeObject(all.body));
  CHECK(api::protobuf::OpenEnvelope(encoded.body)->kind == "ConfigMapList");
  Answer packed_protobuf =
      api.Get(kMaps, {{"accept", "application/vnd.kubernetes.protobuf"}, {"accept-encoding", "gzip"}});
  CHECK(packed_protobuf.headers.Get("content-encoding") == "gzip");
  CHECK(packed_protobuf.ended);
  CHECK(packed_protobuf.body.size() < 100'000);

  json::Value page = api.Get(Cat(kMaps, "?limit=15")).Json();
  CHECK(page.Find("items")->array().size() == 15);
  CHECK(page.IntAt({"metadata", "remainingItemCount"}) == 25);
  const std::string token(page.StringAt({"metadata", "continue"}));
  json::Value rest = api.Get(Cat(kMaps, "?limit=500&continue=", http::PercentEncode(token))).Json();
  CHECK(rest.Find("items")->array().size() == 25);
  CHECK(rest.StringAt({"metadata", "resourceVersion"}) == page.StringAt({"metadata", "resourceVersion"}));
  CHECK(rest.At({"metadata", "continue"}) == nullptr);
}

TEST_CASE("watch", "[endpoints]") {
  ApiHarness api;
  const std::string before(api.Post(kMaps, Map("a"), kJson).Json().StringAt({"metadata", "resourceVersion"}));
  REQUIRE(api.Do("PUT", Cat(kMaps, "/a"), Map("a", R"({"k":"w"})"), kJson).code == 200);
  REQUIRE(api.Do("DELETE", Cat(kMaps, "/a")).code == 200);

  Answer changes = api.Do("GET", Cat(kMaps, "?watch=1&resourceVersion=", before), "", {}, 1);
  CHECK(changes.code == 200);
  CHECK(changes.ended);
  auto lines = changes.Lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].StringAt({"type"}) == "MODIFIED");
  CHECK(lines[0].StringAt({"object", "data", "k"}) == "w");
  CHECK(lines[1].StringAt({"type"}) == "DELETED");
  CHECK(lines[1].StringAt({"object", "metadata", "resourceVersion"}) >
        lines[0].StringAt({"object", "metadata", "resourceVersion"}));

  auto tables = api.Do("GET", Cat(kMaps, "?watch=1&resourceVersion=", before), "",
                       {{"accept", "application/json;as=Table;g=meta.k8s.io;v=v1"}}, 1)
                    .Lines();
  REQUIRE(tables.size() == 2);
  CHECK(tables[0].At({"object", "columnDefinitions"})->is_array());
  CHECK(tables[1].At({"object", "columnDefinitions"})->is_null());

  auto initial =
      api.Do("GET",
             Cat(kMaps, "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"),
             "", {}, 1)
          .Lines();
  REQUIRE(initial.size() == 1);
  CHECK(initial[0].StringAt({"type"}) == "BOOKMARK");
  CHECK(initial[0].StringAt({"object", "metadata", "annotations", "k8s.io/initial-events-end"}) == "true");
}

TEST_CASE("an object that is sent back as it was answered keeps its version", "[endpoints]") {
  struct Row {
    const char *resource, *body;
  } rows[] = {
      {"/clusters/c1/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
       R"({"metadata":{"name":"o"},"subjects":[{"kind":"User","name":"u"}],"roleRef":{"kind":"ClusterRole","name":"r"}})"},
      {"/clusters/c1/api/v1/namespaces/default/secrets",
       R"({"metadata":{"name":"o"},"stringData":{"k":"v"},"data":null})"},
      {"/clusters/c1/api/v1/namespaces", R"({"metadata":{"name":"o"}})"},
  };
  ApiHarness api;
  for (const Row& row : rows) {
    INFO(row.resource);
    Answer created = api.Post(row.resource, row.body, kJson);
    REQUIRE(created.code == 201);
    Answer again = api.Do("PUT", Cat(row.resource, "/o"), created.body, kJson);
    REQUIRE(again.code == 200);
    CHECK(again.body == created.body);
  }
}

TEST_CASE("a server that drains refuses", "[endpoints]") {
  ApiHarness api;
  api.handler().Drain();
  Answer answer = api.Get(kMaps);
  CHECK(answer.code == 429);
  CHECK(answer.headers.Get("retry-after") == "5");
  CHECK(api.Get("/readyz").code == 200);
}

TEST_CASE("discovery", "[endpoints]") {
  ApiHarness api;
  CHECK(
      api.Get("/clusters/c1/api").body ==
      R"({"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[{"clientCIDR":"0.0.0.0/0","serverAddress":"127.0.0.1:6443"}]})"
      "\n");
  json::Value core = api.Get("/clusters/c1/api/v1").Json();
  CHECK(core.Find("apiVersion") == nullptr);
  CHECK(core.StringAt({"groupVersion"}) == "v1");
  json::Value groups = api.Get("/clusters/c1/apis").Json();
  CHECK(groups.StringAt({"apiVersion"}) == "v1");
  CHECK(groups.Find("groups")->array().size() > 5);
  for (const json::Value& g : groups.Find("groups")->array()) {
    if (g.StringAt({"name"}) == "apis.kcp.io") {
      CHECK(g.StringAt({"preferredVersion", "version"}) == "v1alpha2");
      CHECK(g.Find("serverAddressByClientCIDRs") == nullptr);
    } else if (g.StringAt({"name"}) == "rbac.authorization.k8s.io") {
      CHECK(g.Find("serverAddressByClientCIDRs") != nullptr);
    }
  }
  CHECK(api.Get("/clusters/c1/apis/nope.example.dev/v1").body ==
        R"({"kind":"APIResourceList","apiVersion":"v1","groupVersion":"nope.example.dev/v1","resources":[]})"
        "\n");
  CHECK(api.Get("/clusters/c1/apis/nope.example.dev").body == "404 page not found\n");
  CHECK(api.Get("/clusters/c1/apis/rbac.authorization.k8s.io/v9").Message() ==
        "the server could not find the requested resource");
  CHECK(api.Get("/clusters/c1/apis/rbac.authorization.k8s.io").Json().StringAt({"preferredVersion", "version"}) ==
        "v1");

  const std::string aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  Answer answer = api.Get("/clusters/c1/apis", {{"accept", Cat(aggregated, ",application/json")}});
  CHECK(answer.headers.Get("content-type") == aggregated);
  CHECK(answer.headers.Get("vary") == "Accept");
  const std::string plain = "application/vnd.kubernetes.protobuf";
  const std::string encoded = plain + ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  Answer groups_in_protobuf = api.Get("/clusters/c1/apis", {{"accept", encoded}});
  CHECK(groups_in_protobuf.headers.Get("content-type") == encoded);
  CHECK(api::protobuf::OpenEnvelope(groups_in_protobuf.body)->kind == "APIGroupDiscoveryList");
  CHECK(api::protobuf::OpenEnvelope(api.Get("/clusters/c1/api", {{"accept", plain}}).body)->kind == "APIVersions");
  CHECK(api::protobuf::OpenEnvelope(api.Get("/clusters/c1/apis", {{"accept", plain}}).body)->kind == "APIGroupList");
  CHECK(api::protobuf::OpenEnvelope(api.Get("/clusters/c1/api/v1", {{"accept", plain}}).body)->kind ==
        "APIResourceList");
  CHECK(api.Get("/clusters/c1/api/v1", {{"accept", "text/html"}}).Message().starts_with("406: Not Acceptable"));
  CHECK(api.Get("/clusters/c1/apis/nope.example.dev", {{"accept", "text/html"}}).code == 404);
  Answer unchanged = api.Get("/clusters/c1/apis",
                             {{"accept", aggregated}, {"if-none-match", std::string(answer.headers.Get("etag"))}});
  CHECK(unchanged.code == 304);
  CHECK(unchanged.body.empty());
  CHECK(api.Get("/clusters/c1/api",
                {{"accept", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"}})
            .code == 406);
}

TEST_CASE("OpenAPI", "[endpoints]") {
  ApiHarness api;
  json::Value index = api.Get("/clusters/c1/openapi/v3").Json();
  const std::string url(index.StringAt({"paths", "api/v1", "serverRelativeURL"}));
  REQUIRE(url.starts_with("/openapi/v3/api/v1?hash="));
  Answer document = api.Get(Cat("/clusters/c1", url));
  CHECK(document.headers.Get("cache-control") == "public, immutable");
  json::Value v3 = document.Json();
  CHECK(v3.StringAt({"openapi"}) == "3.0.0");
  const json::Value* item = v3.At({"paths", "/api/v1/namespaces/{name}"});
  REQUIRE(item != nullptr);
  CHECK(json::Write(*item->Find("parameters")).find(R"("name":"pretty")") != std::string::npos);
  const json::Value* patch = item->Find("patch");
  REQUIRE(patch != nullptr);
  CHECK(patch->StringAt({"x-kubernetes-action"}) == "patch");
  CHECK(patch->StringAt({"operationId"}) == "patchCoreV1Namespace");
  CHECK(patch->At({"requestBody", "content", "application/strategic-merge-patch+json"}) != nullptr);
  bool field_validation = false;
  for (const json::Value& p : patch->Find("parameters")->array())
    field_validation |= p.StringAt({"name"}) == "fieldValidation";
  CHECK(field_validation);
  CHECK(v3.At({"components", "schemas", "io.k8s.api.core.v1.ConfigMap", "properties", "data"}) != nullptr);
  // Every reference leads somewhere.
  std::string_view text = document.body;
  constexpr std::string_view kRef = R"("$ref":"#/components/schemas/)";
  for (size_t at = text.find(kRef); at != std::string_view::npos; at = text.find(kRef, at + 1)) {
    std::string name(text.substr(at + kRef.size(), text.find('"', at + kRef.size()) - at - kRef.size()));
    INFO(name);
    REQUIRE(v3.At({"components", "schemas", name}) != nullptr);
  }
  Answer moved = api.Get("/clusters/c1/openapi/v3/api/v1?hash=0");
  CHECK(moved.code == 301);
  CHECK(moved.headers.Get("location") == url);
  CHECK(api.Get("/clusters/c1/openapi/v3/apis/no/v1").code == 404);
  CHECK(document.headers.Has("last-modified"));
  // A member's own words stand beside a reference that must stand alone.
  CHECK(json::Write(
            *v3.At({"components", "schemas", "io.k8s.api.core.v1.ConfigMap", "properties", "metadata", "allOf"})) ==
        R"([{"$ref":"#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}])");
  for (const char* type : {"application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
                           "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"}) {
    Answer old = api.Get("/clusters/c1/openapi/v2", {{"accept", type}});
    CHECK(old.code == 200);
    CHECK(old.headers.Get("content-type") == "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
    CHECK(
        old.body.starts_with("\n\x03"
                             "2.0"));
    const std::string etag(old.headers.Get("etag"));
    CHECK(api.Get("/clusters/c1/openapi/v2", {{"accept", type}, {"if-none-match", etag}}).code == 304);
  }
  CHECK(api.Get("/clusters/c1/openapi/v2", {{"accept", "application/yaml"}}).code == 406);
  json::Value v2 = api.Get("/clusters/c1/openapi/v2").Json();
  CHECK(v2.StringAt({"swagger"}) == "2.0");
  CHECK(v2.At({"definitions", "io.k8s.api.core.v1.ConfigMap"}) != nullptr);
}

TEST_CASE("health, version, index, metrics", "[endpoints]") {
  ApiHarness api;
  bool well = true;
  api.health().Add("etcd", [&] { return well ? absl::OkStatus() : absl::InternalError("no disk"); });
  api.health().Add("informer-sync", [] { return absl::OkStatus(); }, HealthChecks::In::kReadyOnly);
  CHECK(api.Get("/livez").body == "ok");
  CHECK(api.Get("/livez?verbose").body == "[+]ping ok\n[+]etcd ok\nlivez check passed\n");
  CHECK(api.Get("/readyz?verbose&exclude=etcd&exclude=x").body ==
        "[+]ping ok\n[+]etcd excluded: ok\n[+]informer-sync ok\nwarn: some health checks cannot be excluded: no "
        "matches for \"x\"\n"
        "readyz check passed\n");
  well = false;
  Answer ill = api.Get("/healthz");
  CHECK(ill.code == 500);
  CHECK(ill.body == "[+]ping ok\n[-]etcd failed: reason withheld\nhealthz check failed\n");
  CHECK(api.Get("/readyz/etcd").body == "internal server error: no disk\n");
  CHECK(api.Get("/version").Json().StringAt({"gitVersion"}).starts_with("v1.36.0+kcp-v0.32.0"));
  CHECK(api.Get("/").Json().Find("paths")->array().size() > 5);
  api.Get(kMaps);
  const std::string text = api.Get("/metrics").body;
  CHECK(text.find("apiserver_request_total{") != std::string::npos);
  CHECK(text.find("resource=\"configmaps\"") != std::string::npos);
}

}  // namespace
}  // namespace atoll::endpoints
