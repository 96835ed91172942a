#include "shard/tenancy/lifecycle.h"

#include <openssl/sha.h>

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/api/object.h"
#include "common/base/strings.h"

namespace atoll::tenancy {
namespace {

constexpr size_t kLabelNameMax = 63;  // Kubernetes counts the prefix in here, too

std::vector<std::string_view> Waiting(const json::Value& logical_cluster, const Lifecycle& lifecycle) {
  std::vector<std::string_view> out;
  const json::Value* list = logical_cluster.At({"status", lifecycle.list});
  if (list == nullptr || !list->is_array()) return out;
  for (const json::Value& id : list->array()) out.push_back(id.StringOr());
  return out;
}

bool SetLabels(const Lifecycle& lifecycle, json::Value* logical_cluster) {
  bool changed = false;
  std::vector<std::pair<std::string, std::string>> wanted;
  for (std::string_view id : Waiting(*logical_cluster, lifecycle)) wanted.push_back(LifecycleLabel(lifecycle, id));
  std::vector<std::string> stale;
  if (const json::Value* labels = logical_cluster->At({"metadata", "labels"}); labels != nullptr) {
    for (const auto& [key, value] : labels->object()) {
      const auto is_key = [&key = key](const auto& label) { return label.first == key; };
      if (key.starts_with(lifecycle.label_prefix) && std::none_of(wanted.begin(), wanted.end(), is_key))
        stale.push_back(key);
    }
  }
  for (const std::string& key : stale) changed |= api::RemoveLabel(logical_cluster, key);
  for (const auto& [key, value] : wanted) {
    if (api::Label(*logical_cluster, key) == value) continue;
    api::SetLabel(logical_cluster, key, value);
    changed = true;
  }
  return changed;
}

}  // namespace

std::pair<std::string, std::string> LifecycleLabel(const Lifecycle& lifecycle, std::string_view id) {
  unsigned char digest[SHA224_DIGEST_LENGTH];
  SHA224(reinterpret_cast<const unsigned char*>(id.data()), id.size(), digest);
  std::string hash =
      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), SHA224_DIGEST_LENGTH));
  std::string key = Cat(lifecycle.label_prefix, hash.substr(0, kLabelNameMax - lifecycle.label_prefix.size()));
  return {std::move(key), std::move(hash)};
}

bool SetLifecycleMetadata(json::Value* logical_cluster) {
  bool changed = SetLabels(kInitialization, logical_cluster);
  changed |= SetLabels(kTermination, logical_cluster);
  if (Waiting(*logical_cluster, kTermination).empty()) {
    changed |= api::RemoveFinalizer(logical_cluster, kTerminatorsFinalizer);
  } else if (!api::IsDeleting(*logical_cluster)) {  // no finalizer may be added to what is being deleted
    changed |= api::AddFinalizer(logical_cluster, kTerminatorsFinalizer);
  }
  return changed;
}

}  // namespace atoll::tenancy
