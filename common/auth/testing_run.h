// Runs a Task that never really waits, for tests without a loop.
#pragma once

#include <optional>
#include <utility>

#include "common/base/check.h"
#include "common/loop/task.h"

namespace atoll::auth::testing {

namespace internal {
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

template <class T>
Detached Drive(Task<T> task, std::optional<T>* out) {
  out->emplace(co_await std::move(task));
}
}  // namespace internal

// REQUIRES: `task` ends without waiting for anything.
template <class T>
T RunNow(Task<T> task) {
  std::optional<T> out;
  internal::Drive(std::move(task), &out);
  CHECK(out.has_value());
  return *std::move(out);
}

}  // namespace atoll::auth::testing
