// Asks whether somebody may do something.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"

namespace atoll::resources {

DefinitionPtr SubjectAccessReviewResource() {
  registry::ResourceDefinition d =
      Review({"authorization.k8s.io", "v1", "subjectaccessreviews"}, "SubjectAccessReview", registry::Scope::kCluster);
  return Done(std::move(d));
}

}  // namespace atoll::resources
