#include "common/config/file_follower.h"

#include <catch2/catch.hpp>

#include "common/base/file.h"
#include "common/testing/run_task.h"
#include "common/testing/temp_dir.h"

namespace atoll::config {
namespace {

TEST_CASE("FileFollower hands over what changed, once", "[config]") {
  testing::TempDir dir;
  testing::RunTask([](testing::TempDir& dir) -> Task<void> {
    BlockingPool pool({.threads = 1});
    const std::string a = dir.File("a"), b = dir.File("b");
    CHECK(WriteFileAtomic(a, "1").ok());
    CHECK(WriteFileAtomic(b, "1").ok());
    std::vector<std::vector<std::string>> seen;
    WakeUp changed;
    FileFollower follower(*Loop::Current(), pool,
                          {.what = "test",
                           .files = {a, b},
                           .contents = {"1", "1"},
                           .interval = absl::Milliseconds(1),
                           .changed = [&](const std::vector<std::string>& contents) {
                             seen.push_back(contents);
                             changed.Set();
                             return contents[0] == "bad" ? absl::InvalidArgumentError("bad") : absl::OkStatus();
                           }});
    follower.Start();
    auto write = [&](const std::string& file, std::string_view content) -> Task<void> {
      CHECK(WriteFileAtomic(file, content).ok());
      co_await changed.Wait();
    };
    co_await write(a, "2");
    co_await write(a, "bad");
    co_await write(b, "3");
    co_await follower.Stop();
    CHECK(seen == std::vector<std::vector<std::string>>{{"2", "1"}, {"bad", "1"}, {"bad", "3"}});
  }(dir));
}

}  // namespace
}  // namespace atoll::config
