// The store's followers: a cursor, its hub, and where the next events come from.
//
//   waiting --(hub: an event concerns the scope)--> behind
//   behind  --(ring has it)----> read the ring  --> complete? waiting : behind
//   behind  --(ring moved on)--> read the log on the pool, at the published view  --> complete? waiting : behind
//                                    `-- trimmed meanwhile: OutOfRange (W4)
#pragma once

#include <memory>
#include <string>

#include "common/store/store.h"
#include "common/store/watch/publisher.h"

namespace atoll::store {

// On the calling loop.
std::unique_ptr<Follower> NewFollower(std::shared_ptr<Publisher> publisher, std::string scope, Revision after);

// Resumes once current() >= at. DeadlineExceeded, Cancelled.
Task<absl::Status> WaitForRevision(std::shared_ptr<Publisher> publisher, Revision at, absl::Duration timeout);

}  // namespace atoll::store
