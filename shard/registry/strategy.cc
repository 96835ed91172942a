#include "shard/registry/strategy.h"

#include <algorithm>

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

}  // namespace atoll::registry
