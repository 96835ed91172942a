#include "shard/registry/propagation.h"

#include <algorithm>

#include "common/api/object.h"
#include "shard/registry/metadata.h"
#include "shard/registry/registry_impl.h"
#include "shard/registry/strategy.h"

namespace atoll::registry {
namespace {

std::string_view FinalizerOf(std::string_view policy) {
  if (policy == "Orphan") return kOrphanFinalizer;
  if (policy == "Foreground") return kForegroundFinalizer;
  return {};
}

// The policy that `options` ask for, empty: none. The deprecated `orphanDependents: false` is a background deletion,
// but for a namespace (and whatever else is marked first) a foreground one.
std::string_view PolicyOf(const ResourceDefinition& definition, const DeleteOptions& options) {
  if (!options.orphan_dependents.has_value()) return options.propagation_policy;
  if (*options.orphan_dependents) return "Orphan";
  return definition.strategy->IsMarkedFirst() ? "Foreground" : "Background";
}

}  // namespace

std::vector<std::string> FinalizersAfterDelete(const ResourceDefinition& definition, const json::Value& object,
                                               const DeleteOptions& options) {
  std::vector<std::string> finalizers = api::Finalizers(object);
  const bool collected = StoredResource(definition) != api::GroupResource{"", "events"};
  const std::string_view policy = PolicyOf(definition, options);
  std::string_view added = FinalizerOf(policy);
  if (policy.empty()) {
    for (const std::string& f : finalizers) {
      if (f == kOrphanFinalizer || f == kForegroundFinalizer) {
        added = f == kOrphanFinalizer ? kOrphanFinalizer : kForegroundFinalizer;
        break;
      }
    }
  }
  if (collected && !added.empty() && std::find(finalizers.begin(), finalizers.end(), added) != finalizers.end()) {
    // It is there: it keeps its place, so that a second deletion changes nothing.
    std::erase_if(finalizers, [&](const std::string& f) {
      return f != added && (f == kOrphanFinalizer || f == kForegroundFinalizer);
    });
    return finalizers;
  }
  std::erase_if(finalizers, [](const std::string& f) { return f == kOrphanFinalizer || f == kForegroundFinalizer; });
  if (collected && !added.empty()) finalizers.emplace_back(added);
  return finalizers;
}

}  // namespace atoll::registry
