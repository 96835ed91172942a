#include "shard/registry/strategy.h"

#include <algorithm>

#include "common/apply/field_set.h"
#include "shard/registry/definition.h"
#include "shard/registry/names.h"

namespace atoll::registry {

std::vector<std::string> Strategy::ValidateName(std::string_view name, bool prefix) const {
  return CheckDnsSubdomain(name, prefix);
}

bool Strategy::BumpsGeneration(const json::Value& object, const json::Value& old) const {
  const auto counts = [](std::string_view key) {
    return key != "metadata" && key != "status" && key != "kind" && key != "apiVersion";
  };
  size_t members = 0;
  for (const auto& [key, value] : object.object()) {
    if (!counts(key)) continue;
    ++members;
    const json::Value* before = old.Find(key);
    if (before == nullptr || !(*before == value)) return true;
  }
  return members != static_cast<size_t>(std::count_if(old.object().begin(), old.object().end(),
                                                      [&](const auto& m) { return counts(m.first); }));
}

const apply::FieldSet* Strategy::ResetFields(const ResourceDefinition& definition, std::string_view subresource) const {
  using apply::FieldSet;
  static const FieldSet* const status = new FieldSet(FieldSet::OfMembers({{"status"}}));
  static const FieldSet* const spec = new FieldSet(FieldSet::OfMembers({{"spec"}}));
  static const FieldSet* const all_but_status = new FieldSet(FieldSet::OfMembers({{"metadata"}, {"spec"}}));
  if (definition.FindSubresource("status") == nullptr) return nullptr;
  if (subresource != "status") return status;
  return definition.flavor == Flavor::kTyped ? spec : all_but_status;
}

}  // namespace atoll::registry
