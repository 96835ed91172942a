#include "front-proxy/server/handler.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/api/errors.h"
#include "common/base/clock.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "common/json/write.h"
#include "common/log/log.h"
#include "front-proxy/forward/forward.h"

namespace atoll::front_proxy {
namespace {

constexpr int kIndexWaits = 5;
constexpr absl::Duration kIndexWait = absl::Milliseconds(20);
constexpr std::string_view kNotFound = "404 page not found\n";

std::vector<double> DurationBuckets() {
  return {.005, .025, .05, .1, .2, .4, .6, .8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60};
}

Task<absl::Status> SendText(http::ResponseWriter& out, int status, std::string text) {
  http::Headers headers;
  headers.Add("content-type", "text/plain; charset=utf-8");
  headers.Add("x-content-type-options", "nosniff");
  auto sent = co_await out.Send(status, std::move(headers), std::move(text));
  co_return sent;
}

Task<absl::Status> SendError(http::ResponseWriter& out, absl::Status error) {
  http::Headers headers;
  headers.Add("content-type", "application/json");
  headers.Add("cache-control", "no-cache, private");
  auto sent = co_await out.Send(api::HttpCode(error), std::move(headers), json::Write(api::StatusObject(error)) + "\n");
  co_return sent;
}

// What an unknown or malformed cluster gets: the same for both, so that nobody learns which workspaces exist.
absl::Status NotPermitted(std::string_view method, std::string_view path) {
  std::string verb(method);
  for (char& c : verb) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return api::Forbidden({}, "",
                        StrCat("User \"\" cannot ", verb, " path \"", path, "\": workspace access not permitted"));
}

std::string_view MethodLabel(std::string_view method) {
  for (std::string_view known : {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}) {
    if (method == known) return known;
  }
  return "other";
}

}  // namespace

Metrics::Metrics(metrics::Registry* registry)
    : request_duration(registry->NewHistogram("proxy_request_duration_seconds",
                                              "Time from a request's headers to the end of its answer.",
                                              DurationBuckets(), {"method", "code"}, 512)),
      connection_errors(registry->NewCounter("kcp_listener_tls_connection_error",
                                             "Requests that failed because a shard could not be reached.",
                                             {"shard", "error_type"}, 1024)),
      request_bytes(
          registry->NewCounter("kcp_backend_rq_body_bytes", "Request body bytes sent to a shard.", {"shard"}, 1024)),
      response_bytes(registry->NewCounter("kcp_backend_rs_body_bytes", "Response body bytes received from a shard.",
                                          {"shard"}, 1024)) {}

bool SplitClusterTarget(std::string_view target, std::string* cluster, std::string_view* rest) {
  constexpr std::string_view kPrefix = "/clusters/";
  if (!target.starts_with(kPrefix)) return false;
  target.remove_prefix(kPrefix.size());
  const size_t end = std::min(target.find_first_of("/?"), target.size());
  if (end == 0 || !http::PercentDecode(target.substr(0, end), false, cluster)) return false;
  *rest = target.substr(end);
  return true;
}

std::string ClusterOfToken(std::string_view token) {
  std::vector<absl::string_view> parts = absl::StrSplit(ToAbsl(token), '.');
  std::string payload;
  if (parts.size() != 3 || token.size() > auth::kTokenBytesMax || !absl::WebSafeBase64Unescape(parts[1], &payload))
    return "";
  auto claims = json::Parse(payload, {.depth_max = 16});
  if (!claims.ok()) return "";
  std::string_view name = claims->StringAt({"kubernetes.io", "clusterName"});
  if (name.empty()) name = claims->StringAt({"kubernetes.io/serviceaccount/clusterName"});
  return LogicalClusterId::IsValid(name) ? std::string(name) : "";
}

Task<void> ProxyHandler::Handle(http::Client& client, http::Request request, http::ResponseWriter& out) {
  const absl::Duration start = SystemClock().Monotonic();
  const std::string method(MethodLabel(request.method));
  int status = 0;
  co_await Route(client, std::move(request), out, &status);
  options_.metrics->request_duration.With({method, StrCat(status)})
      .Observe(absl::ToDoubleSeconds(SystemClock().Monotonic() - start));
}

Task<void> ProxyHandler::Route(http::Client& client, http::Request request, http::ResponseWriter& out, int* status) {
  const std::string path(request.path());
  if (path == "/livez" || path == "/readyz") {
    const bool ok = path == "/livez" || options_.ready();
    *status = ok ? 200 : 500;
    (void)co_await SendText(out, *status, ok ? "ok" : "[-]index failed: reason withheld\nreadyz check failed\n");
    co_return;
  }

  auth::StripIdentityHeaders(&request.headers);
  auto user = co_await options_.authenticator->Authenticate(request);
  if (!user.ok()) {
    *status = 401;
    (void)co_await SendError(out, api::Unauthorized());
    co_return;
  }
  if (user->has_value()) auth::StampIdentityHeaders(**user, options_.group_filter, &request.headers);

  if (path == "/metrics") {
    co_await ServeMetrics(client, std::move(request), out, status);
    co_return;
  }

  // In-cluster clients know no workspace path, but their token does.
  if (!path.starts_with("/clusters/") && !path.starts_with("/services/")) {
    if (std::string cluster = ClusterOfToken(auth::BearerToken(request)); !cluster.empty()) {
      request.target = StrCat("/clusters/", cluster, request.target);
    }
  }

  std::string cluster;
  std::string_view rest;
  if (!SplitClusterTarget(request.target, &cluster, &rest)) {
    *status = 404;
    (void)co_await SendText(out, 404, std::string(kNotFound));
    co_return;
  }
  index::Resolution where = Resolve(cluster);
  // A workspace is Ready on its shards a few milliseconds before their streams have told the index: whoever has just
  // created it is let wait for that, and nobody longer than kIndexWaits * kIndexWait.
  for (int i = 0; i < kIndexWaits && where.kind == index::Resolution::Kind::kUnknown; ++i) {
    co_await atoll::SleepFor(kIndexWait);
    where = Resolve(cluster);
  }
  if (where.kind == index::Resolution::Kind::kUnavailable) {
    *status = 503;
    (void)co_await SendText(out, 503, "Not available.\n");
    co_return;
  }
  http::Origin origin;
  if (where.kind != index::Resolution::Kind::kFound || where.shard.empty() ||
      !options_.origin_of(where.shard, &origin)) {
    *status = 403;
    (void)co_await SendError(out, NotPermitted(request.method, path));
    co_return;
  }
  // Paths never reach shards, only ids.
  ForwardTarget target{std::move(origin), StrCat("/clusters/", where.cluster.name(), rest)};
  ForwardResult result = co_await Forward(client, std::move(target), std::move(request), out);
  *status = result.status;
  options_.metrics->request_bytes.With({where.shard}).Add(result.request_bytes);
  options_.metrics->response_bytes.With({where.shard}).Add(result.response_bytes);
  if (result.status == 502) options_.metrics->connection_errors.With({where.shard, "unreachable"}).Add();
}

index::Resolution ProxyHandler::Resolve(const std::string& cluster) const {
  // system: names are of one shard each and never routed.
  if (!WorkspacePath::IsValid(cluster) || cluster.starts_with("system:")) return {};
  index::Resolution where = options_.index->Resolve(WorkspacePath(cluster));
  if (where.kind == index::Resolution::Kind::kFound && where.shard.empty())
    where.kind = index::Resolution::Kind::kUnknown;
  return where;
}

// The proxy holds no policy: whether the caller may read metrics is root's to say (get on /metrics there).
Task<void> ProxyHandler::ServeMetrics(http::Client& client, http::Request request, http::ResponseWriter& out,
                                      int* status) {
  index::Resolution root = options_.index->Resolve(WorkspacePath("root"));
  http::Origin origin;
  if (root.shard.empty() || !options_.origin_of(root.shard, &origin)) {
    *status = 503;
    (void)co_await SendText(out, 503, "Not available.\n");
    co_return;
  }
  http::ClientRequest review;
  review.method = "POST";
  review.target = "/clusters/root/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  for (const auto& [name, value] : request.headers.fields()) {
    if (name == "authorization" || name.starts_with("x-remote-")) review.headers.Add(name, value);
  }
  review.headers.Set("content-type", "application/json");
  review.body =
      R"({"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"nonResourceAttributes":{"path":"/metrics","verb":"get"}}})";
  auto answer = co_await client.Do(std::move(origin), std::move(review));
  bool allowed = false;
  *status = 503;
  if (answer.ok()) {
    *status = answer->status == 401 ? 401 : 403;
    auto body = co_await answer->body->ReadAll(1 << 20);
    if (body.ok() && answer->status == 201) {
      auto object = json::Parse(*body);
      allowed = object.ok() && object->BoolAt({"status", "allowed"});
    }
  }
  if (!allowed) {
    (void)co_await SendError(out, *status == 401
                                      ? api::Unauthorized()
                                      : api::Forbidden({}, "", "cannot get path \"/metrics\": access denied"));
    co_return;
  }
  *status = 200;
  http::Headers headers;
  headers.Add("content-type", "text/plain; version=0.0.4; charset=utf-8");
  (void)co_await out.Send(200, std::move(headers), options_.registry->Text());
}

}  // namespace atoll::front_proxy
