#include "front-proxy/server/handler.h"

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "common/base/strings.h"
#include "front-proxy/forward/forward.h"

namespace atoll::front_proxy {
namespace {

TEST_CASE("SplitClusterTarget", "[front-proxy]") {
  struct Case {
    const char* target;
    bool ok;
    const char* cluster;
    const char* rest;
  };
  const Case cases[] = {
      {"/clusters/root/api", true, "root", "/api"},
      {"/clusters/root:org:team/api/v1?x=/y", true, "root:org:team", "/api/v1?x=/y"},
      {"/clusters/root", true, "root", ""},
      {"/clusters/root?watch=1", true, "root", "?watch=1"},
      {"/clusters/root%3Aorg/api", true, "root:org", "/api"},
      {"/clusters/*/api", true, "*", "/api"},
      {"/clusters/a/clusters/b/api", true, "a", "/clusters/b/api"},
      {"/clusters/", false, "", ""},
      {"/clusters//api", false, "", ""},
      {"/clusters/%zz/api", false, "", ""},
      {"/clustersroot/api", false, "", ""},
      {"/services/x", false, "", ""},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.target) {
      std::string cluster;
      std::string_view rest;
      REQUIRE(SplitClusterTarget(c.target, &cluster, &rest) == c.ok);
      if (!c.ok) continue;
      CHECK(cluster == c.cluster);
      CHECK(rest == c.rest);
    }
  }
}

TEST_CASE("ClusterOfToken reads the claim and nothing else", "[front-proxy]") {
  auto token = [](std::string_view claims) {
    return StrCat("e30.", absl::WebSafeBase64Escape(ToAbsl(claims)), ".sig");
  };
  CHECK(ClusterOfToken(token(R"({"kubernetes.io":{"clusterName":"c1abc"}})")) == "c1abc");
  CHECK(ClusterOfToken(token(R"({"kubernetes.io/serviceaccount/clusterName":"c2abc"})")) == "c2abc");
  CHECK(ClusterOfToken(token(R"({"kubernetes.io":{"clusterName":"../etc"}})")).empty());
  CHECK(ClusterOfToken(token("not json")).empty());
  CHECK(ClusterOfToken("opaque-token").empty());
  CHECK(ClusterOfToken("").empty());
}

TEST_CASE("hop-by-hop headers stay behind, named ones too", "[front-proxy]") {
  http::Headers headers;
  for (auto [name, value] : {std::pair{"connection", "keep-alive, x-secret"},
                             {"x-secret", "1"},
                             {"te", "trailers"},
                             {"accept", "a"},
                             {"upgrade", "h2c"}}) {
    headers.Add(name, value);
  }
  RemoveHopByHop(&headers);
  REQUIRE(headers.fields().size() == 1);
  CHECK(headers.Get("accept") == "a");
}

}  // namespace
}  // namespace atoll::front_proxy
