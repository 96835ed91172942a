// Asks whether somebody may do something in one namespace.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"

namespace atoll::resources {

DefinitionPtr LocalSubjectAccessReviewResource() {
  registry::ResourceDefinition d = Review({"authorization.k8s.io", "v1", "localsubjectaccessreviews"},
                                          "LocalSubjectAccessReview", registry::Scope::kNamespaced);
  return Done(std::move(d));
}

}  // namespace atoll::resources
