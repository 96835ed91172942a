// Reads one page (or all) of a list from one snapshot, a chunk at a time, on the blocking pool: memory stays bounded by
// the chunk.
#pragma once

#include <memory>
#include <string>

#include "shard/registry/registry.h"
#include "shard/registry/selectors.h"

namespace atoll::registry {

struct ListPlan {
  DefinitionPtr definition;
  Selection selection;
  std::string scope;
  std::string after;  // key after which to begin; empty: at the scope's begin
  size_t limit = 0;   // 0: everything
  int64_t left = 0;   // objects behind `after` in `view`, for the answer's remainingItemCount; 0: to be counted
  std::shared_ptr<const store::SnapshotView> view;
};

// Continue tokens name the last key returned by its components below the scope, `/default/a` and a NUL, without the
// empty namespace of cluster-scoped objects. KeyAfter gets the key back. Errors: BadRequest.
absl::StatusOr<std::string> KeyAfter(const ResourceDefinition& definition, std::string_view scope,
                                     std::string_view start);

// `pool` null: reads on the calling thread (tests, tools). A page that has a successor keeps its snapshot in `store`.
std::unique_ptr<ListReader> NewListReader(ListPlan plan, store::Store* store, BlockingPool* pool);

}  // namespace atoll::registry
