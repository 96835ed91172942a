// Reads dependents through the owner index, as they are now. Blocking: on the pool.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/path/path.h"
#include "common/store/store.h"
#include "shard/storage/owner_index.h"

namespace atoll::controllers {

struct Dependent {
  std::string store_key, ns;
  std::vector<storage::OwnerReference> references;  // those with the owner's uid
  bool deleting = false;                            // has a deletionTimestamp
  bool waits = false;                               // and waits for dependents of its own
};

struct DependentsPage {
  std::vector<Dependent> dependents;
  std::string next;  // where the next page begins; empty: this was the last
};

// A page of at most `max` index entries. Objects that no longer name the owner are left out.
absl::StatusOr<DependentsPage> ReadDependents(const store::SnapshotView& view, const LogicalClusterId& cluster,
                                              std::string_view uid, std::string_view after, size_t max);

// An object of the cluster with this uid, wherever it is.
struct Whereabouts {
  bool found = false;
  std::string ns;
};
// Looks through the cluster's objects, of which there may be many: at most `max` of them; `scopes` are those to look
// in.
absl::StatusOr<Whereabouts> FindByUid(const store::SnapshotView& view, const std::vector<std::string>& scopes,
                                      std::string_view uid, size_t max);

}  // namespace atoll::controllers
