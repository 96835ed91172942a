// Runs a coroutine test body on a real loop of its own, blocking the calling thread. A failed REQUIRE travels to the
// caller.
#pragma once

#include "common/loop/task.h"

namespace atoll::testing {

void RunTask(Task<void> task);

}  // namespace atoll::testing
