#include "shard/storage/owner_index.h"

#include <algorithm>
#include <future>
#include <optional>

#include "common/base/status.h"
#include "common/base/strings.h"
#include "common/json/parse.h"
#include "shard/storage/json_scan.h"
#include "shard/storage/stored_object.h"

namespace atoll::storage {
namespace {

constexpr std::string_view kOwner = "owner";
// Present once the index covers the whole store. Another layout of the index takes another name here.
constexpr std::string_view kBuilt = "owner-index-1";
// Uids are drawn by servers and are short; no object can have another, so a reference to one needs no entry.
constexpr size_t kUidBytesMax = 256;

std::string OwnerScope(const LogicalClusterId& cluster, std::string_view uid) {
  std::string scope;
  store::AppendComponent(&scope, kOwner);
  store::AppendComponent(&scope, cluster.name());
  store::AppendComponent(&scope, uid);
  return scope;
}

std::string BuiltKey() {
  std::string key;
  store::AppendComponent(&key, kBuilt);
  return key;
}

// Sorted, each once.
std::vector<std::string> IndexedUids(const std::vector<OwnerReference>& owners) {
  std::vector<std::string> uids;
  for (const OwnerReference& owner : owners) {
    if (!owner.uid.empty() && owner.uid.size() <= kUidBytesMax && owner.uid.find('\0') == std::string::npos)
      uids.push_back(owner.uid);
  }
  std::sort(uids.begin(), uids.end());
  uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
  return uids;
}

std::vector<OwnerReference> FromList(const json::Value* list) {
  std::vector<OwnerReference> out;
  if (list == nullptr || !list->is_array()) return out;
  for (const json::Value& entry : list->array()) {
    const json::Value* blocks = entry.Find("blockOwnerDeletion");
    out.push_back({std::string(entry.StringAt({"apiVersion"})), std::string(entry.StringAt({"kind"})),
                   std::string(entry.StringAt({"name"})), std::string(entry.StringAt({"uid"})),
                   blocks != nullptr && blocks->is_bool() && blocks->bool_value()});
  }
  return out;
}

void Add(const LogicalClusterId& cluster, std::string_view key, const std::vector<std::string>& uids,
         const std::vector<std::string>& others, bool remove, store::Transaction* txn) {
  for (const std::string& uid : uids) {
    if (!std::binary_search(others.begin(), others.end(), uid))
      txn->index.push_back({remove, OwnerScope(cluster, uid).append(key)});
  }
}

absl::Status CommitAndWait(store::Store& store, store::Transaction txn) {
  std::promise<absl::Status> done;
  auto committed = done.get_future();
  store.CommitThen(std::move(txn), [&done](absl::StatusOr<store::Revision> r) { done.set_value(r.status()); });
  return committed.get();
}

}  // namespace

std::vector<OwnerReference> OwnerReferences(const json::Value& object) {
  return FromList(object.At({"metadata", "ownerReferences"}));
}

bool MayHaveOwners(std::string_view stored) { return Contains(stored, "\"ownerReferences\":["); }

std::vector<OwnerReference> OwnerReferencesOf(std::string_view stored) {
  if (!MayHaveOwners(stored)) return {};
  const StoredObject object{std::string(stored), {}};
  const auto metadata = FindMember(object.RawJson(), "metadata");
  if (!metadata.has_value()) return {};
  const auto list = FindMember(*metadata, "ownerReferences");
  if (!list.has_value()) return {};
  const auto parsed = json::Parse(*list);
  return parsed.ok() ? FromList(&*parsed) : std::vector<OwnerReference>();
}

void IndexOwners(const LogicalClusterId& cluster, std::string_view key, const json::Value* before,
                 const json::Value* after, store::Transaction* txn) {
  const auto uids = [](const json::Value* object) {
    return object == nullptr ? std::vector<std::string>() : IndexedUids(OwnerReferences(*object));
  };
  const std::vector<std::string> old = uids(before), now = uids(after);
  Add(cluster, key, old, now, /*remove=*/true, txn);
  Add(cluster, key, now, old, /*remove=*/false, txn);
}

void UnindexOwners(const LogicalClusterId& cluster, std::string_view key, std::string_view value,
                   store::Transaction* txn) {
  Add(cluster, key, IndexedUids(OwnerReferencesOf(value)), {}, /*remove=*/true, txn);
}

absl::StatusOr<std::vector<std::string>> Dependents(const store::SnapshotView& view, const LogicalClusterId& cluster,
                                                    std::string_view uid, std::string_view after, size_t max) {
  std::vector<std::string> out;
  if (uid.find('\0') != std::string_view::npos || max == 0) return out;
  const std::string scope = OwnerScope(cluster, uid);
  const std::string from = after.empty() ? scope : Cat(scope, after, '\0');  // the next possible key
  RETURN_IF_ERROR(view.ScanIndex(from, store::ScopeEnd(scope), [&](std::string_view entry) {
    out.emplace_back(entry.substr(scope.size()));
    return out.size() < max;
  }));
  return out;
}

absl::Status EnsureOwnerIndex(store::Store& store) {
  const auto view = store.Snapshot();
  bool built = false;
  const std::string mark = BuiltKey();
  RETURN_IF_ERROR(view->ScanIndex(mark, store::ScopeEnd(mark), [&](std::string_view) {
    built = true;
    return false;
  }));
  if (built) return absl::OkStatus();
  // Entries are written in parts; the mark comes last, so that a crash in between starts over.
  constexpr size_t kPart = 1000;
  store::Transaction part;
  absl::Status failed;
  RETURN_IF_ERROR(view->Scan({}, {}, [&](std::string_view key, std::string_view value, store::Revision) {
    if (!MayHaveOwners(value)) return true;
    const auto decoded = DecodeKey(key);
    if (!decoded.ok()) return true;  // not an object of an API
    Add(decoded->cluster, key, IndexedUids(OwnerReferencesOf(value)), {}, /*remove=*/false, &part);
    if (part.index.size() >= kPart) failed = CommitAndWait(store, std::exchange(part, {}));
    return failed.ok();
  }));
  RETURN_IF_ERROR(failed);
  part.index.push_back({false, mark});
  return CommitAndWait(store, std::move(part));
}

}  // namespace atoll::storage
