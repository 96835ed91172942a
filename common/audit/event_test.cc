#include "common/audit/event.h"

#include <catch2/catch.hpp>

namespace atoll::audit {
namespace {

TEST_CASE("Audit events are audit.k8s.io/v1", "[audit]") {
  Event event;
  event.level = Level::kRequestResponse;
  event.audit_id = "id";
  event.request_uri = "/api/v1/x?a=b";
  event.verb = "get";
  event.user = auth::User{.name = "ann", .uid = "u", .groups = {"g"}, .extra = {{"k", {"v"}}}};
  event.impersonated = auth::User{.name = "bob", .uid = "", .groups = {}, .extra = {}};
  event.impersonation_constraint = "impersonate:user-info";
  event.source_ips = {"1.2.3.4"};
  event.user_agent = "a\nb";
  event.object = ObjectRef{.resource = "configmaps",
                           .ns = "n",
                           .name = "x",
                           .uid = "",
                           .group = "",
                           .version = "v1",
                           .resource_version = "",
                           .subresource = ""};
  event.code = 404;
  event.status = R"("reason":"NotFound")";
  event.request_object = "{}";
  event.response_object = "[1]";
  event.received = absl::FromUnixMicros(1'700'000'000'000'001);
  event.annotations = {{"b", "2"}, {"a", "1"}};
  CHECK(
      ToJson(event, Stage::kResponseComplete, event.received + absl::Seconds(1)) ==
      R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"id","stage":"ResponseComplete",)"
      R"("requestURI":"/api/v1/x?a=b","verb":"get","user":{"username":"ann","uid":"u","groups":["g"],"extra":{"k":["v"]}},)"
      R"("impersonatedUser":{"username":"bob"},"authenticationMetadata":{"impersonationConstraint":"impersonate:user-info"},)"
      R"("sourceIPs":["1.2.3.4"],"userAgent":"a\nb","objectRef":{"resource":"configmaps","namespace":"n","name":"x",)"
      R"("apiVersion":"v1"},"responseStatus":{"metadata":{},"reason":"NotFound","code":404},"requestObject":{},)"
      R"("responseObject":[1],"requestReceivedTimestamp":"2023-11-14T22:13:20.000001Z",)"
      R"("stageTimestamp":"2023-11-14T22:13:21.000001Z","annotations":{"a":"1","b":"2"}})");

  Event bare;
  bare.level = Level::kMetadata;
  bare.received = absl::FromUnixSeconds(1);
  CHECK(ToJson(bare, Stage::kRequestReceived, absl::FromUnixSeconds(2)) ==
        R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","stage":"RequestReceived","user":{},)"
        R"("requestReceivedTimestamp":"1970-01-01T00:00:01.000000Z","stageTimestamp":"1970-01-01T00:00:01.000000Z"})");
}

TEST_CASE("Audit: where a request came from", "[audit]") {
  struct Case {
    const char* forwarded;
    const char* real;
    const char* peer;
    std::vector<std::string> ips;
  };
  for (const Case& c :
       std::vector<Case>{{"", "", "127.0.0.1:4711", {"127.0.0.1"}},
                         {"1.2.3.4, 5.6.7.8", "", "127.0.0.1:1", {"1.2.3.4", "5.6.7.8", "127.0.0.1"}},
                         {"1.2.3.4,evil\n,::1", "9.9.9.9", "[::1]:80", {"1.2.3.4", "::1", "9.9.9.9", "::1"}},
                         {"1.2.3.4", "1.2.3.4", "1.2.3.4:1", {"1.2.3.4"}},
                         {",,", "x", "::1", {"::1"}},
                         {"", "", "", {}}}) {
    http::Request request;
    if (*c.forwarded != '\0') request.headers.Add("x-forwarded-for", c.forwarded);
    if (*c.real != '\0') request.headers.Add("x-real-ip", c.real);
    request.peer_address = c.peer;
    CHECK(SourceIps(request) == c.ips);
  }
  http::Request many;
  std::string list;
  for (int i = 0; i < 1000; ++i) list += "1.1.1.1,";
  many.headers.Add("x-forwarded-for", list);
  many.peer_address = "2.2.2.2:2";
  const auto ips = SourceIps(many);
  CHECK(ips.size() <= kSourcesMax);
  CHECK(ips.back() == "2.2.2.2");
}

TEST_CASE("Audit: user agents are cut, managed fields taken out, credentials named", "[audit]") {
  http::Request request;
  request.headers.Add("user-agent", std::string(1025, 'x'));
  CHECK(UserAgent(request) == std::string(1024, 'x') + "...TRUNCATED");

  CHECK(WithoutManagedFields(R"({"a":1})") == R"({"a":1})");
  CHECK(WithoutManagedFields(R"({"metadata":{"name":"x","managedFields":[1]}})") == R"({"metadata":{"name":"x"}})");
  CHECK(WithoutManagedFields(R"({"items":[{"metadata":{"managedFields":[]}}]})") == R"({"items":[{"metadata":{}}]})");
  CHECK(WithoutManagedFields(R"({"rows":[{"object":{"metadata":{"managedFields":[]}}},3]})") ==
        R"({"rows":[{"object":{"metadata":{}}},3]})");
  CHECK(WithoutManagedFields(R"(broken "managedFields")") == R"(broken "managedFields")");

  CHECK(FailedAuthentication(request) == "Authentication failed, no credentials provided");
  request.headers.Add("authorization", "bearer x");
  CHECK(FailedAuthentication(request) == "Authentication failed, attempted: bearer");
  request.peer_certificates = std::make_shared<http::PeerCertificates>();
  CHECK(FailedAuthentication(request) == "Authentication failed, attempted: bearer, x509");
}

}  // namespace
}  // namespace atoll::audit
