// Asks whose token this is.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"

namespace atoll::resources {

DefinitionPtr TokenReviewResource() {
  registry::ResourceDefinition d =
      Review({"authentication.k8s.io", "v1", "tokenreviews"}, "TokenReview", registry::Scope::kCluster);
  return Done(std::move(d));
}

}  // namespace atoll::resources
