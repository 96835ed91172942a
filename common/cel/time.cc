#include "common/cel/time.h"

#include <charconv>
#include <cmath>
#include <cstdio>

#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "common/api/duration.h"
#include "common/base/strings.h"
#include "common/json/go_quote.h"

namespace atoll::cel {
namespace {

constexpr int64_t kSecondsPerDay = 86400;

// Days since 1970-01-01 of a proleptic Gregorian date, counted in eras of 400 years that begin in March.
int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

bool IsLeap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int DaysInMonth(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[month - 1];
}

// `digits` digits at the front of *s.
bool TakeNumber(std::string_view* s, size_t digits, int low, int high, int* out) {
  if (s->size() < digits) return false;
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    const char c = (*s)[i];
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  s->remove_prefix(digits);
  *out = value;
  return value >= low && value <= high;
}

bool Take(std::string_view* s, char c) {
  if (s->empty() || s->front() != c) return false;
  s->remove_prefix(1);
  return true;
}

bool TakeDate(std::string_view* s, int64_t* days) {
  int year, month, day;
  if (!TakeNumber(s, 4, 0, 9999, &year) || !Take(s, '-') || !TakeNumber(s, 2, 1, 12, &month) || !Take(s, '-') ||
      !TakeNumber(s, 2, 1, 31, &day) || day > DaysInMonth(year, month)) {
    return false;
  }
  *days = DaysFromCivil(year, month, day);
  return true;
}

bool InRange(int64_t seconds) { return seconds >= kTimestampMin && seconds <= kTimestampMax; }

}  // namespace

bool ParseDate(std::string_view text, TimePoint* out) {
  int64_t days;
  if (!TakeDate(&text, &days) || !text.empty()) return false;
  *out = {days * kSecondsPerDay, 0};
  return InRange(out->seconds);
}

bool ParseTimestamp(std::string_view text, TimePoint* out) {
  int64_t days;
  int hour, minute, second;
  if (!TakeDate(&text, &days) || !Take(&text, 'T') || !TakeNumber(&text, 2, 0, 23, &hour) || !Take(&text, ':') ||
      !TakeNumber(&text, 2, 0, 59, &minute) || !Take(&text, ':') || !TakeNumber(&text, 2, 0, 59, &second)) {
    return false;
  }
  uint32_t nanoseconds = 0;
  if (Take(&text, '.') || Take(&text, ',')) {
    size_t digits = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits) {
      if (digits < 9) nanoseconds = nanoseconds * 10 + static_cast<uint32_t>(text.front() - '0');
    }
    if (digits == 0) return false;
    for (; digits < 9; ++digits) nanoseconds *= 10;
  }
  int64_t offset = 0;
  if (!Take(&text, 'Z')) {
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
    const int sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
    int hours, minutes;
    if (!TakeNumber(&text, 2, 0, 24, &hours) || !Take(&text, ':') || !TakeNumber(&text, 2, 0, 60, &minutes)) {
      return false;
    }
    offset = sign * (hours * 3600 + minutes * 60);
  }
  if (!text.empty()) return false;
  *out = {days * kSecondsPerDay + hour * 3600 + minute * 60 + second - offset, nanoseconds};
  return InRange(out->seconds);
}

bool ParseDuration(std::string_view text, int64_t* nanoseconds) {
  const auto duration = api::ParseGoDuration(text);
  if (!duration.ok()) return false;
  *nanoseconds = absl::ToInt64Nanoseconds(*duration);
  return absl::Nanoseconds(*nanoseconds) == *duration;
}

CivilTime CivilAt(int64_t seconds) {
  int64_t days = seconds / kSecondsPerDay;
  int64_t rest = seconds % kSecondsPerDay;
  if (rest < 0) {
    rest += kSecondsPerDay;
    --days;
  }
  const int64_t shifted = days + 719468;
  const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const int64_t day_of_era = shifted - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  CivilTime out;
  out.day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  out.month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  out.year = year_of_era + era * 400 + (out.month <= 2 ? 1 : 0);
  out.hour = static_cast<int>(rest / 3600);
  out.minute = static_cast<int>(rest % 3600 / 60);
  out.second = static_cast<int>(rest % 60);
  out.day_of_week = static_cast<int>(((days + 4) % 7 + 7) % 7);
  out.day_of_year = static_cast<int>(days - DaysFromCivil(out.year, 1, 1));
  return out;
}

