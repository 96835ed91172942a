// Reads the log on disk for followers that fell behind the ring. Blocking: on a BlockingPool.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "common/store/kv/engine.h"
#include "common/store/watch/ring.h"

namespace atoll::store {

// The events of `scope` with revision >= `first` in `view`, which shows the store at revision `last`. Whether the log
// was trimmed beyond `first` the caller checks afterwards. Errors: DataLoss, Internal.
absl::StatusOr<Slice> ReadLog(const kv::View& view, std::string_view scope, Revision first, Revision last,
                              const BatchLimits& limits);

}  // namespace atoll::store
