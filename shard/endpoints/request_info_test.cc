#include "shard/endpoints/request_info.h"

#include <catch2/catch.hpp>

#include "common/api/errors.h"

namespace atoll::endpoints {
namespace {

// `want` in one line: verb cluster group/version ns resource name subresource, "-" for an empty part.
std::string Describe(const RequestInfo& i) {
  auto part = [](const std::string& s) { return s.empty() ? std::string("-") : s; };
  if (!i.resource_request) return part(i.verb) + " " + part(i.cluster) + " path=" + i.path;
  std::string identity = i.identity.empty() ? "" : ":" + i.identity;
  return part(i.verb) + " " + part(i.cluster) + " " + part(i.group) + "/" + i.version + " " + part(i.ns) + " " +
         part(i.resource) + identity + " " + part(i.name) + " " + part(i.subresource);
}

TEST_CASE("ParseRequestInfo", "[endpoints]") {
  struct Case {
    const char* name;
    const char* method;
    const char* target;
    const char* want;
  };
  const Case cases[] = {
      {"root", "GET", "/", "get - path=/"},
      {"cluster alone", "GET", "/clusters/root", "get root path=/"},
      {"version", "GET", "/clusters/root:a/version", "get root:a path=/version"},
      {"core discovery", "GET", "/api/v1", "get - path=/api/v1"},
      {"group discovery", "GET", "/clusters/root/apis/apps/v1/", "get root path=/apis/apps/v1/"},
      {"nested cluster prefix stays", "GET", "/clusters/a/clusters/b/api", "get a path=/clusters/b/api"},
      {"services", "POST", "/services/apiexport/x", "post - path=/services/apiexport/x"},
      {"wildcard list", "GET", "/clusters/*/apis/apps/v1/deployments", "list * apps/v1 - deployments - -"},
      {"wildcard with identity", "GET", "/clusters/*/apis/a.io/v1/widgets:abc", "list * a.io/v1 - widgets:abc - -"},
      {"list in a namespace", "GET", "/clusters/root/api/v1/namespaces/n/configmaps",
       "list root -/v1 n configmaps - -"},
      {"trailing slash", "GET", "/api/v1/namespaces/n/configmaps/", "list - -/v1 n configmaps - -"},
      {"watch query", "GET", "/api/v1/configmaps?watch=1", "watch - -/v1 - configmaps - -"},
      {"watch query, empty value", "GET", "/api/v1/configmaps?watch", "watch - -/v1 - configmaps - -"},
      {"watch query, false", "GET", "/api/v1/configmaps?watch=False", "list - -/v1 - configmaps - -"},
      {"watch prefix", "GET", "/api/v1/watch/namespaces/n/configmaps/c", "watch - -/v1 n configmaps c -"},
      {"watch prefix over all", "GET", "/api/v1/watch/configmaps", "watch - -/v1 - configmaps - -"},
      {"get", "GET", "/api/v1/namespaces/n/configmaps/c", "get - -/v1 n configmaps c -"},
      {"head is get", "HEAD", "/api/v1/namespaces/n/configmaps/c", "get - -/v1 n configmaps c -"},
      {"namespace object", "GET", "/api/v1/namespaces/foo", "get - -/v1 foo namespaces foo -"},
      {"namespace status", "PUT", "/api/v1/namespaces/foo/status", "update - -/v1 foo namespaces foo status"},
      {"namespace finalize", "PUT", "/api/v1/namespaces/foo/finalize", "update - -/v1 foo namespaces foo finalize"},
      {"namespaces", "POST", "/api/v1/namespaces", "create - -/v1 - namespaces - -"},
      {"subresource", "POST", "/api/v1/namespaces/n/serviceaccounts/s/token",
       "create - -/v1 n serviceaccounts s token"},
      {"patch", "PATCH", "/apis/rbac.authorization.k8s.io/v1/clusterroles/r",
       "patch - rbac.authorization.k8s.io/v1 - clusterroles r -"},
      {"delete", "DELETE", "/api/v1/namespaces/n/configmaps/c", "delete - -/v1 n configmaps c -"},
      {"deletecollection", "DELETE", "/api/v1/namespaces/n/configmaps", "deletecollection - -/v1 n configmaps - -"},
      {"name from field selector", "GET", "/api/v1/namespaces/n/configmaps?fieldSelector=a%3Db,metadata.name%3Dx",
       "list - -/v1 n configmaps x -"},
      {"name from == selector", "GET", "/api/v1/configmaps?watch=true&fieldSelector=metadata.name%3D%3Dx",
       "watch - -/v1 - configmaps x -"},
      {"no name from !=", "GET", "/api/v1/configmaps?fieldSelector=metadata.name!%3Dx", "list - -/v1 - configmaps - -"},
      {"no illegal name", "GET", "/api/v1/configmaps?fieldSelector=metadata.name%3D..", "list - -/v1 - configmaps - -"},
      {"escaped colon", "GET", "/clusters/root%3Aa/api/v1/namespaces", "list root:a -/v1 - namespaces - -"},
      {"other method", "OPTIONS", "/api/v1/namespaces", "- - -/v1 - namespaces - -"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      auto info = ParseRequestInfo(c.method, c.target);
      REQUIRE(info.ok());
      CHECK(Describe(*info) == c.want);
    }
  }
}

TEST_CASE("ParseRequestInfo refuses", "[endpoints]") {
  for (const char* target : {"/api/v1/watch", "/apis/apps/v1/watch/", "/api/v1/%zz", "/%"}) {
    auto info = ParseRequestInfo("GET", target);
    REQUIRE_FALSE(info.ok());
    CHECK(api::HttpCode(info.status()) == 400);
  }
}

TEST_CASE("Query", "[endpoints]") {
  Query q("dryRun=All&dryRun=x&force&pretty=0&empty=");
  CHECK(q.GetAll("dryRun") == std::vector<std::string>{"All", "x"});
  CHECK(q.Get("dryRun") == "All");
  CHECK(q.Bool("force"));
  CHECK(q.Bool("empty"));
  CHECK_FALSE(q.Bool("pretty"));
  CHECK_FALSE(q.Bool("absent"));
}

TEST_CASE("IsPathSegmentName", "[endpoints]") {
  std::string why;
  CHECK(IsPathSegmentName("a.b", &why));
  CHECK_FALSE(IsPathSegmentName("..", &why));
  CHECK(why == "may not be '..'");
  CHECK_FALSE(IsPathSegmentName("a%b/c", &why));
  CHECK(why == "may not contain '/';may not contain '%'");
}

}  // namespace
}  // namespace atoll::endpoints
