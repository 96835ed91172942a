// Asks whether the requester may do something.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"

namespace atoll::resources {

DefinitionPtr SelfSubjectAccessReviewResource() {
  registry::ResourceDefinition d = Review({"authorization.k8s.io", "v1", "selfsubjectaccessreviews"},
                                          "SelfSubjectAccessReview", registry::Scope::kCluster);
  return Done(std::move(d));
}

}  // namespace atoll::resources
