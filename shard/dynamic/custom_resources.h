// CustomResources: which custom resources each logical cluster of this shard serves, in memory.
//
// What is compiled is interned by content, and so are the sets of what a cluster serves: a cluster that defines the
// same as another one costs its entry and 24 bytes a definition. Both go with their last user. Fed by
// CustomResourceFollower and, ahead of it, by the controller that accepts names. Thread-safe; never blocks on I/O.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/json/value.h"
#include "common/path/path.h"
#include "common/store/types.h"
#include "shard/dynamic/compile.h"
#include "shard/registry/resolver.h"

namespace atoll::dynamic {

class CustomResources {
 public:
  // Called after a resource that was served is served otherwise, or no more: open watches end. Must not block.
  using OnChange = std::function<void(const LogicalClusterId& cluster, const api::GroupResource& resource)>;
  // Which of two writers knows better: an announced state is what the controller is about to write over the revision it
  // read, a stored one is what the log says.
  enum class Source : uint8_t { kStored, kAnnounced };

  CustomResources();
  ~CustomResources();
  // Before anything is put.
  void SetOnChange(OnChange on_change);

  // A definition as it is at `revision`. One that is not to be served is taken away. States older than the known one
  // are ignored. Errors: InvalidArgument, when it cannot be compiled; then it is not served.
  absl::Status Put(const LogicalClusterId& cluster, const json::Value& crd, store::Revision revision, Source source);
  // `name` as the definition's: `<plural>.<group>`.
  void Erase(const LogicalClusterId& cluster, std::string_view name, store::Revision revision);
  // Takes away what a cluster has beside `names`, after a state was read anew.
  void Retain(const LogicalClusterId& cluster, const std::vector<std::string>& names);
  std::vector<LogicalClusterId> Clusters() const;

  registry::DefinitionPtr Find(const LogicalClusterId& cluster, const api::Gvr& gvr) const;
  // A resource of any cluster, as it lies in the store: without a schema, since each cluster has its own; only for
  // metadata.
  registry::DefinitionPtr FindAnywhere(const api::Gvr& gvr) const;
  // `builtin` and what the cluster serves beside it; the same pointer for all clusters that serve the same.
  std::shared_ptr<const registry::Resolver::Set> All(const LogicalClusterId& cluster,
                                                     std::shared_ptr<const registry::Resolver::Set> builtin) const;
  // In the storage version, of everything the cluster defines, also where no version is served.
  std::vector<registry::DefinitionPtr> Stored(const LogicalClusterId& cluster) const;

  struct Stats {
    size_t clusters = 0, definitions = 0;  // distinct ones
  };
  Stats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atoll::dynamic