std::string FormatTimestamp(TimePoint t) {
  const CivilTime c = CivilAt(t.seconds);
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%04d-%02d-%02dT%02d:%02d:%02d", static_cast<int>(c.year), c.month, c.day,
                c.hour, c.minute, c.second);
  std::string out = buffer;
  if (t.nanoseconds != 0) {
    std::snprintf(buffer, sizeof buffer, ".%09u", t.nanoseconds);
    out += buffer;
    while (out.back() == '0') out.pop_back();
  }
  return out + "Z";
}

std::string FormatGoDuration(int64_t nanoseconds) {
  if (nanoseconds == 0) return "0s";
  uint64_t rest = nanoseconds < 0 ? 0 - static_cast<uint64_t>(nanoseconds) : static_cast<uint64_t>(nanoseconds);
  const auto fraction = [](uint64_t value, uint64_t unit) {  // value/unit, as many digits as needed
    std::string out = StrCat(value / unit);
    uint64_t part = value % unit;
    if (part == 0) return out;
    out += '.';
    for (uint64_t digit = unit / 10; part > 0; digit /= 10) {
      out += static_cast<char>('0' + part / digit);
      part %= digit;
    }
    return out;
  };
  std::string out = nanoseconds < 0 ? "-" : "";
  if (rest < 1000) return StrCat(out, rest, "ns");
  if (rest < 1000000) return StrCat(out, fraction(rest, 1000), "\xC2\xB5s");
  if (rest < 1000000000) return StrCat(out, fraction(rest, 1000000), "ms");
  const uint64_t hours = rest / 3600000000000u;
  rest %= 3600000000000u;
  const uint64_t minutes = rest / 60000000000u;
  rest %= 60000000000u;
  if (hours > 0) StrAppend(&out, hours, "h");
  if (hours > 0 || minutes > 0) StrAppend(&out, minutes, "m");
  return StrCat(out, fraction(rest, 1000000000), "s");
}

std::string FormatSeconds(int64_t nanoseconds) {
  // As Go computes it: whole seconds and the rest, each a double.
  const double seconds =
      static_cast<double>(nanoseconds / 1000000000) + static_cast<double>(nanoseconds % 1000000000) / 1e9;
  return FormatDoublePlain(seconds) + "s";
}

std::string FormatDouble(double d) {
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d > 0 ? "+Inf" : "-Inf";
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, d, std::chars_format::scientific).ptr;
  const std::string_view scientific(buffer, static_cast<size_t>(end - buffer));
  const size_t e = scientific.find('e');
  int exponent = 0;
  std::from_chars(scientific.data() + e + (scientific[e + 1] == '+' ? 2 : 1), end, exponent);
  if (exponent < -4 || exponent >= 6) return std::string(scientific);
  return FormatDoublePlain(d);
}

std::string FormatDoublePlain(double d) {
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d > 0 ? "+Inf" : "-Inf";
  char buffer[512];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, d, std::chars_format::fixed).ptr;
  return std::string(buffer, end);
}

bool ZoneOffset(std::string_view zone, int64_t seconds, int64_t* offset, std::string* error) {
  const size_t colon = zone.find(':');
  if (colon == std::string_view::npos) {
    absl::TimeZone loaded = absl::UTCTimeZone();
    if (!zone.empty() && zone != "UTC" &&
        (zone.find("..") != std::string_view::npos || zone.front() == '/' ||
         !absl::LoadTimeZone(std::string(zone), &loaded))) {
      *error = StrCat("unknown time zone ", zone);
      return false;
    }
    *offset = loaded.At(absl::FromUnixSeconds(seconds)).offset;
    return true;
  }
  const std::string_view hours_text = zone.substr(0, colon), minutes_text = zone.substr(colon + 1);
  int64_t hours = 0, minutes = 0;
  for (const auto& [text, value] : {std::pair{hours_text, &hours}, {minutes_text, &minutes}}) {
    if (text.size() > 9 || !absl::SimpleAtoi(ToAbsl(text), value) || text.find(' ') != std::string_view::npos) {
      *error = StrCat("strconv.Atoi: parsing ", json::GoQuote(text), ": invalid syntax");
      return false;
    }
  }
  if (minutes < 0 || minutes > 59) {
    *error = StrCat("timezone offset minutes out of range [0, 59]: ", zone);
    return false;
  }
  *offset = (zone.front() == '-' ? hours * 60 - minutes : hours * 60 + minutes) * 60;
  return true;
}

}  // namespace atoll::cel
