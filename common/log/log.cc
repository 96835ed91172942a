#include "common/log/log.h"

#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

#include "absl/synchronization/mutex.h"
#include "common/log/format.h"

namespace atoll::log {
namespace {

// Lines that wait for the writer thread; beyond it the oldest gives way.
constexpr size_t kQueueLinesMax = 1024;

std::atomic<Level> threshold{Level::kInfo};

struct State {
  absl::Mutex mutex;
  std::shared_ptr<spdlog::details::thread_pool> pool ABSL_GUARDED_BY(mutex);
  std::atomic<bool> json{false};
  std::string process ABSL_GUARDED_BY(mutex);
  std::shared_ptr<spdlog::async_logger> logger ABSL_GUARDED_BY(mutex);
};

// Never destroyed: lines may come from the last threads and from destructors of statics.
State& TheState() {
  static auto* state = new State;
  return *state;
}

spdlog::level::level_enum SpdlogLevel(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::shared_ptr<spdlog::async_logger> LoggerLocked(State& s) ABSL_EXCLUSIVE_LOCKS_REQUIRED(s.mutex) {
  if (!s.logger) {
    s.pool = std::make_shared<spdlog::details::thread_pool>(kQueueLinesMax, 1);
    s.logger = std::make_shared<spdlog::async_logger>("atoll", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                                      s.pool, spdlog::async_overflow_policy::overrun_oldest);
    s.logger->set_level(spdlog::level::trace);  // Enabled() decides
    s.logger->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
    std::atexit([] { Flush(); });
  }
  return s.logger;
}

}  // namespace

void Init(const Options& options) {
  State& s = TheState();
  threshold.store(options.level, std::memory_order_relaxed);
  s.json.store(options.json, std::memory_order_relaxed);
  absl::MutexLock lock(&s.mutex);
  s.process = options.process;
  LoggerLocked(s);
}

bool Enabled(Level level) { return level >= threshold.load(std::memory_order_relaxed); }

void Write(Level level, std::string_view component, std::string_view message, Pairs pairs) {
  State& s = TheState();
  std::shared_ptr<spdlog::async_logger> logger;
  std::string process;
  {
    absl::MutexLock lock(&s.mutex);
    logger = LoggerLocked(s);
    process = s.process;
  }
  const Line line{SystemClock().Now(), level, process, component, message};
  std::string text = s.json.load(std::memory_order_relaxed) ? FormatJson(line, pairs) : FormatLogfmt(line, pairs);
  logger->log(SpdlogLevel(level), spdlog::string_view_t(text.data(), text.size()));
}

void Flush() {
  State& s = TheState();
  std::shared_ptr<spdlog::async_logger> logger;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  {
    absl::MutexLock lock(&s.mutex);
    logger = std::move(s.logger);
    pool = std::move(s.pool);
    s.logger = nullptr;
    s.pool = nullptr;
  }
  // The pool's destructor writes what waits and joins its thread; a later line starts a new one.
  if (logger) logger->flush();
  logger.reset();
  pool.reset();
}

}  // namespace atoll::log
