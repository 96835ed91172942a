// OpenApi: /openapi/v2 and /openapi/v3 (spec/api-machinery.md 1.9, 1.10). Documents are built on first use, once for
// each set of definitions, and kept for the last few sets: about 2 MB each. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/loop/task.h"
#include "common/schema/load.h"
#include "shard/endpoints/call.h"
#include "shard/endpoints/discovery/set_cache.h"
#include "shard/registry/resolver.h"

namespace atoll::endpoints {

class OpenApi {
 public:
  // `definitions`: of compiled-in types; outlive this.
  OpenApi(const registry::Resolver* resolver, const schema::Definitions* definitions, const Clock* clock)
      : resolver_(resolver), definitions_(definitions), clock_(clock) {}

  // Answers what is below /openapi; false for anything else.
  Task<bool> Serve(Call& call);

 private:
  struct Document {
    std::string body, hash;
    absl::Time built;
  };
  using DocumentPtr = std::shared_ptr<const Document>;
  // The documents of one set; built lazily under its mutex.
  struct Documents {
    absl::Mutex mutex;
    std::map<std::string, DocumentPtr> v3 ABSL_GUARDED_BY(mutex);
    DocumentPtr index ABSL_GUARDED_BY(mutex), v2 ABSL_GUARDED_BY(mutex), v2_protobuf ABSL_GUARDED_BY(mutex);
  };

  std::shared_ptr<Documents> For(const std::shared_ptr<const registry::Resolver::Set>& set);
  // Null when the set has no such group-version.
  DocumentPtr V3(Documents& documents, const registry::Resolver::Set& set, const std::string& path) const;
  DocumentPtr Index(Documents& documents, const registry::Resolver::Set& set) const;
  DocumentPtr V2(Documents& documents, const registry::Resolver::Set& set) const;
  DocumentPtr V2Protobuf(Documents& documents, const registry::Resolver::Set& set) const;
  DocumentPtr Finish(std::string body) const;
  Task<void> Send(Call& call, DocumentPtr document, std::string content_type);
  Task<void> ServeV2(Call& call);
  Task<void> ServeV3(Call& call, std::string path);

  const registry::Resolver* resolver_;
  const schema::Definitions* definitions_;
  const Clock* clock_;
  SetCache<Documents, 32> cache_;
};

}  // namespace atoll::endpoints
