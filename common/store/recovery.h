// What a store finds on its engine when it opens: creates the meta entries of a new one, reads those of an old one.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/store/kv/engine.h"
#include "common/store/log_marks.h"
#include "common/store/store.h"
#include "common/store/watch/ring.h"

namespace atoll::store {

struct Recovered {
  std::string id;
  Revision current;
  Revision oldest_in_log{1};
  LogMarks marks;
  Ring ring;  // with the newest part of the log, a few MiB at most
};

// Blocking. Errors: FailedPrecondition (a newer format), DataLoss (damaged; the message names the key), Internal,
// ResourceExhausted.
absl::StatusOr<Recovered> Recover(kv::Engine& engine, const StoreOptions& options, const Clock& clock);

// The durable form of a mark.
kv::Write MarkWrite(const LogMarks::Mark& mark, absl::Time wall);

}  // namespace atoll::store
