#include "shard/controllers/garbage_collector/dependents.h"

#include "common/api/object.h"
#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "shard/registry/metadata.h"
#include "shard/storage/json_scan.h"
#include "shard/storage/stored_object.h"

namespace atoll::controllers {
namespace {

// The object's metadata under "metadata", without the rest; null when the bytes are no stored object.
json::Value MetadataOf(std::string value) {
  json::Value out;
  const storage::StoredObject object(std::move(value), {});
  const auto metadata = storage::FindMember(object.RawJson(), "metadata");
  if (!metadata.has_value()) return out;
  auto parsed = json::Parse(*metadata);
  if (!parsed.ok()) return out;
  out = json::Value::MakeObject();
  out.object().Set("metadata", *std::move(parsed));
  return out;
}

}  // namespace

absl::StatusOr<DependentsPage> ReadDependents(const store::SnapshotView& view, const LogicalClusterId& cluster,
                                              std::string_view uid, std::string_view after, size_t max) {
  DependentsPage page;
  ASSIGN_OR_RETURN(const std::vector<std::string> keys, storage::Dependents(view, cluster, uid, after, max));
  if (keys.size() == max) page.next = keys.back();
  for (const std::string& key : keys) {
    ASSIGN_OR_RETURN(std::optional<store::Entry> entry, view.Get(key));
    if (!entry.has_value()) continue;
    const json::Value object = MetadataOf(std::move(entry->value));
    if (object.is_null()) continue;
    Dependent dependent;
    for (storage::OwnerReference& owner : storage::OwnerReferences(object)) {
      if (owner.uid == uid) dependent.references.push_back(std::move(owner));
    }
    if (dependent.references.empty()) continue;
    dependent.store_key = key;
    dependent.ns = std::string(api::Namespace(object));
    dependent.deleting = api::IsDeleting(object);
    dependent.waits = dependent.deleting && api::HasFinalizer(object, registry::kForegroundFinalizer);
    page.dependents.push_back(std::move(dependent));
  }
  return page;
}

absl::StatusOr<Whereabouts> FindByUid(const store::SnapshotView& view, const std::vector<std::string>& scopes,
                                      std::string_view uid, size_t max) {
  Whereabouts out;
  const std::string member = Cat("\"uid\":\"", uid, "\"");
  size_t seen = 0;
  for (const std::string& scope : scopes) {
    RETURN_IF_ERROR(
        view.Scan(scope, store::ScopeEnd(scope), [&](std::string_view key, std::string_view value, store::Revision) {
          if (++seen > max) return false;
          if (!storage::Contains(value, member)) return true;
          if (api::Uid(MetadataOf(std::string(value))) != uid) return true;
          const auto decoded = storage::DecodeKey(key);
          out.found = decoded.ok();
          if (decoded.ok()) out.ns = decoded->ns;
          return !out.found;
        }));
    if (out.found || seen > max) break;
  }
  return out;
}

}  // namespace atoll::controllers
