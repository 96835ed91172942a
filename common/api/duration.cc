#include "common/api/duration.h"

#include <cstdint>
#include <limits>
#include <optional>

#include "common/api/object.h"
#include "common/base/strings.h"
#include "common/json/go_quote.h"

namespace atoll::api {
namespace {

constexpr int64_t kSecondNanos = 1'000'000'000;

struct Unit {
  std::string_view name;
  int64_t nanos;
};
constexpr Unit kUnits[] = {
    {"ns", 1},         {"us", 1000},        {"\xC2\xB5s", 1000},      {"\xCE\xBCs", 1000},
    {"ms", 1'000'000}, {"s", kSecondNanos}, {"m", 60 * kSecondNanos}, {"h", 3600 * kSecondNanos},
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view TakeDigits(std::string_view* s) {
  size_t n = 0;
  while (n < s->size() && IsDigit((*s)[n])) ++n;
  const std::string_view digits = s->substr(0, n);
  s->remove_prefix(n);
  return digits;
}

// Whole and fraction of a unit in nanoseconds; nothing when it does not fit.
std::optional<int64_t> Nanos(std::string_view whole, std::string_view fraction, int64_t unit) {
  __int128 total = 0;
  constexpr __int128 kMax = std::numeric_limits<int64_t>::max();
  for (char c : whole) {
    total = total * 10 + (c - '0');
    if (total > kMax) return std::nullopt;
  }
  total *= unit;
  double scale = static_cast<double>(unit), part = 0;
  for (char c : fraction.substr(0, 18)) {
    scale /= 10;
    part += scale * (c - '0');
  }
  total += static_cast<int64_t>(part);
  if (total > kMax) return std::nullopt;
  return static_cast<int64_t>(total);
}

// `<n>a` with `<m>b` behind it unless m is zero.
std::string Two(int64_t n, char a, int64_t m, char b) { return m == 0 ? StrCat(n, a) : StrCat(n, a, m, b); }

}  // namespace

absl::StatusOr<absl::Duration> ParseGoDuration(std::string_view s) {
  const auto fail = [&](std::string_view what) {
    return absl::InvalidArgumentError(StrCat("time: ", what, " duration ", json::GoQuote(s)));
  };
  std::string_view rest = s;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return absl::ZeroDuration();
  if (rest.empty()) return fail("invalid");
  int64_t total = 0;
  while (!rest.empty()) {
    const std::string_view whole = TakeDigits(&rest);
    std::string_view fraction;
    if (rest.starts_with('.')) {
      rest.remove_prefix(1);
      fraction = TakeDigits(&rest);
    }
    if (whole.empty() && fraction.empty()) return fail("invalid");
    size_t n = 0;
    while (n < rest.size() && rest[n] != '.' && !IsDigit(rest[n])) ++n;
    if (n == 0) return fail("missing unit in");
    const Unit* unit = nullptr;
    for (const Unit& u : kUnits) {
      if (u.name == rest.substr(0, n)) unit = &u;
    }
    if (unit == nullptr) return fail(StrCat("unknown unit ", json::GoQuote(rest.substr(0, n)), " in"));
    rest.remove_prefix(n);
    const std::optional<int64_t> part = Nanos(whole, fraction, unit->nanos);
    if (!part || __builtin_add_overflow(total, *part, &total)) return fail("invalid");
  }
  return absl::Nanoseconds(negative ? -total : total);
}

std::string HumanDuration(absl::Duration d) {
  const int64_t seconds = absl::ToInt64Seconds(d), minutes = seconds / 60, hours = minutes / 60, days = hours / 24,
                years = days / 365;
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return StrCat(seconds, 's');
  if (minutes < 10) return Two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return StrCat(minutes, 'm');
  if (hours < 8) return Two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return StrCat(hours, 'h');
  if (days < 8) return Two(days, 'd', hours % 24, 'h');
  if (days < 365 * 2) return StrCat(days, 'd');
  if (days < 365 * 8) return Two(years, 'y', days % 365, 'd');
  return StrCat(years, 'y');
}

std::string HumanAge(std::string_view created, absl::Time now) {
  if (created.empty()) return "<unknown>";
  const std::optional<absl::Time> t = api::ParseTime(created);
  return t ? HumanDuration(now - *t) : "<invalid>";
}

}  // namespace atoll::api
