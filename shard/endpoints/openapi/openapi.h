// OpenApi: /openapi/v2 and /openapi/v3 (spec/api-machinery.md 1.9, 1.10). Documents are built on first use, once for
// each set of definitions. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/loop/task.h"
#include "shard/endpoints/call.h"
#include "shard/endpoints/discovery/set_cache.h"
#include "shard/registry/resolver.h"

namespace atoll::endpoints {

class OpenApi {
 public:
  OpenApi(const registry::Resolver* resolver, const Clock* clock) : resolver_(resolver), clock_(clock) {}

  // Answers what is below /openapi; false for anything else.
  Task<bool> Serve(Call& call);

 private:
  struct Document {
    std::string body, hash;
  };
  using DocumentPtr = std::shared_ptr<const Document>;
  // The documents of one set; built lazily under its mutex.
  struct Documents {
    absl::Mutex mutex;
    std::map<std::string, DocumentPtr> v3 ABSL_GUARDED_BY(mutex);
    DocumentPtr index ABSL_GUARDED_BY(mutex), v2 ABSL_GUARDED_BY(mutex);
  };

  std::shared_ptr<Documents> For(const std::shared_ptr<const registry::Resolver::Set>& set);
  // Null when the set has no such group-version.
  static DocumentPtr V3(Documents& documents, const registry::Resolver::Set& set, const std::string& path);
  static DocumentPtr Index(Documents& documents, const registry::Resolver::Set& set);
  static DocumentPtr V2(Documents& documents, const registry::Resolver::Set& set);
  Task<void> Send(Call& call, DocumentPtr document, std::string content_type);
  Task<void> ServeV3(Call& call, std::string path);

  const registry::Resolver* resolver_;
  const Clock* clock_;
  SetCache<Documents> cache_;
};

}  // namespace atoll::endpoints
