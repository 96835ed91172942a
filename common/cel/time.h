// Timestamps and durations as CEL reads, computes and writes them: years 1 to 9999, nanoseconds; durations of 64-bit
// nanoseconds. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace atoll::cel {

struct TimePoint {
  int64_t seconds = 0;  // since 1970
  uint32_t nanoseconds = 0;
};

inline constexpr int64_t kTimestampMin = -62135596800;  // 0001-01-01T00:00:00Z
inline constexpr int64_t kTimestampMax = 253402300799;  // 9999-12-31T23:59:59Z

// RFC 3339 as Go reads it. False when it is none or out of range.
bool ParseTimestamp(std::string_view text, TimePoint* out);
// `2006-01-02`.
bool ParseDate(std::string_view text, TimePoint* out);
// Go's durations: `1h30m`, `-1.5s`. False when it is none or beyond 64 bits.
bool ParseDuration(std::string_view text, int64_t* nanoseconds);

std::string FormatTimestamp(TimePoint t);           // RFC 3339, UTC, fraction as needed
std::string FormatGoDuration(int64_t nanoseconds);  // `1h30m0s`
std::string FormatSeconds(int64_t nanoseconds);     // `5400.5s`
// Go's %g: `1.5`, `1e+06`, `NaN`, `+Inf`.
std::string FormatDouble(double d);
// Go's %f with as many digits as needed, no exponent.
std::string FormatDoublePlain(double d);

struct CivilTime {
  int64_t year;
  int month, day;  // from 1
  int hour, minute, second;
  int day_of_week;  // 0 is Sunday
  int day_of_year;  // from 0
};
CivilTime CivilAt(int64_t seconds);

// Seconds east of UTC at that time: `UTC`, `America/New_York`, `+01:00`, `-02:30`. False, with Go's words, for others.
bool ZoneOffset(std::string_view zone, int64_t seconds, int64_t* offset, std::string* error);

}  // namespace atoll::cel
