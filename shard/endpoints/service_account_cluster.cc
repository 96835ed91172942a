#include "shard/endpoints/service_account_cluster.h"

#include "absl/strings/escaping.h"
#include "common/auth/authenticator.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/path/path.h"
#include "shard/endpoints/text.h"

namespace atoll::endpoints {
namespace {

// The claim of a JWT's second part; "" when there is none.
std::string ClusterClaim(std::string_view token) {
  if (token.empty() || token.size() > auth::kTokenBytesMax) return "";
  auto parts = Split(token, '.');
  std::string payload;
  if (parts.size() != 3 || !absl::WebSafeBase64Unescape(ToAbsl(parts[1]), &payload)) return "";
  auto claims = json::Parse(payload);
  if (!claims.ok()) return "";
  std::string_view name = claims->StringAt({"kubernetes.io", "clusterName"});
  if (name.empty()) name = claims->StringAt({"kubernetes.io/serviceaccount/clusterName"});
  return std::string(name);
}

}  // namespace

std::string TargetWithServiceAccountCluster(const http::Request& request) {
  std::string_view target = request.target;
  if (target.starts_with("/clusters/") || target.starts_with("/services/") ||
      request.headers.Has("x-kubernetes-sharded-request")) {
    return request.target;
  }
  std::string cluster = ClusterClaim(auth::BearerToken(request));
  if (cluster.empty() || !LogicalClusterId::IsValid(cluster)) return request.target;
  return Cat("/clusters/", cluster, target.starts_with('/') ? "" : "/", target);
}

}  // namespace atoll::endpoints
