#include "common/api/go_time.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "common/api/errors.h"
#include "common/base/strings.h"

namespace atoll::api {
namespace {

constexpr std::string_view kSecondsLayout = "2006-01-02T15:04:05Z07:00";
constexpr std::string_view kMicrosLayout = "2006-01-02T15:04:05.000000Z07:00";
constexpr size_t kMicroDigits = 6;

bool DigitAt(std::string_view s, size_t at) {
  return at < s.size() && absl::ascii_isdigit(static_cast<unsigned char>(s[at]));
}

int Number(std::string_view digits) {
  int n = 0;
  for (char c : digits) n = n * 10 + (c - '0');
  return n;
}

bool IsLeap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysIn(int month, int year) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[static_cast<size_t>(month - 1)];
}

// Takes the text apart from left to right; the first part that does not fit is the one reported.
class Reader {
 public:
  Reader(std::string_view text, TimeLayout layout)
      : text_(text), rest_(text), layout_(layout == TimeLayout::kSeconds ? kSecondsLayout : kMicrosLayout) {}

  bool Literal(std::string_view literal) {
    if (!rest_.starts_with(literal)) return Cannot(rest_, literal);
    rest_.remove_prefix(literal.size());
    return true;
  }

  // Exactly `count` digits.
  bool Digits(size_t count, std::string_view element, int* out) {
    for (size_t i = 0; i < count; ++i) {
      if (!DigitAt(rest_, i)) return Cannot(rest_, element);
    }
    *out = Number(rest_.substr(0, count));
    rest_.remove_prefix(count);
    return true;
  }

  bool InRange(bool in_range, std::string_view what) {
    if (!in_range) error_ = Cat("parsing time ", GoQuote(text_), ": ", what, " out of range");
    return in_range;
  }

  // Go reads a fraction behind the seconds even where the layout has none.
  void SkippedFraction(int* nanos) {
    if (rest_.empty() || (rest_[0] != '.' && rest_[0] != ',') || !DigitAt(rest_, 1)) return;
    size_t end = 1;
    while (DigitAt(rest_, end)) ++end;
    ReadFraction(end, nanos);
  }

  bool Fraction(int* nanos) {
    constexpr std::string_view kElement = ".000000";
    if (rest_.size() < kMicroDigits + 1 || (rest_[0] != '.' && rest_[0] != ',')) return Cannot(rest_, kElement);
    for (size_t i = 1; i <= kMicroDigits; ++i) {
      if (!DigitAt(rest_, i)) return Cannot(rest_, kElement);
    }
    ReadFraction(kMicroDigits + 1, nanos);
    return true;
  }

  bool Zone(int* offset_seconds) {
    constexpr std::string_view kElement = "Z07:00";
    *offset_seconds = 0;
    if (rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      return true;
    }
    const bool shape = rest_.size() >= 6 && (rest_[0] == '+' || rest_[0] == '-') && DigitAt(rest_, 1) &&
                       DigitAt(rest_, 2) && rest_[3] == ':' && DigitAt(rest_, 4) && DigitAt(rest_, 5);
    if (!shape) return Cannot(rest_, kElement);
    const int hours = Number(rest_.substr(1, 2)), minutes = Number(rest_.substr(4, 2));
    if (!InRange(hours <= 24, "time zone offset hour") || !InRange(minutes <= 60, "time zone offset minute"))
      return false;
    *offset_seconds = (hours * 60 + minutes) * 60 * (rest_[0] == '-' ? -1 : 1);
    rest_.remove_prefix(6);
    return true;
  }

  bool End() {
    if (rest_.empty()) return true;
    error_ = Cat("parsing time ", GoQuote(text_), ": extra text: ", GoQuote(rest_));
    return false;
  }

  absl::Status error() const { return absl::InvalidArgumentError(error_); }

 private:
  bool Cannot(std::string_view value, std::string_view element) {
    error_ = Cat("parsing time ", GoQuote(text_), " as ", GoQuote(layout_), ": cannot parse ", GoQuote(value), " as ",
                 GoQuote(element));
    return false;
  }

  // The first `end` characters: a separator and digits, of which nine count.
  void ReadFraction(size_t end, int* nanos) {
    std::string digits(rest_.substr(1, std::min<size_t>(end - 1, 9)));
    digits.append(9 - digits.size(), '0');
    *nanos = Number(digits);
    rest_.remove_prefix(end);
  }

  const std::string_view text_;
  std::string_view rest_;
  const std::string_view layout_;
  std::string error_;
};

}  // namespace

absl::StatusOr<absl::Time> ParseGoTime(std::string_view text, TimeLayout layout) {
  Reader in(text, layout);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, nanos = 0, offset = 0;
  const bool micros = layout == TimeLayout::kMicros;
  bool read = in.Digits(4, "2006", &year) && in.Literal("-") && in.Digits(2, "01", &month) &&
              in.InRange(month >= 1 && month <= 12, "month") && in.Literal("-") && in.Digits(2, "02", &day) &&
              in.Literal("T") && in.Digits(2, "15", &hour) && in.InRange(hour < 24, "hour") && in.Literal(":") &&
              in.Digits(2, "04", &minute) && in.InRange(minute < 60, "minute") && in.Literal(":") &&
              in.Digits(2, "05", &second) && in.InRange(second < 60, "second");
  if (read && !micros) in.SkippedFraction(&nanos);
  read = read && (!micros || in.Fraction(&nanos)) && in.Zone(&offset) && in.End() &&
         in.InRange(day >= 1 && day <= DaysIn(month, year), "day");
  if (!read) return in.error();
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  return absl::FromCivil(civil, absl::UTCTimeZone()) - absl::Seconds(offset) + absl::Nanoseconds(nanos);
}

}  // namespace atoll::api
