// ProxyHandler: one request of the front door, top to bottom: health, who is it, where does the path lead, stamp,
// forward.
//
// Authentication here is by client certificate only; bearer tokens travel on to the shard, which authenticates them
// (spec/tenancy.md 4.4). Identity headers of the client never get through: they are stripped from every request before
// anything else looks at it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/auth/authenticator.h"
#include "common/auth/identity_headers.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "common/index/workspace_index.h"
#include "common/metrics/metrics.h"

namespace atoll::front_proxy {

struct Metrics {
  explicit Metrics(metrics::Registry* registry);
  metrics::Family<metrics::Histogram>& request_duration;  // proxy_request_duration_seconds{method,code}
  metrics::Family<metrics::Counter>& connection_errors;   // kcp_listener_tls_connection_error{shard,error_type}
  metrics::Family<metrics::Counter>& request_bytes;       // kcp_backend_rq_body_bytes{shard}
  metrics::Family<metrics::Counter>& response_bytes;      // kcp_backend_rs_body_bytes{shard}
};

class ProxyHandler {
 public:
  struct Options {
    const index::WorkspaceIndex* index = nullptr;
    auth::Authenticator* authenticator = nullptr;  // client certificates
    auth::GroupFilter group_filter;
    // Where a shard listens; false when it is not known.
    std::function<bool(std::string_view shard, http::Origin* origin)> origin_of;
    std::function<bool()> ready;  // index has been filled
    metrics::Registry* registry = nullptr;
    Metrics* metrics = nullptr;
  };
  explicit ProxyHandler(Options options) : options_(std::move(options)) {}

  // On the loop that owns `client`.
  Task<void> Handle(http::Client& client, http::Request request, http::ResponseWriter& out);

 private:
  Task<void> Route(http::Client& client, http::Request request, http::ResponseWriter& out, int* status);
  index::Resolution Resolve(const std::string& cluster) const;
  Task<void> ServeMetrics(http::Client& client, http::Request request, http::ResponseWriter& out, int* status);

  const Options options_;
};

// `/clusters/<x>/rest?query`: splits it. False when the target is not below /clusters/ or names no cluster.
bool SplitClusterTarget(std::string_view target, std::string* cluster, std::string_view* rest);

// The cluster that an unverified service account token speaks of, or "": plain in-cluster clients send their token
// without a cluster prefix (spec/tenancy.md 1.10 item 2). The shard verifies the token.
std::string ClusterOfToken(std::string_view bearer_token);

}  // namespace atoll::front_proxy
