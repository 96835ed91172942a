// Named crash points, for tests that kill a process at a chosen place of the write path.
//
// With ATOLL_FAILPOINT=<name>[:<n>] in the environment when the process starts, the n-th time (default: the first) that
// it reaches ATOLL_FAILPOINT("<name>") it kills itself with SIGKILL: no destructor, no flush. Otherwise a point costs
// one relaxed load.
//
//   before-wal   a group is built, nothing written        (its transactions must be absent after the restart)
//   after-wal    the group is durable, nobody knows       (present, each at most once)
//   before-ack   published to followers, not acknowledged (present)
//   in-trim      a part of the log is being dropped
#pragma once

#include <atomic>
#include <string_view>

namespace atoll::store {

namespace internal {
extern std::atomic<bool> failpoint_armed;
void HitFailpoint(std::string_view name);
}  // namespace internal

}  // namespace atoll::store

#define ATOLL_FAILPOINT(name)                                                                   \
  do {                                                                                          \
    if (::atoll::store::internal::failpoint_armed.load(std::memory_order_relaxed)) [[unlikely]] \
      ::atoll::store::internal::HitFailpoint(name);                                             \
  } while (false)
