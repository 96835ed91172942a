// Asks what the requester may do in a namespace.
#include <utility>

#include "shard/resources/all.h"
#include "shard/resources/build.h"

namespace atoll::resources {

DefinitionPtr SelfSubjectRulesReviewResource() {
  registry::ResourceDefinition d = Review({"authorization.k8s.io", "v1", "selfsubjectrulesreviews"},
                                          "SelfSubjectRulesReview", registry::Scope::kCluster);
  return Done(std::move(d));
}

}  // namespace atoll::resources
