#include "common/base/strings.h"
#include "shard/storage/stored_object.h"

namespace atoll::storage {

namespace {

std::string ResourceComponent(const api::GroupResource& resource) { return resource.ToString(); }

}  // namespace

std::string ResourceScope(const api::GroupResource& resource, std::string_view identity) {
  std::string key;
  store::AppendComponent(&key, ResourceComponent(resource));
  store::AppendComponent(&key, identity);
  return key;
}

std::string ClusterScopeKey(const api::GroupResource& resource, std::string_view identity,
                            const LogicalClusterId& cluster) {
  std::string key = ResourceScope(resource, identity);
  store::AppendComponent(&key, cluster.name());
  return key;
}

std::string NamespaceScope(const api::GroupResource& resource, std::string_view identity,
                           const LogicalClusterId& cluster, std::string_view ns) {
  std::string key = ClusterScopeKey(resource, identity, cluster);
  store::AppendComponent(&key, ns);
  return key;
}

std::string EncodeKey(const ResourceKey& key) {
  std::string out = NamespaceScope(key.resource, key.identity, key.cluster, key.ns);
  store::AppendComponent(&out, key.name);
  return out;
}

absl::StatusOr<ResourceKey> DecodeKey(std::string_view key) {
  const std::vector<std::string_view> parts = store::SplitKey(key);
  if (parts.size() != 5) return absl::DataLossError(StrCat("an object key has 5 components, this one ", parts.size()));
  auto cluster = LogicalClusterId::Parse(parts[2]);
  if (!cluster.ok()) return absl::DataLossError(StrCat("bad cluster in an object key: ", parts[2]));
  ResourceKey out;
  // Resources have no dots, groups may: the first dot separates them.
  const size_t dot = parts[0].find('.');
  out.resource.resource = std::string(parts[0].substr(0, dot));
  if (dot != std::string_view::npos) out.resource.group = std::string(parts[0].substr(dot + 1));
  out.identity = std::string(parts[1]);
  out.cluster = *std::move(cluster);
  out.ns = std::string(parts[3]);
  out.name = std::string(parts[4]);
  return out;
}

}  // namespace atoll::storage
