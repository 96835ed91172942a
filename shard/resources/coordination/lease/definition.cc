// A lock with an owner and a clock, for electing leaders.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"
#include "shard/resources/columns.h"
#include "shard/resources/coordination/lease/strategy.h"

namespace atoll::resources {

DefinitionPtr LeaseResource() {
  registry::ResourceDefinition d =
      Typed({"coordination.k8s.io", "v1", "leases"}, "Lease", registry::Scope::kNamespaced);
  d.columns = {Text("Holder", {"spec", "holderIdentity"}), Age()};
  d.create_on_update = true;
  d.unconditional_update = false;
  d.qualified_finalizers = false;
  d.strategy = std::make_shared<LeaseStrategy>();
  d.storage_version_hash = "W2VnCvefUFg=";
  return Done(std::move(d));
}

}  // namespace atoll::resources
