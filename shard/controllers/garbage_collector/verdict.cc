#include "shard/controllers/garbage_collector/verdict.h"

#include <algorithm>

#include "common/api/object.h"
#include "shard/registry/metadata.h"

namespace atoll::controllers {

Verdict Judge(const std::vector<OwnerState>& owners, const json::Value& object, const DependentsOf& dependents) {
  Verdict verdict;
  if (owners.empty()) return verdict;
  const auto count = [&](OwnerState state) { return std::count(owners.begin(), owners.end(), state); };
  if (count(OwnerState::kSolid) > 0) {
    // It stays for those that are there. A waiting owner must not wait for what stays.
    for (size_t i = 0; i < owners.size(); ++i) {
      if (owners[i] != OwnerState::kSolid) verdict.drop.push_back(i);
    }
    if (!verdict.drop.empty()) verdict.kind = Verdict::Kind::kDropReferences;
    return verdict;
  }
  verdict.kind = Verdict::Kind::kDelete;
  if (count(OwnerState::kWaiting) > 0 && dependents.any) {
    verdict.propagation = "Foreground";
    verdict.unblock = dependents.any_waiting;
  } else if (api::HasFinalizer(object, registry::kOrphanFinalizer)) {
    verdict.propagation = "Orphan";
  } else if (api::HasFinalizer(object, registry::kForegroundFinalizer)) {
    verdict.propagation = "Foreground";
  } else {
    verdict.propagation = "Background";
  }
  return verdict;
}

}  // namespace atoll::controllers
