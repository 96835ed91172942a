// ApiServer: from an authorized call to its answer. Routing (which 404, which 405), discovery, OpenAPI and verbs over
// one Resolver and one Registry. The shard has one; a virtual workspace that serves an API has its own. Thread-safe.
#pragma once

#include <memory>

#include "common/loop/task.h"
#include "shard/endpoints/call.h"
#include "shard/endpoints/discovery/discovery.h"
#include "shard/endpoints/open_watches.h"
#include "shard/endpoints/openapi/openapi.h"
#include "shard/endpoints/verbs.h"
#include "shard/registry/connector.h"
#include "shard/registry/resolver.h"

namespace atoll::endpoints {

class ApiServer {
 public:
  struct Options {
    registry::Registry* registry = nullptr;
    const registry::Resolver* resolver = nullptr;
    const registry::Connectors* connectors = nullptr;  // may be null
    const schema::Definitions* definitions = nullptr;  // of compiled-in types, for OpenAPI; never null
    const Clock* clock = nullptr;
    std::string server_address;                            // `host:port` that discovery names
    bool plain_discovery = false;                          // as kcp's virtual workspaces have it, see Discovery
    WatchMetrics* watch_metrics = nullptr;                 // may be null
    absl::Duration watch_timeout_min = absl::Minutes(30);  // Limits::min_request_timeout
  };
  explicit ApiServer(Options options);

  // True when it has answered: the path is below /api, /apis or /openapi. REQUIRES: call.info, user and cluster are
  // set, and the user may.
  Task<bool> Serve(Call& call);
  // Ends all watches; new ones get 429.
  void Drain() { watches_.Drain(); }
  // A custom resource is served otherwise, or no more.
  void EndWatches(const LogicalClusterId& cluster, const api::GroupResource& resource) {
    watches_.End(cluster, resource);
  }
  // Rights in `cluster`, or anywhere (null), have changed: its watches ask again, and end if they may not go on.
  void RecheckWatches(const LogicalClusterId* cluster) { watches_.Recheck(cluster); }
  void EndWildcardWatches() { watches_.EndWildcards(); }
  size_t open_watches() const { return watches_.size(); }

 private:
  Task<void> ServeResource(Call& call);
  // The definition for the call; null for a path that is none (plain text 404). Errors: the 400, 404 or 405 to answer.
  absl::StatusOr<registry::DefinitionPtr> Route(const Call& call) const;
  absl::Status CheckMethod(const Call& call, const registry::ResourceDefinition& definition, bool connectable) const;

  Options options_;
  OpenWatches watches_;
  Backend backend_;
  Discovery discovery_;
  OpenApi openapi_;
};

}  // namespace atoll::endpoints
