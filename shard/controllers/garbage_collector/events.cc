#include "shard/controllers/garbage_collector/events.h"

#include <algorithm>

#include "shard/controllers/garbage_collector/keys.h"
#include "shard/storage/json_scan.h"
#include "shard/storage/owner_index.h"
#include "shard/storage/stored_object.h"

namespace atoll::controllers {
namespace {

using storage::OwnerReference;

// Kubernetes' collector leaves events alone, whatever they name.
bool IsIgnored(const storage::ResourceKey& key) { return key.resource == api::GroupResource{"", "events"}; }

// Being deleted, and held by a finalizer that the collector takes away. May be true for others.
bool IsHeld(std::string_view value) {
  return storage::Contains(value, "\"deletionTimestamp\":\"") &&
         (storage::Contains(value, "\"foregroundDeletion\"") || storage::Contains(value, "\"orphan\""));
}

std::string_view UidOf(std::string_view value, std::string* bytes) {
  *bytes = std::string(storage::StoredObject(std::string(value), {}).RawJson());
  const auto metadata = storage::FindMember(*bytes, "metadata");
  if (!metadata.has_value()) return {};
  std::string_view uid = storage::FindMember(*metadata, "uid").value_or("");
  return uid.size() > 2 ? uid.substr(1, uid.size() - 2) : std::string_view();
}

bool GoesWithItsCluster(const LogicalClusterId& cluster, const registry::Clusters& clusters) {
  if (cluster.is_system()) return false;
  const auto info = clusters.Find(cluster);
  return info == nullptr || info->deleting;
}

void AddOwner(const storage::ResourceKey& key, const OwnerReference& owner, std::vector<std::string>* keys) {
  if (!owner.blocks) return;
  if (std::string of = OwnerKey(key.cluster, key.ns, owner); !of.empty()) keys->push_back(std::move(of));
}

}  // namespace

void CollectorKeysOf(const store::Event& event, const registry::Clusters& clusters, std::vector<std::string>* keys) {
  const bool deleted = event.kind == store::Event::Kind::kDeleted;
  const bool owned = storage::MayHaveOwners(event.value);
  const bool was_owned = event.previous.has_value() && storage::MayHaveOwners(*event.previous);
  const bool held = !deleted && IsHeld(event.value);
  if (!deleted && !owned && !was_owned && !held) return;
  const auto key = storage::DecodeKey(event.key);
  if (!key.ok() || IsIgnored(*key)) return;
  const std::vector<OwnerReference> owners =
      owned ? storage::OwnerReferencesOf(event.value) : std::vector<OwnerReference>();
  if (deleted) {
    for (const OwnerReference& owner : owners) AddOwner(*key, owner, keys);
    if (GoesWithItsCluster(key->cluster, clusters)) return;
    std::string bytes;
    if (const std::string_view uid = UidOf(event.value, &bytes); !uid.empty())
      keys->push_back(FanKey(key->cluster, uid));
    return;
  }
  bool look = held || (event.kind == store::Event::Kind::kCreated && !owners.empty());
  // Writers keep the previous value whenever the references differ.
  if (event.previous.has_value() && (owned || was_owned)) {
    const std::vector<OwnerReference> before = storage::OwnerReferencesOf(*event.previous);
    look = look || (before != owners && !owners.empty());
    for (const OwnerReference& owner : before) {
      const bool blocks_still = std::any_of(owners.begin(), owners.end(),
                                            [&](const OwnerReference& o) { return o.uid == owner.uid && o.blocks; });
      if (!blocks_still) AddOwner(*key, owner, keys);
    }
  }
  if (look) keys->push_back(ItemKey(event.key));
}

void CollectorKeysOf(std::string_view store_key, std::string_view value, std::vector<std::string>* keys) {
  if (!storage::MayHaveOwners(value) && !IsHeld(value)) return;
  const auto key = storage::DecodeKey(store_key);
  if (!key.ok() || IsIgnored(*key)) return;
  keys->push_back(ItemKey(store_key));
}

}  // namespace atoll::controllers
