#include "shard/controllers/garbage_collector/keys.h"

#include <initializer_list>

#include "common/store/types.h"

namespace atoll::controllers {
namespace {

using Kind = CollectorKey::Kind;

std::string Joined(Kind kind, std::initializer_list<std::string_view> parts) {
  std::string key(1, static_cast<char>(kind));
  for (std::string_view part : parts) store::AppendComponent(&key, part);
  return key;
}

// The text up to the next NUL, which is taken as well; nullopt when there is none.
std::optional<std::string> TakeComponent(std::string_view* text) {
  const size_t end = text->find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  std::string out(text->substr(0, end));
  text->remove_prefix(end + 1);
  return out;
}

}  // namespace

std::string ItemKey(std::string_view store_key) { return Joined(Kind::kItem, {}).append(store_key); }

std::string FanKey(const LogicalClusterId& cluster, std::string_view uid, std::string_view after) {
  return Joined(Kind::kFan, {cluster.name(), uid}).append(after);
}

std::string OwnerKey(const LogicalClusterId& cluster, std::string_view ns, const storage::OwnerReference& owner) {
  for (const std::string* part : {&owner.api_version, &owner.kind, &owner.name, &owner.uid}) {
    if (part->find('\0') != std::string::npos) return {};
  }
  return Joined(Kind::kOwner, {cluster.name(), ns, owner.api_version, owner.kind, owner.name, owner.uid});
}

std::optional<CollectorKey> ParseCollectorKey(std::string_view key) {
  if (key.empty()) return std::nullopt;
  CollectorKey out;
  out.kind = static_cast<Kind>(key.front());
  key.remove_prefix(1);
  if (out.kind == Kind::kItem) {
    out.store_key = std::string(key);
    return out;
  }
  if (out.kind != Kind::kFan && out.kind != Kind::kOwner) return std::nullopt;
  const auto name = TakeComponent(&key);
  if (!name.has_value()) return std::nullopt;
  auto cluster = LogicalClusterId::Parse(*name);
  if (!cluster.ok()) return std::nullopt;
  out.cluster = *std::move(cluster);
  if (out.kind == Kind::kFan) {
    auto uid = TakeComponent(&key);
    if (!uid.has_value()) return std::nullopt;
    out.owner.uid = *std::move(uid);
    out.store_key = std::string(key);
    return out;
  }
  for (std::string* part : {&out.ns, &out.owner.api_version, &out.owner.kind, &out.owner.name, &out.owner.uid}) {
    auto text = TakeComponent(&key);
    if (!text.has_value()) return std::nullopt;
    *part = *std::move(text);
  }
  return out;
}

}  // namespace atoll::controllers
