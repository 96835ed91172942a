// The two shapes of a log line. Untrusted text cannot start a new line or a new pair: it is quoted and escaped. Pure
// functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/log/log.h"

namespace atoll::log {

struct Line {
  absl::Time time;
  Level level;
  std::string_view process;
  std::string_view component;
  std::string_view message;
};

// time=2026-01-02T03:04:05.678Z level=info process=... component=shard msg="..." key=value
std::string FormatLogfmt(const Line& line, Pairs pairs);
// {"time":"...","level":"info","component":"shard","msg":"...","key":"value"}
std::string FormatJson(const Line& line, Pairs pairs);

}  // namespace atoll::log
