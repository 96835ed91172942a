// Discovery: /api, /apis and what lies directly below (spec/api-machinery.md 1.7, 1.8). Thread-safe.
#pragma once

#include <string>

#include "common/loop/task.h"
#include "shard/endpoints/call.h"
#include "shard/endpoints/discovery/documents.h"
#include "shard/endpoints/discovery/set_cache.h"
#include "shard/registry/resolver.h"

namespace atoll::endpoints {

class Discovery {
 public:
  // `plain`: never as one document for everything, and 404 for versions of groups that nothing is served of.
  Discovery(const registry::Resolver* resolver, std::string server_address, bool plain)
      : resolver_(resolver), server_address_(std::move(server_address)), plain_(plain) {}

  // REQUIRES: call.info is a GET of /api, /apis, /apis/<group> or a group-version.
  Task<void> Serve(Call& call);

 private:
  Task<void> ServeRoot(Call& call, const DiscoveryDocuments& docs);

  const registry::Resolver* resolver_;
  const std::string server_address_;
  const bool plain_;
  SetCache<const DiscoveryDocuments> cache_;
};

}  // namespace atoll::endpoints
