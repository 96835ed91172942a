#include "tools/atoll/start/children.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/strings.h"
#include "common/json/value.h"
#include "common/json/write.h"
#include "common/log/log.h"

namespace atoll::cli {
namespace {

constexpr absl::Duration kPauseMax = absl::Seconds(10);

std::string How(int status) {
  if (WIFEXITED(status)) return StrCat("exit code ", WEXITSTATUS(status));
  if (WIFSIGNALED(status)) return StrCat("signal ", WTERMSIG(status));
  return "unknown";
}

}  // namespace

Children::~Children() { Stop(absl::ZeroDuration()); }

absl::Status Children::Spawn(const std::string& name, Child* child) {
  std::vector<char*> argv;
  for (std::string& a : child->arguments) argv.push_back(a.data());
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return absl::InternalError(StrCat("cannot start ", name, ": ", std::strerror(errno)));
  if (pid == 0) {
    // Only what is safe between fork and exec.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execv(argv[0], argv.data());
    _exit(127);
  }
  child->pid = pid;
  child->ended.clear();
  child->started = SystemClock().Monotonic();
  return absl::OkStatus();
}

absl::Status Children::Start(const std::string& name, std::vector<std::string> arguments) {
  Child& child = children_[name];
  child.arguments = std::move(arguments);
  order_.push_back(name);
  absl::Status started = Spawn(name, &child);
  WritePids();
  return started;
}

void Children::Reap(absl::Duration now) {
  for (;;) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid <= 0) return;
    for (auto& [name, child] : children_) {
      if (child.pid != pid) continue;
      child.pid = 0;
      child.ended = How(status);
      if (now - child.started > absl::Minutes(1)) child.failures = 0;
      const absl::Duration pause =
          std::min(kPauseMax, absl::Milliseconds(100) * static_cast<double>(1 << std::min(child.failures, 7)));
      ++child.failures;
      child.restart_at = now + pause;
      LOG_WARNING("start", "a process ended", {{"process", name}, {"how", child.ended}});
    }
  }
}

absl::Duration Children::Tend(absl::Duration now) {
  Reap(now);
  absl::Duration next = absl::Seconds(1);
  bool changed = false;
  for (auto& [name, child] : children_) {
    if (child.pid != 0) continue;
    if (child.restart_at <= now) {
      absl::Status started = Spawn(name, &child);
      if (!started.ok()) LOG_ERROR("start", "cannot restart", {{"process", name}, {"error", started.ToString()}});
      changed = true;
    } else {
      next = std::min(next, child.restart_at - now);
    }
  }
  if (changed) WritePids();
  return next;
}

std::string Children::Ended(const std::string& name) const {
  auto it = children_.find(name);
  if (it == children_.end() || it->second.pid == 0) return it == children_.end() ? "not started" : it->second.ended;
  // A child that has just died is not collected yet.
  int status = 0;
  const pid_t pid = waitpid(it->second.pid, &status, WNOHANG);
  return pid == it->second.pid ? How(status) : "";
}

void Children::Stop(absl::Duration grace) {
  for (auto name = order_.rbegin(); name != order_.rend(); ++name) {
    if (Child& child = children_[*name]; child.pid != 0) kill(child.pid, SIGTERM);
  }
  const absl::Duration deadline = SystemClock().Monotonic() + grace;
  auto running = [this] {
    return std::any_of(children_.begin(), children_.end(), [](const auto& c) { return c.second.pid != 0; });
  };
  // SIGCHLD is not waited for here: a short look now and then is enough for an end that takes seconds.
  while (running() && SystemClock().Monotonic() < deadline) {
    Reap(SystemClock().Monotonic());
    if (running()) ::usleep(5'000);
  }
  for (auto& [name, child] : children_) {
    if (child.pid == 0) continue;
    kill(child.pid, SIGKILL);
    waitpid(child.pid, nullptr, 0);
    child.pid = 0;
  }
  order_.clear();
}

void Children::WritePids() const {
  json::Value pids = json::Value::MakeObject();
  pids.Ensure({"atoll"}) = static_cast<int64_t>(getpid());
  for (const auto& [name, child] : children_) {
    if (child.pid != 0) pids.Ensure({name}) = static_cast<int64_t>(child.pid);
  }
  if (absl::Status s = WriteFileAtomic(pids_file_, json::WriteIndented(pids) + "\n", 0644); !s.ok()) {
    LOG_WARNING("start", "cannot write pids.json", {{"error", s.ToString()}});
  }
}

}  // namespace atoll::cli
