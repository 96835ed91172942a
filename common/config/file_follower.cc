#include "common/config/file_follower.h"

#include <utility>

#include "common/base/file.h"
#include "common/base/strings.h"
#include "common/log/log.h"

namespace atoll::config {
namespace {

using Contents = absl::StatusOr<std::vector<std::string>>;

Contents ReadAll(const std::vector<std::string>& files) {
  std::vector<std::string> out;
  for (const std::string& file : files) {
    auto content = ReadFile(file);
    if (!content.ok()) return content.status();
    out.push_back(*std::move(content));
  }
  return out;
}

}  // namespace

FileFollower::FileFollower(Loop& loop, BlockingPool& pool, Options options)
    : loop_(loop), pool_(pool), options_(std::move(options)), tasks_(loop) {}
FileFollower::~FileFollower() = default;

void FileFollower::Start() { tasks_.Spawn(Follow()); }

Task<void> FileFollower::Stop() {
  stop_.Cancel();
  co_await tasks_.Join();
}

Task<void> FileFollower::Pause() {
  WakeUp over;
  const Loop::TimerId timer = loop_.After(options_.interval, [&over] { over.Set(); });
  const uint64_t stopped = stop_.OnCancel([&over] { over.Set(); });
  co_await over.Wait();
  loop_.Cancel(timer);
  stop_.Forget(stopped);
}

Task<void> FileFollower::Follow() {
  bool told = false;
  for (;;) {
    co_await Pause();
    if (stop_.cancelled()) co_return;
    auto read = co_await pool_.Run([files = options_.files] { return ReadAll(files); });
    const absl::Status failed = !read.ok() ? read.status() : read->status();
    if (!failed.ok()) {
      if (!std::exchange(told, true))
        LOG_WARNING("config", "a file cannot be read again", {{"what", options_.what}, {"error", failed.ToString()}});
      continue;
    }
    told = false;
    if (**read == options_.contents) continue;
    options_.contents = **std::move(read);
    const absl::Status used = options_.changed(options_.contents);
    if (used.ok()) {
      LOG_INFO("config", "files that changed are in use", {{"what", options_.what}});
    } else {
      LOG_ERROR("config", "files that changed are not used",
                {{"what", options_.what}, {"error", ToStd(used.message())}});
    }
  }
}

}  // namespace atoll::config
