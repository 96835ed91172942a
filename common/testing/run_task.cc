#include "common/testing/run_task.h"

#include <utility>

#include "common/loop/asio_loop.h"

namespace atoll::testing {

void RunTask(Task<void> task) {
  AsioLoop loop("test");
  loop.Start();
  loop.RunBlocking(std::move(task));
}

}  // namespace atoll::testing
