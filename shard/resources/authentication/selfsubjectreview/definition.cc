// Asks who the requester is.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"

namespace atoll::resources {

DefinitionPtr SelfSubjectReviewResource() {
  registry::ResourceDefinition d =
      Review({"authentication.k8s.io", "v1", "selfsubjectreviews"}, "SelfSubjectReview", registry::Scope::kCluster);
  return Done(std::move(d));
}

}  // namespace atoll::resources
