// ContentRemover: deletes what lies in a namespace or in a whole logical cluster.
//
// The one place besides the Registry that deletes objects: content without finalizers goes in few transactions
// (watchers see each deletion), content with finalizers is deleted through the API and waited for. Reads run on the
// BlockingPool. Any loop.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/client/api_client.h"
#include "common/loop/sync.h"
#include "common/store/store.h"
#include "shard/registry/registry.h"
#include "shard/registry/resolver.h"
#include "shard/storage/stored_object.h"

namespace atoll::tenancy {

// What is still there after a pass, and why.
struct Remaining {
  std::map<std::string, int> instances;   // by `widgets.example.com`
  std::map<std::string, int> finalizers;  // by finalizer
  bool empty() const { return instances.empty(); }
};

class ContentRemover {
 public:
  // All outlive it.
  ContentRemover(store::Store& store, BlockingPool& pool, client::ApiClient& client, const registry::Resolver& resolver)
      : store_(store), pool_(pool), client_(client), resolver_(resolver) {}

  // Everything namespaced in `ns`.
  Task<absl::StatusOr<Remaining>> RemoveNamespaced(LogicalClusterId cluster, std::string ns);
  // All objects of one resource.
  Task<absl::StatusOr<Remaining>> RemoveResource(LogicalClusterId cluster, registry::DefinitionPtr definition);
  // Everything in the cluster: child workspaces first, then the rest, then bindings and cluster roles, and with the
  // last of them the LogicalCluster object itself, unless it has finalizers other than ours. `logical_cluster` as it is
  // now.
  Task<absl::StatusOr<Remaining>> RemoveCluster(LogicalClusterId cluster, json::Value logical_cluster);

 private:
  struct Found {
    registry::DefinitionPtr definition;
    storage::ResourceKey key;
    std::string store_key;
    store::Revision modified;
    std::vector<std::string> finalizers;
    bool deleting = false;
    store::Transaction unindex;  // what its deletion takes out of the owner index
  };
  using Filter = std::function<bool(const registry::ResourceDefinition&)>;
  Task<absl::StatusOr<std::vector<Found>>> Find(LogicalClusterId cluster, std::string ns, Filter filter);
  Task<absl::StatusOr<std::vector<Found>>> FindOf(LogicalClusterId cluster, std::string ns,
                                                  std::vector<registry::DefinitionPtr> wanted);
  // Deletes what has no finalizers, asks for the deletion of the rest.
  Task<absl::StatusOr<Remaining>> Remove(std::vector<Found> found);
  Task<absl::Status> DeleteNow(std::vector<Found> found);

  store::Store& store_;
  BlockingPool& pool_;
  client::ApiClient& client_;
  const registry::Resolver& resolver_;
};

}  // namespace atoll::tenancy
