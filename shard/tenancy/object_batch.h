// ObjectBatch: several new objects for one store transaction, with the fields that the server owns.
//
// For what must appear at once or not at all and never collides with a client's write: a logical cluster with its
// content, root's bootstrap. Everything else goes through the Registry. Not thread-safe.
#pragma once

#include <functional>
#include <string>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/json/value.h"
#include "common/store/types.h"
#include "shard/registry/registry.h"

namespace atoll::tenancy {

using DefinitionLookup = std::function<registry::DefinitionPtr(const api::Gvr& gvr)>;

class ObjectBatch {
 public:
  ObjectBatch(DefinitionLookup definitions, const Clock& clock, Random& random);

  // Adds `object`, which must not exist yet (AlreadyExists on commit otherwise). Sets uid, creationTimestamp and, where
  // the resource has one, generation 1; `ns` empty for cluster scope. What it says is recorded as the server's
  // (managedFields), but for finalizers and status, unless it has been recorded already. REQUIRES: `gvr` has a
  // definition and metadata.name is set. Returns the new uid.
  std::string Add(const api::Gvr& gvr, const LogicalClusterId& cluster, std::string_view ns, json::Value object);

  // Records `object` as written by the server so far: its main part if `subresource` is empty, else that subresource.
  void Record(const api::Gvr& gvr, std::string_view subresource, const json::Value* before, json::Value* object) const;

  store::Transaction Take() { return std::move(transaction_); }

 private:
  DefinitionLookup definitions_;
  const absl::Time now_;
  Random& random_;
  store::Transaction transaction_;
};

}  // namespace atoll::tenancy
