// Connector: a create-only resource or subresource that is answered, not stored: reviews, serviceaccounts/token,
// namespaces/finalize.
#pragma once

#include "absl/status/statusor.h"
#include "common/json/value.h"
#include "common/loop/task.h"
#include "shard/registry/registry.h"

namespace atoll::registry {

class Connector {
 public:
  virtual ~Connector() = default;
  // `body` is decoded, typed and defaulted. Returns the object to answer (201 for POST, 200 for PUT).
  virtual Task<absl::StatusOr<json::Value>> Connect(CallContext& ctx, json::Value body, WriteOptions options) = 0;
};

// Looked up by resource and subresource ("" for the resource itself). Built by the composition root from rows.
class Connectors {
 public:
  void Add(api::GroupResource resource, std::string subresource, std::unique_ptr<Connector> connector);
  Connector* Find(const api::GroupResource& resource, std::string_view subresource) const;

 private:
  struct Row {
    api::GroupResource resource;
    std::string subresource;
    std::unique_ptr<Connector> connector;
  };
  std::vector<Row> rows_;
};

}  // namespace atoll::registry
