// The owner index: which objects name an owner in metadata.ownerReferences, by the owner's uid, within a logical
// cluster (spec/api-machinery.md 10.2). What the garbage collector asks instead of keeping a graph in memory.
//
// In the store's index keyspace, written in the transaction that writes the object:
//
//   "owner" \0 <logical cluster> \0 <uid of the owner> \0 | key of the dependent
//
// An object without owners has no entry and costs nothing. An entry promises nothing: its reader looks at the
// dependent, which may have gone or changed since. A missing entry would be an error, so every writer of objects that
// may have owners calls IndexOwners; who deletes without having decoded calls UnindexOwners.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json/value.h"
#include "common/path/path.h"
#include "common/store/store.h"
#include "common/store/types.h"

namespace atoll::storage {

// One entry of metadata.ownerReferences.
struct OwnerReference {
  std::string api_version, kind, name, uid;
  bool blocks = false;  // blockOwnerDeletion: a foreground deletion of the owner waits for this dependent
  friend bool operator==(const OwnerReference&, const OwnerReference&) = default;
};
std::vector<OwnerReference> OwnerReferences(const json::Value& object);
// Of a stored value, decoding no more than the references.
std::vector<OwnerReference> OwnerReferencesOf(std::string_view stored);
// False when the stored value surely has none. A search over the bytes.
bool MayHaveOwners(std::string_view stored);

// Brings the entries of the object at `key` from what `before` needs to what `after` needs; null: there is no object.
void IndexOwners(const LogicalClusterId& cluster, std::string_view key, const json::Value* before,
                 const json::Value* after, store::Transaction* txn);
// The same for a deletion of the object stored as `value`.
void UnindexOwners(const LogicalClusterId& cluster, std::string_view key, std::string_view value,
                   store::Transaction* txn);

// Keys of at most `max` objects that name `uid` as an owner, in order; `after`: only those behind this key. Blocking.
absl::StatusOr<std::vector<std::string>> Dependents(const store::SnapshotView& view, const LogicalClusterId& cluster,
                                                    std::string_view uid, std::string_view after, size_t max);

// Builds the index of a store that was written before there was one; no more than one look otherwise. Blocking; at
// start-up, before anything else writes. Errors: those of reading and committing.
absl::Status EnsureOwnerIndex(store::Store& store);

}  // namespace atoll::storage
