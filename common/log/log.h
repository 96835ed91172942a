// One log line shape: time, level, component, message, then key=value pairs. Asynchronous, bounded queue (oldest lines
// give way).
//
//   LOG_INFO("shard", "listening", {{"port", port}});
//
// Never log secrets: tokens, keys, Secret data. Thread-safe.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace atoll::log {

enum class Level : uint8_t { kDebug, kInfo, kWarning, kError };

struct Options {
  Level level = Level::kInfo;
  bool json = false;    // one JSON object a line instead of logfmt
  std::string process;  // printed in each line when set: several processes may share a terminal
};

// A value of a pair; numbers print bare, strings quoted where needed.
class Field {
 public:
  Field(std::string_view s) : text_(s), quote_(true) {}    // NOLINT
  Field(const std::string& s) : text_(s), quote_(true) {}  // NOLINT
  Field(const char* s) : text_(s), quote_(true) {}         // NOLINT
  Field(bool b) : text_(b ? "true" : "false") {}           // NOLINT
  template <class T>
    requires std::is_arithmetic_v<T>
  Field(T v) : text_(std::to_string(v)) {}  // NOLINT
  const std::string& text() const { return text_; }
  bool quote() const { return quote_; }

 private:
  std::string text_;
  bool quote_ = false;
};
using Pairs = std::initializer_list<std::pair<std::string_view, Field>>;

// Before the first line; again to change the level. Later lines go to standard error.
void Init(const Options& options);
bool Enabled(Level level);
void Write(Level level, std::string_view component, std::string_view message, Pairs pairs = {});
void Flush();

}  // namespace atoll::log

#define ATOLL_LOG_(level, ...)                                                 \
  do {                                                                         \
    if (::atoll::log::Enabled(level)) ::atoll::log::Write(level, __VA_ARGS__); \
  } while (false)
#define LOG_DEBUG(...) ATOLL_LOG_(::atoll::log::Level::kDebug, __VA_ARGS__)
#define LOG_INFO(...) ATOLL_LOG_(::atoll::log::Level::kInfo, __VA_ARGS__)
#define LOG_WARNING(...) ATOLL_LOG_(::atoll::log::Level::kWarning, __VA_ARGS__)
#define LOG_ERROR(...) ATOLL_LOG_(::atoll::log::Level::kError, __VA_ARGS__)
